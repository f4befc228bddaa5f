//! Endpoints that OpenCX does not publish, as `shared/opencx` assumes them.

use super::body::{error, flat, object};
use super::sessions;
use super::state::{NewEvent, State};
use crate::wire::{Answer, Ask, Outcome, id_text};
use serde_json::{Value, json};

const HUBSPOT_IDS: &[&str] = &["hubspot_ticket_id", "hubspot_conversation_id", "hubspot_contact_id"];

/// `PUT …/handoff` `{"handed_off":bool,"reason"?}`
pub(crate) fn handoff(state: &mut State, ask: &Ask, id: &str) -> Outcome {
    let body = object(ask)?;
    let wanted = body.get("handed_off").and_then(Value::as_bool);
    let reason = match body.get("reason") {
        None | Some(Value::Null) => "",
        Some(Value::String(reason)) => reason,
        Some(_) => return Err(error(400, "reason must be a string")),
    };
    if wanted.ok_or_else(|| error(400, "handed_off must be a boolean value"))? {
        sessions::hand_off(state, id, "system", reason)?;
    } else {
        state.session_mut(id)?.handed_off = false;
    }
    Ok(Answer::ok(json!({})))
}

/// `POST …/notes` `{"note","author"?,"external_id"}`. A repeated request makes a second note.
pub(crate) fn note(state: &mut State, ask: &Ask, id: &str) -> Outcome {
    let body = object(ask)?;
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    let note = field("note").filter(|note| !note.is_empty()).ok_or_else(|| error(400, "note should not be empty"))?;
    field("external_id").ok_or_else(|| error(400, "external_id must be a string"))?;
    let event = NewEvent::new("human_agent_comment", "human_agent", note).by(field("author"));
    let id = state.record(id, event)?;
    Ok(Answer::new(201, json!({ "id": id })))
}

/// `PUT …/custom-data` `{"editable_custom_data":{…}}`
pub(crate) fn custom_data(state: &mut State, ask: &Ask, id: &str) -> Outcome {
    let body = object(ask)?;
    if !body.get("editable_custom_data").is_some_and(Value::is_object) {
        return Err(error(400, "editable_custom_data must be an object"));
    }
    let values = flat(body.get("editable_custom_data"), "editable_custom_data")?;
    state.session_mut(id)?.custom_data.extend(values);
    Ok(Answer::ok(json!({})))
}

/// `PUT …/hubspot`, with any of the three ids.
pub(crate) fn hubspot_ids(state: &mut State, ask: &Ask, id: &str) -> Outcome {
    let body = object(ask)?;
    if let Some(unknown) = body.keys().find(|name| !HUBSPOT_IDS.contains(&name.as_str())) {
        return Err(error(400, &format!("property {unknown} should not exist")));
    }
    let session = state.session_mut(id)?;
    for (name, value) in body {
        match id_text(&value) {
            Some(id) => session.hubspot.insert(name, json!(id)),
            None => session.hubspot.remove(&name),
        };
    }
    Ok(Answer::ok(json!({})))
}
