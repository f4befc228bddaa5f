//! `/chat/sessions`: create, list, read, change, history.

use super::body::{error, flat, object};
use super::contacts;
use super::state::{CHANNELS, NewEvent, STATUSES, Session, State};
use crate::wire::{Answer, Ask, Outcome, iso};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const PAGE: usize = 25;
const HISTORY_PAGE: usize = 50;

pub(crate) fn create(state: &mut State, ask: &Ask) -> Outcome {
    let body = object(ask)?;
    let id = from_body(state, &body)?;
    Ok(Answer::new(201, json!({ "id": id })))
}

/// Shared with the control that lets a session begin in OpenCX.
pub(crate) fn from_body(state: &mut State, body: &Map<String, Value>) -> Result<String, Answer> {
    let channel = match body.get("channel").and_then(|c| c.get("type").or(Some(c))) {
        None | Some(Value::Null) => "api",
        Some(channel) => {
            let known = CHANNELS.iter().find(|known| *channel == **known);
            known.copied().ok_or_else(|| error(400, "channel.type is not a channel"))?
        }
    };
    let custom_data = flat(body.get("custom_data"), "custom_data")?;
    let contact = match body.get("contact_id").and_then(Value::as_str) {
        Some(id) if state.contacts.contains_key(id) => id.to_owned(),
        Some(_) => return Err(error(400, "contact_id names no contact")),
        None => contacts::upsert(state, body.get("contact"))?,
    };
    Ok(state.add_session(channel, contact, custom_data))
}

pub(crate) fn get(state: &State, id: &str) -> Outcome {
    Ok(Answer::ok(show(state, state.session(id)?)))
}

/// Newest first.
pub(crate) fn list(state: &State, ask: &Ask) -> Outcome {
    let time = |name: &str| match ask.query(name).map(str::parse::<Timestamp>) {
        None => Ok(None),
        Some(Ok(time)) => Ok(Some(time)),
        Some(Err(_)) => Err(error(400, &format!("{name} must be an ISO 8601 date string"))),
    };
    let (after, before) = (time("created_after")?, time("created_before")?);
    let mut found: Vec<&Session> = state
        .sessions
        .values()
        .filter(|s| after.is_none_or(|t| s.created_at >= t) && before.is_none_or(|t| s.created_at <= t))
        .filter(|s| ask.query("status").is_none_or(|status| s.status == status))
        .filter(|s| ask.query("channel_type").is_none_or(|channel| s.channel == channel))
        .filter(|s| ask.query("handed_off").is_none_or(|flag| s.handed_off.to_string() == flag))
        .collect();
    found.sort_by_key(|session| std::cmp::Reverse(session.number));
    let cursor = ask.query("cursor").map(str::parse::<u64>).transpose().map_err(|_| error(400, "cursor is invalid"))?;
    let rest: Vec<&Session> = found.into_iter().filter(|s| cursor.is_none_or(|c| s.number < c)).collect();
    let page: Vec<Value> = rest.iter().take(PAGE).map(|s| show(state, s)).collect();
    let next = rest.get(PAGE - 1).filter(|_| rest.len() > PAGE).map(|last| last.number.to_string());
    Ok(Answer::ok(json!({ "items": page, "next": next })))
}

/// Changes the status; the answer has no body.
pub(crate) fn patch(state: &mut State, ask: &Ask, id: &str) -> Outcome {
    let body = object(ask)?;
    let status = match body.get("status") {
        None | Some(Value::Null) => None,
        Some(wanted) => {
            let known = STATUSES.iter().find(|known| *wanted == **known);
            Some(*known.ok_or_else(|| error(400, "status must be one of: open, closed_resolved, closed_unresolved"))?)
        }
    };
    for flag in ["generate_summary_and_sentiment_on_resolve", "reflect_status_change_for_integration"] {
        if body.get(flag).is_some_and(|value| !value.is_boolean()) {
            return Err(error(400, &format!("{flag} must be a boolean value")));
        }
    }
    let session = state.session_mut(id)?;
    session.reflected = body.get("reflect_status_change_for_integration").and_then(Value::as_bool);
    if let Some(status) = status {
        session.status = status;
        session.closure = None;
    }
    Ok(Answer::empty(200))
}

pub(crate) fn history(state: &State, ask: &Ask, id: &str) -> Outcome {
    let events = &state.session(id)?.history;
    let from = ask.query("cursor").map_or(Ok(0), str::parse::<usize>).map_err(|_| error(400, "cursor is invalid"))?;
    let page: Vec<Value> = events.iter().skip(from).take(HISTORY_PAGE).map(super::state::Event::show).collect();
    let next = (from + HISTORY_PAGE < events.len()).then(|| (from + HISTORY_PAGE).to_string());
    Ok(Answer::ok(json!({ "items": page, "next": next })))
}

/// The AI or a person hands the session to people: from now on the AI is silent.
pub(crate) fn hand_off(state: &mut State, id: &str, by: &'static str, reason: &str) -> Result<(), Answer> {
    if state.session(id)?.handed_off {
        return Ok(());
    }
    state.record(id, NewEvent::new("handoff", by, reason))?;
    state.session_mut(id)?.handed_off = true;
    Ok(())
}

fn show(state: &State, session: &Session) -> Value {
    let contact = state.contacts.get(&session.contact).map(|contact| contact.show(&session.contact));
    let handoff = session.handed_off.then(|| json!({ "summary": session.summary, "sentiment": session.sentiment }));
    let linked = |name: &str, kind: &str| {
        let id = session.hubspot.get(name)?;
        Some(json!({ "name": "hubspot", "external_id": id, "id_type": kind }))
    };
    let ticketing =
        linked("hubspot_ticket_id", "ticket_id").or_else(|| linked("hubspot_conversation_id", "conversation_id"));
    let mut shown = json!({
        "id": session.id, "status": session.status, "ai_closure_type": session.closure, "sentiment": session.sentiment,
        "channel": { "type": session.channel }, "ticket_number": session.number, "assist_mode": session.assist_mode,
        "created_at": iso(session.created_at), "updated_at": iso(session.updated_at), "contact": contact,
        "language": session.language, "assignee_id": null, "custom_data": session.custom_data, "team": null,
        "ticketing_system": ticketing, "summary": session.summary,
    });
    if let (Some(handoff), Value::Object(fields)) = (handoff, &mut shown) {
        fields.insert("handoff".to_owned(), handoff);
    }
    shown
}
