//! The controls of the OpenCX simulator. These need an explanation:
//!
//! - rules of `POST /_sim/script` take `shape` (`wrapped`, `flat`, `ai_response`, `message_only`: how `send` answers),
//!   `reply: null` (OpenCX answers later), `handoff` as reason, `resolve` as `{summary,sentiment}`, and
//!   `ignores_handoff` (the AI answers although the session was handed off while it was thinking)
//! - `POST /_sim/reset` keeps the registered functions
//! - `PUT /_sim/key` `{"state":"revoked"|"ok"}`: the API key
//! - `PUT /_sim/defaults` `{assist_mode}`: the Assist Mode of new sessions
//! - `POST /_sim/sessions`, with the body of `POST /chat/sessions`: a session that begins in OpenCX -> `{session_id}`
//! - `PATCH /_sim/sessions/{id}` `{assist_mode?,language?,sentiment?,summary?,status?,handed_off?,custom_data?}`
//! - `POST /_sim/sessions/{id}/messages` `{sender:"contact"|"ai"|"agent",name?,text}` -> `{message_id}`: written in OpenCX
//! - sessions show `ticket_number`, `assist_mode`, `sentiment`, `summary`, `language`, `hubspot` (the ids the bundle
//!   linked) and `reflected` (what the last status change said about the integration), too

use super::body::object;
use super::org::Org;
use super::script::Script;
use super::sessions;
use super::state::{API_KEY, Event, NewEvent, STATUSES, Session, State};
use crate::controls::locked;
use crate::limits::Wanted;
use crate::wire::{Answer, Ask, Outcome, iso, shown, text};
use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use std::time::Duration;

/// A function may wait for the AI and for HubSpot.
const FUNCTION_WITHIN: Duration = Duration::from_secs(150);

pub(crate) async fn route(org: &Org, ask: &Ask) -> Answer {
    if let Some(answer) = org.controls.control(ask) {
        return answer;
    }
    let outcome = match (ask.method.as_str(), ask.parts().as_slice()) {
        ("POST", ["_sim", "invoke"]) => invoke(org, ask).await,
        (method, parts) => {
            let mut state = locked(&org.state);
            state.now = org.clock.now();
            if (method, parts) == ("POST", &["_sim", "reset"]) {
                org.controls.reset();
            }
            change(&mut state, ask, parts)
        }
    };
    outcome.unwrap_or_else(|refused| refused)
}

fn change(state: &mut State, ask: &Ask, parts: &[&str]) -> Outcome {
    let done = || Ok(Answer::ok(json!({})));
    match (ask.method.as_str(), parts) {
        ("GET", ["_sim", "portal"]) => Ok(Answer::ok(json!({ "api_key": API_KEY }))),
        ("POST", ["_sim", "reset"]) => {
            state.reset();
            done()
        }
        ("PUT", ["_sim", "functions"]) => {
            let body: Value = ask.read()?;
            let url = text(&body, "url").ok_or_else(|| Answer::problem(400, "url is missing"))?;
            state.functions_url = Some(url.trim_end_matches('/').to_owned());
            done()
        }
        ("PUT", ["_sim", "limits"]) => {
            state.limit(&ask.read::<Wanted>()?);
            done()
        }
        ("PUT", ["_sim", "key"]) => {
            state.key_revoked = text(&ask.read::<Value>()?, "state") == Some("revoked");
            done()
        }
        ("PUT", ["_sim", "defaults"]) => {
            state.assist_mode = ask.read::<Value>()?.get("assist_mode").and_then(Value::as_bool);
            done()
        }
        ("POST", ["_sim", "script"]) => {
            state.rules = ask.read::<Script>()?.rules;
            done()
        }
        (_, ["_sim", "sessions", rest @ ..]) => session(state, ask, rest),
        _ => Err(Answer::no_control()),
    }
}

