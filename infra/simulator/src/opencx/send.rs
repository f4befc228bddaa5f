//! `POST /chat/sessions/{id}/send`: a message to the AI, and its answer.

use super::body::{error, flat, object};
use super::org::Org;
use super::script::{Rule, Shape};
use super::state::{NewEvent, State};
use super::{contacts, sessions};
use crate::controls::locked;
use crate::wire::{Answer, Ask, Outcome, joined, present, text};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The message is on the session at once. The AI's answer follows after the rule's delay, also when the caller has gone.
pub(crate) async fn send(org: &Org, ask: &Ask, id: &str) -> Outcome {
    let body = object(ask)?;
    let (words, message, rule) = {
        let mut state = locked(&org.state);
        let (words, message) = store(&mut state, &body, id)?;
        if text_of(&body, "sender") == "agent" {
            return Ok(message_only(&message));
        }
        let rule = Rule::for_text(&state.rules, &words);
        if state.session(id)?.handed_off {
            return Ok(silent(rule.shape, "session_assigned_to_human_agent", &message));
        }
        (words, message, rule)
    };
    if rule.delay_ms > 0 {
        org.clock.sleep(Duration::from_millis(rule.delay_ms)).await;
    }
    let mut state = locked(&org.state);
    state.now = org.clock.now();
    if state.session(id)?.handed_off && !rule.ignores_handoff {
        return Ok(silent(rule.shape, "response_cancelled", &message));
    }
    let spoken = rule.words(&words);
    let answer = match &spoken {
        Some(reply) => Some(state.record(id, NewEvent::new("message", "ai", reply.clone()).by(Some("AI")))?),
        None => None,
    };
    if rule.hands_off() {
        sessions::hand_off(&mut state, id, "ai", rule.reason())?;
    }
    let resolved = if rule.resolves() { Some(resolve(&mut state, id, &rule)?) } else { None };
    let autopilot = spoken.as_ref().map(|reply| {
        json!({ "type": "text", "value": { "error": false, "content": reply }, "id": answer, "mightSolveUserIssue": false })
    });
    let result = json!({
        "success": true, "code": null, "autopilotResponse": autopilot, "uiResponse": null,
        "sessionIsHandedOff": state.session(id)?.handed_off, "toolCallResultsQuickReplySuggestions": [],
    });
    let resolved = present(json!({ "resolveArgs": resolved }));
    let result = joined(result, resolved);
    Ok(shaped(rule.shape, result, spoken.as_deref(), &message))
}

fn text_of<'b>(body: &'b Map<String, Value>, name: &str) -> &'b str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Checks the request and stores its message; returns the text and the message's id.
fn store(state: &mut State, body: &Map<String, Value>, id: &str) -> Result<(String, String), Answer> {
    state.session(id)?;
    let null = Value::Null;
    let message =
        body.get("message").filter(|m| m.is_object()).ok_or_else(|| error(400, "message must be an object"))?;
    if text(message, "type") != Some("text") {
        return Err(error(400, "message.type must be text"));
    }
    let words = text(message, "text").ok_or_else(|| error(400, "message.text must be a string"))?.to_owned();
    let attachments = message.get("attachments").cloned().unwrap_or_else(|| json!([]));
    let listed = attachments.as_array().ok_or_else(|| error(400, "message.attachments must be an array"))?;
    let reachable = |a: &Value| {
        let web = text(a, "url").is_some_and(|url| url.starts_with("https://") || url.starts_with("http://"));
        (web || text(a, "base64").is_some()) && text(a, "name").is_some()
    };
    if !listed.iter().all(reachable) {
        return Err(error(400, "message.attachments must have a name, and a url or base64"));
    }
    if words.is_empty() && listed.is_empty() {
        return Err(error(400, "message.text should not be empty"));
    }
    let custom_data = flat(body.get("custom_data"), "custom_data")?;
    let sender = match text_of(body, "sender") {
        "contact" => "contact",
        "agent" => "human_agent",
        _ => return Err(error(400, "sender must be one of: contact, agent")),
    };
    let person = if sender == "contact" { body.get("contact") } else { body.get("agent") }.unwrap_or(&null);
    let name = text(person, "name").map(ToOwned::to_owned);
    let known = if sender == "contact" { contact_name(state, person, id)? } else { None };
    let event = NewEvent { kind: "message", sender, name: name.or(known), text: words.clone(), attachments };
    let message = state.record(id, event)?;
    state.session_mut(id)?.custom_data.extend(custom_data);
    if sender == "human_agent" && body.get("should_take_over_session_from_ai") == Some(&Value::Bool(true)) {
        state.record(id, NewEvent::new("human_agent_takeover", "human_agent", ""))?;
        state.session_mut(id)?.handed_off = true;
    }
    Ok((words, message))
}

/// A contact in the request is the session's from now on.
fn contact_name(state: &mut State, person: &Value, id: &str) -> Result<Option<String>, Answer> {
    if person.as_object().is_some_and(|fields| !fields.is_empty()) {
        let contact = contacts::upsert(state, Some(person))?;
        state.session_mut(id)?.contact = contact;
    }
    let session = state.session(id)?;
    Ok(state.contacts.get(&session.contact).and_then(|contact| contact.name.clone()))
}

fn resolve(state: &mut State, id: &str, rule: &Rule) -> Result<Value, Answer> {
    let summary = text(&rule.resolve, "summary").unwrap_or("Resolved by the AI").to_owned();
    let sentiment = text(&rule.resolve, "sentiment").unwrap_or("neutral").to_owned();
    let session = state.session_mut(id)?;
    session.status = "closed_resolved";
    session.closure = Some("resolved");
    (session.summary, session.sentiment) = (Some(summary.clone()), Some(sentiment.clone()));
    state.record(id, NewEvent::new("ai_resolved_issue", "ai", summary.clone()))?;
    Ok(json!({ "summary": summary, "sentiment": sentiment }))
}

fn silent(shape: Shape, code: &str, message: &str) -> Answer {
    let result = json!({
        "success": true, "code": code, "autopilotResponse": null, "uiResponse": null, "sessionIsHandedOff": true,
    });
    shaped(shape, result, None, message)
}

fn message_only(message: &str) -> Answer {
    Answer::new(201, json!({ "success": true, "data": { "message": { "id": message } } }))
}

fn shaped(shape: Shape, result: Value, spoken: Option<&str>, message: &str) -> Answer {
    match shape {
        Shape::Wrapped => Answer::new(201, json!({ "success": true, "data": result })),
        Shape::Flat => Answer::new(201, result),
        Shape::AiResponse => Answer::new(201, json!({ "ai_response": { "text": spoken } })),
        Shape::MessageOnly => message_only(message),
    }
}
