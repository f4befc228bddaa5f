//! The CRM as a rep sees and changes it.

use super::asked::{numbered, rep};
use crate::controls::locked;
use crate::hubspot::portal::Portal;
use crate::hubspot::state::{Author, Kind, State, deal_pipelines, values};
use crate::hubspot::webhooks;
use crate::wire::{Answer, Ask, Outcome, id_text, iso, joined, list, text};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn route(state: &mut State, ask: &Ask, parts: &[&str]) -> Outcome {
    match (ask.method.as_str(), parts) {
        ("GET", ["_sim", "tickets"]) => Ok(Answer::ok(all(state, Kind::Ticket, show_ticket))),
        ("GET", ["_sim", "tickets", id]) => show_ticket(state, numbered(id)?).map(Answer::ok).ok_or_else(no_ticket),
        ("PATCH", ["_sim", "tickets", id]) => {
            let (id, body) = (numbered(id)?, ask.read::<Value>()?);
            state.crm.get((Kind::Ticket, id)).ok_or_else(no_ticket)?;
            let author = author(state, text(&body, "by").unwrap_or("A-100"))?;
            let values = values::check(&state.crm, Kind::Ticket, body.get("properties"), Some(id))?;
            state.change_record((Kind::Ticket, id), values, author);
            show_ticket(state, id).map(Answer::ok).ok_or_else(no_ticket)
        }
        ("POST", ["_sim", "tickets", id, "merge"]) => merge(state, numbered(id)?, &ask.read::<Value>()?),
        ("DELETE", ["_sim", "tickets", id]) => {
            let id = numbered(id)?;
            state.crm.records.get_mut(&(Kind::Ticket, id)).ok_or_else(no_ticket)?.archived = true;
            state.emit("ticket.deletion", id, json!({ "changeFlag": "DELETED", "changeSource": "CRM_UI" }));
            Ok(Answer::ok(json!({})))
        }
        // A privacy deletion: HubSpot forgets the person for good.
        ("DELETE", ["_sim", "contacts", id]) => {
            let id = numbered(id)?;
            let gone = state.crm.records.remove(&(Kind::Contact, id));
            gone.ok_or_else(|| Answer::problem(404, "there is no such contact"))?;
            state.emit("contact.privacyDeletion", id, json!({}));
            Ok(Answer::ok(json!({})))
        }
        ("GET", ["_sim", "contacts"]) => Ok(Answer::ok(all(state, Kind::Contact, show_contact))),
        ("GET", ["_sim", "contacts", id]) => {
            let shown = show_contact(state, numbered(id)?);
            shown.map(Answer::ok).ok_or_else(|| Answer::problem(404, "there is no such contact"))
        }
        _ => Err(Answer::no_control()),
    }
}

/// HubSpot merges the ticket into another one, which keeps its id.
fn merge(state: &mut State, gone: u64, body: &Value) -> Outcome {
    let into = body.get("into").and_then(id_text).map_or(Err(no_ticket()), |id| numbered(&id))?;
    let (gone, into) = ((Kind::Ticket, gone), (Kind::Ticket, into));
    if state.crm.get(gone).is_none() || state.crm.get(into).is_none() {
        return Err(no_ticket());
    }
    state.crm.merge(gone, into);
    for thread in state.threads.values_mut().filter(|thread| thread.ticket == Some(gone.1)) {
        thread.ticket = Some(into.1);
    }
    let fields = json!({
        "primaryObjectId": into.1, "mergedObjectIds": [gone.1], "newObjectId": null, "numberOfPropertiesMoved": 3,
        "changeFlag": "MERGED", "changeSource": "CRM_UI",
    });
    state.emit("ticket.merge", into.1, fields);
    Ok(Answer::ok(json!({})))
}

fn no_ticket() -> Answer {
    Answer::problem(404, "there is no such ticket")
}

fn ids(state: &State, from: (Kind, u64), to: Kind) -> Vec<String> {
    state.crm.linked(from, to).iter().map(ToString::to_string).collect()
}

fn author(state: &State, named: &str) -> Result<Author, Answer> {
    Ok(Author::User(rep(state, named)?.user_id))
}

fn all(state: &State, kind: Kind, show: fn(&State, u64) -> Option<Value>) -> Value {
    let ids: Vec<u64> = state.crm.of_kind(kind).map(|(id, _)| id).collect();
    ids.into_iter().filter_map(|id| show(state, id)).collect()
}

