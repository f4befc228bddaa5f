//! `/crm/v3/objects/{type}` and its dated forms: <https://developers.hubspot.com/docs/api/crm/contacts>, <https://developers.hubspot.com/docs/api/crm/tickets>, <https://developers.hubspot.com/docs/api/crm/notes>.

use super::crm::{Author, Key, Kind};
use super::error::{extend, method_not_allowed, no_route, not_found, validation};
use super::state::State;
use super::values::Values;
use super::{Cx, associations, search, values};
use crate::wire::{Answer, Outcome};
use serde_json::{Value, json};

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let [kind, rest @ ..] = rest else { return Err(no_route()) };
    let kind = Kind::parse(kind).ok_or_else(|| validation("Unable to infer object type"))?;
    let reads = cx.ask.method == http::Method::GET || matches!(rest, ["search"] | ["batch", "read"]);
    cx.state.account.require(&[kind.scope(!reads)])?;
    match (cx.ask.method.as_str(), rest) {
        ("POST", []) => create(cx, kind),
        ("GET", []) => Ok(list(cx, kind)),
        ("POST", ["search"]) => search::search(cx, kind),
        ("POST", ["batch", "read"]) => search::batch_read(cx, kind),
        ("GET", [id]) => {
            let id = locate(cx, kind, id)?;
            show(cx, (kind, id))
        }
        ("PATCH", [id]) => {
            let id = locate(cx, kind, id)?;
            update(cx, (kind, id))
        }
        ("DELETE", [id]) => {
            let id = locate(cx, kind, id)?;
            if let Some(record) = cx.state.crm.records.get_mut(&(kind, id)) {
                record.archived = true;
            }
            Ok(Answer::empty(204))
        }
        (_, [] | [_] | ["batch", "read"]) => Err(method_not_allowed()),
        _ => Err(no_route()),
    }
}

/// The record a path names by id, or by the unique property in `idProperty`.
fn locate(cx: &Cx<'_>, kind: Kind, named: &str) -> Result<u64, Answer> {
    let crm = &cx.state.crm;
    let by = match cx.ask.query("idProperty") {
        None | Some("hs_object_id") => {
            let id = named.parse().ok().and_then(|id| crm.survivor((kind, id)));
            return id.ok_or_else(not_found);
        }
        Some(by) => by,
    };
    let unique = (kind == Kind::Contact && by == "email")
        || crm.properties.get(&(kind, by.to_owned())).is_some_and(|property| property.unique);
    if !unique {
        let message = format!("Unable to perform get by non-unique {} property {by}", kind.singular());
        return Err(validation(&message));
    }
    crm.find(kind, by, named).ok_or_else(not_found)
}

fn show(cx: &Cx<'_>, key: Key) -> Outcome {
    let associations = cx.ask.list("associations");
    if let Some(unknown) = associations.iter().find(|name| Kind::parse(name).is_none()) {
        return Err(validation(&format!("Unable to infer object type from: {unknown}")));
    }
    // What belongs to a record is read with the scope of its own kind.
    let scopes: Vec<&str> = associations.iter().filter_map(|name| Kind::parse(name)).map(|k| k.scope(false)).collect();
    cx.state.account.require(&scopes)?;
    let shown = cx.state.crm.show(key, &cx.ask.list("properties"), &associations);
    shown.map(Answer::ok).ok_or_else(not_found)
}

fn list(cx: &Cx<'_>, kind: Kind) -> Answer {
    let limit: usize = cx.ask.query("limit").and_then(|l| l.parse().ok()).unwrap_or(10).min(100);
    let after: u64 = cx.ask.query("after").and_then(|a| a.parse().ok()).unwrap_or(0);
    let (properties, associations) = (cx.ask.list("properties"), cx.ask.list("associations"));
    let ids: Vec<u64> =
        cx.state.crm.of_kind(kind).map(|(id, _)| id).filter(|id| *id >= after).take(limit + 1).collect();
    let shown = ids.iter().take(limit).filter_map(|id| cx.state.crm.show((kind, *id), &properties, &associations));
    let mut page = json!({ "results": shown.collect::<Vec<Value>>() });
    if let (Some(next), Value::Object(fields)) = (ids.get(limit), &mut page) {
        fields.insert("paging".to_owned(), json!({ "next": { "after": next.to_string() } }));
    }
    Answer::ok(page)
}