fn session(state: &mut State, ask: &Ask, rest: &[&str]) -> Outcome {
    match (ask.method.as_str(), rest) {
        ("GET", []) => {
            let mut all: Vec<&Session> = state.sessions.values().collect();
            all.sort_by_key(|session| session.number);
            Ok(Answer::ok(all.into_iter().map(|session| show(state, session)).collect()))
        }
        ("POST", []) => {
            let id = sessions::from_body(state, &object(ask)?)?;
            Ok(Answer::new(201, json!({ "session_id": id })))
        }
        ("GET", [id]) => Ok(Answer::ok(show(state, state.session(id)?))),
        ("PATCH", [id]) => {
            let body: Value = ask.read()?;
            patch(state.session_mut(id)?, &body)?;
            Ok(Answer::ok(show(state, state.session(id)?)))
        }
        ("POST", [id, "messages"]) => {
            let body: Value = ask.read()?;
            let sender = match text(&body, "sender") {
                Some("contact") => "contact",
                Some("ai") => "ai",
                Some("agent") => "human_agent",
                _ => return Err(Answer::problem(400, "sender must be one of: contact, ai, agent")),
            };
            let words = text(&body, "text").unwrap_or_default();
            let event = NewEvent::new("message", sender, words).by(text(&body, "name"));
            Ok(Answer::new(201, json!({ "message_id": state.record(id, event)? })))
        }
        _ => Err(Answer::no_control()),
    }
}

fn patch(session: &mut Session, body: &Value) -> Result<(), Answer> {
    if let Some(wanted) = text(body, "status") {
        let known = STATUSES.iter().find(|known| **known == wanted);
        session.status = known.ok_or_else(|| Answer::problem(400, "there is no such status"))?;
    }
    if let Some(Value::Object(data)) = body.get("custom_data") {
        session.custom_data.extend(data.clone());
    }
    if let Some(flag) = body.get("handed_off").and_then(Value::as_bool) {
        session.handed_off = flag;
    }
    if let Some(assist) = body.get("assist_mode") {
        session.assist_mode = assist.as_bool();
    }
    for (name, field) in
        [("language", &mut session.language), ("sentiment", &mut session.sentiment), ("summary", &mut session.summary)]
    {
        if let Some(value) = body.get(name) {
            *field = value.as_str().map(ToOwned::to_owned);
        }
    }
    Ok(())
}

/// Calls a function of the bundle through the Lambda Invoke API, as the OpenCX backend would, and passes its answer on.
async fn invoke(org: &Org, ask: &Ask) -> Outcome {
    let body: Value = ask.read()?;
    let function = text(&body, "function").ok_or_else(|| Answer::problem(400, "function is missing"))?;
    let url = locked(&org.state).functions_url.clone();
    let url = url.ok_or_else(|| Answer::problem(409, "no functions are registered: PUT /_sim/functions"))?;
    let payload = Bytes::from(body.get("payload").unwrap_or(&Value::Null).to_string());
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{url}/2015-03-31/functions/{function}/invocations"))
        .header("content-type", "application/json")
        .body(payload)
        .map_err(|e| Answer::problem(400, &e.to_string()))?;
    match org.functions.send(request, FUNCTION_WITHIN).await {
        Ok(answer) => {
            let failed = answer.headers().get("x-amz-function-error").and_then(|v| v.to_str().ok());
            let failed = failed.map(|v| ("x-amz-function-error".to_owned(), v.to_owned()));
            let headers = failed.into_iter().collect();
            Ok(Answer { status: answer.status().as_u16(), body: Some(shown(answer.body())), headers })
        }
        Err(error) => Err(Answer::problem(502, &error.to_string())),
    }
}

fn show(state: &State, session: &Session) -> Value {
    let of_kind = |kind: &'static str| session.history.iter().filter(move |event| event.kind == kind);
    let message = |event: &Event| {
        let sender = if event.sender == "human_agent" { "agent" } else { event.sender };
        json!({ "id": event.id, "sender": sender, "name": event.name, "text": event.text, "at": iso(event.at), "attachments": event.attachments })
    };
    let note = |event: &Event| json!({ "text": event.text, "at": iso(event.at), "author": event.name });
    json!({
        "session_id": session.id, "status": session.status, "handed_off": session.handed_off,
        "channel": session.channel, "contact": state.contacts.get(&session.contact).map(|c| c.show(&session.contact)),
        "custom_data": session.custom_data, "ticket_number": session.number, "assist_mode": session.assist_mode,
        "sentiment": session.sentiment, "summary": session.summary, "language": session.language,
        "hubspot": session.hubspot, "reflected": session.reflected, "created_at": iso(session.created_at),
        "messages": of_kind("message").map(message).collect::<Vec<_>>(),
        "notes": of_kind("human_agent_comment").map(note).collect::<Vec<_>>(),
    })
}