fn show_ticket(state: &State, id: u64) -> Option<Value> {
    let key = (Kind::Ticket, id);
    let record = state.crm.get(key)?;
    let note = |note: u64| {
        let body = state.crm.get((Kind::Note, note))?.properties.get("hs_note_body").cloned().unwrap_or_default();
        Some(json!({ "id": note.to_string(), "body": body }))
    };
    let notes: Vec<Value> = state.crm.linked(key, Kind::Note).into_iter().filter_map(note).collect();
    let contacts = ids(state, key, Kind::Contact);
    Some(
        json!({ "ticket_id": id.to_string(), "properties": record.properties, "contact_ids": contacts, "notes": notes }),
    )
}

fn show_contact(state: &State, id: u64) -> Option<Value> {
    let key = (Kind::Contact, id);
    let record = state.crm.get(key)?;
    let tickets = ids(state, key, Kind::Ticket);
    Some(json!({ "contact_id": id.to_string(), "properties": record.properties, "ticket_ids": tickets }))
}

/// `POST /_sim/records`: a rep adds a record to the CRM.
pub(crate) fn create(state: &mut State, ask: &Ask) -> Outcome {
    let wrong = |what: &str| Answer::problem(400, what);
    let body: Value = ask.read()?;
    let kind = text(&body, "type").and_then(Kind::parse).ok_or_else(|| wrong("type is none of HubSpot's"))?;
    let mut values = values::check(&state.crm, kind, body.get("properties"), None)?;
    if kind == Kind::Deal {
        let stages = deal_pipelines().into_iter().flat_map(|pipeline| pipeline.stages);
        let closed: Vec<String> = stages.filter(|stage| stage.closed).map(|stage| stage.id).collect();
        let is = values.get("dealstage").is_some_and(|stage| closed.contains(stage));
        values.insert("hs_is_closed".to_owned(), is.to_string());
    }
    let neighbour = |one: &Value| {
        let kind = text(one, "type").and_then(Kind::parse)?;
        let key = (kind, one.get("id").and_then(id_text)?.parse().ok()?);
        state.crm.get(key).map(|_| key)
    };
    let listed = list(&body, "associated").iter();
    let linked: Option<Vec<_>> = listed.map(neighbour).collect();
    let linked = linked.ok_or_else(|| wrong("a record to associate is not there"))?;
    let author = author(state, text(&body, "by").unwrap_or("A-100"))?;
    let id = state.insert_record(kind, values, &linked, author);
    for contact in linked.iter().filter(|(other, _)| (kind, *other) == (Kind::Company, Kind::Contact)) {
        let first =
            state.crm.get(*contact).is_some_and(|record| !record.properties.contains_key("associatedcompanyid"));
        if first {
            let primary = [("associatedcompanyid".to_owned(), id.to_string())];
            state.crm.change(*contact, primary.into_iter().collect(), state.now);
        }
    }
    Ok(Answer::new(201, json!({ "id": id.to_string() })))
}

/// `POST /_sim/notes`
pub(crate) fn write_note(portal: &Arc<Portal>, ask: &Ask) -> Outcome {
    let body: Value = ask.read()?;
    let ticket = body.get("ticket_id").and_then(id_text).map_or(Err(no_ticket()), |id| numbered(&id))?;
    let owner = body.get("owner_id").and_then(id_text);
    let wait = body.get("association_delay_ms").and_then(Value::as_u64).map(Duration::from_millis);
    let mut state = locked(&portal.state);
    state.now = portal.clock.now();
    state.crm.get((Kind::Ticket, ticket)).ok_or_else(no_ticket)?;
    let mate = rep(&state, owner.as_deref().unwrap_or("A-100"))?.clone();
    let html = text(&body, "body").unwrap_or_default();
    let mut properties = json!({ "hs_note_body": html, "hs_timestamp": iso(state.now) });
    if owner.is_some() {
        properties = joined(properties, json!({ "hubspot_owner_id": mate.owner_id.to_string() }));
    }
    let values = values::check(&state.crm, Kind::Note, Some(&properties), None)?;
    let at_once: Vec<_> = wait.is_none().then_some((Kind::Ticket, ticket)).into_iter().collect();
    let note = state.insert_record(Kind::Note, values, &at_once, Author::User(mate.user_id));
    drop(state);
    if let Some(wait) = wait {
        let portal = portal.clone();
        tokio::spawn(async move {
            portal.clock.sleep(wait).await;
            locked(&portal.state).crm.link((Kind::Note, note), (Kind::Ticket, ticket));
            webhooks::flush(&portal);
        });
    }
    Ok(Answer::new(201, json!({ "note_id": note.to_string() })))
}