fn create(cx: &mut Cx<'_>, kind: Kind) -> Outcome {
    let body = cx.body()?;
    let values = values::check(&cx.state.crm, kind, body.get("properties"), None)?;
    let linked = associations::wanted(&cx.state.crm, kind, body.get("associations"))?;
    let names: Vec<String> = values.keys().cloned().collect();
    let id = insert(cx.state, kind, values, &linked, Author::App);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let shown = cx.state.crm.show((kind, id), &names, &[]).ok_or_else(not_found)?;
    Ok(Answer::new(201, shown))
}

/// Creates a record of checked values; the events follow. As captured, property events come before the creation's.
pub(crate) fn insert(state: &mut State, kind: Kind, mut values: Values, linked: &[Key], author: Author) -> u64 {
    let id = state.next_id();
    values.retain(|_, value| !value.is_empty());
    let now = state.now;
    state.crm.insert((kind, id), values.clone(), author, now);
    for to in linked {
        state.crm.link((kind, id), *to);
    }
    property_events(state, (kind, id), values, author);
    if kind == Kind::Note {
        note_created(state, id, author);
    }
    id
}

fn note_created(state: &mut State, id: u64, author: Author) {
    let (source, source_id) = author.source();
    let fields =
        json!({ "objectTypeId": "0-46", "changeFlag": "CREATED", "changeSource": source, "sourceId": source_id });
    state.emit("object.creation", id, fields);
}

fn update(cx: &mut Cx<'_>, key: Key) -> Outcome {
    let body = cx.body()?;
    let values = values::check(&cx.state.crm, key.0, body.get("properties"), Some(key.1))?;
    let names: Vec<String> = values.keys().cloned().collect();
    change(cx.state, key, values, Author::App);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut answer = Answer::ok(cx.state.crm.show(key, &names, &[]).ok_or_else(not_found)?);
    extend(&mut answer, json!({ "archived": false }));
    Ok(answer)
}

/// Writes checked values; an event follows for each that changed.
pub(crate) fn change(state: &mut State, key: Key, mut values: Values, author: Author) {
    if let Some(closed) = closed_date(state, key, &values) {
        values.insert("closed_date".to_owned(), closed);
    }
    let changed = state.crm.change(key, values, state.now);
    property_events(state, key, changed, author);
}

/// HubSpot keeps the date by itself when a ticket enters or leaves a closed stage.
fn closed_date(state: &State, key: Key, values: &Values) -> Option<String> {
    let entered = values.get("hs_pipeline_stage").filter(|_| key.0 == Kind::Ticket)?;
    let record = state.crm.get(key)?;
    let pipeline = values.get("hs_pipeline").or_else(|| record.properties.get("hs_pipeline"))?;
    let pipeline = state.crm.pipelines.iter().find(|p| p.id == *pipeline)?;
    let closed = pipeline.stages.iter().any(|s| s.id == *entered && s.closed);
    Some(if closed { crate::wire::iso(state.now) } else { String::new() })
}

/// Only tickets have a subscription for their properties.
fn property_events(state: &mut State, key: Key, values: impl IntoIterator<Item = (String, String)>, author: Author) {
    if key.0 != Kind::Ticket {
        return;
    }
    let (source, source_id) = author.source();
    for (name, value) in values {
        let fields = json!({
            "propertyName": name, "propertyValue": value, "changeSource": source, "sourceId": source_id,
            "isSensitive": false,
        });
        state.emit("ticket.propertyChange", key.1, fields);
    }
}
