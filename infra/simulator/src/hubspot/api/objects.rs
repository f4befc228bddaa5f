//! `/crm/v3/objects/{type}` and its dated forms: <https://developers.hubspot.com/docs/api/crm/contacts>, <https://developers.hubspot.com/docs/api/crm/tickets>, <https://developers.hubspot.com/docs/api/crm/notes>.

use super::request::{Cx, page};
use super::{associations, search};
use crate::hubspot::error::{extend, method_not_allowed, no_route, not_found, validation};
use crate::hubspot::state::{Author, Key, Kind, values};
use crate::wire::{Answer, Outcome};
use serde_json::{Value, json};

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let [kind, rest @ ..] = rest else { return Err(no_route()) };
    let kind = Kind::parse(kind).ok_or_else(|| validation("Unable to infer object type"))?;
    let reads = cx.reads() || matches!(rest, ["search"] | ["batch", "read"]);
    cx.require(&[kind.scope(!reads)])?;
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
    // Each associated record is read with the scope of its own kind.
    let scopes: Vec<&str> = associations.iter().filter_map(|name| Kind::parse(name)).map(|k| k.scope(false)).collect();
    cx.require(&scopes)?;
    let shown = cx.state.crm.show(key, &cx.ask.list("properties"), &associations);
    shown.map(Answer::ok).ok_or_else(not_found)
}

fn list(cx: &Cx<'_>, kind: Kind) -> Answer {
    let limit: usize = cx.ask.query("limit").and_then(|l| l.parse().ok()).unwrap_or(10).min(100);
    let after: u64 = cx.ask.query("after").and_then(|a| a.parse().ok()).unwrap_or(0);
    let (properties, associations) = (cx.ask.list("properties"), cx.ask.list("associations"));
    let ids: Vec<u64> =
        cx.state.crm.of_kind(kind).map(|(id, _)| id).filter(|id| *id >= after).take(limit + 1).collect();
    let show = |id: &u64| cx.state.crm.show((kind, *id), &properties, &associations);
    let shown: Vec<Value> = ids.iter().take(limit).filter_map(show).collect();
    Answer::ok(page(&shown, ids.get(limit).map(ToString::to_string)))
}

fn create(cx: &mut Cx<'_>, kind: Kind) -> Outcome {
    let body = cx.body()?;
    let values = values::check(&cx.state.crm, kind, body.get("properties"), None)?;
    let linked = associations::wanted(&cx.state.crm, kind, body.get("associations"))?;
    let names: Vec<String> = values.keys().cloned().collect();
    let id = cx.state.insert_record(kind, values, &linked, Author::App);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let shown = cx.state.crm.show((kind, id), &names, &[]).ok_or_else(not_found)?;
    Ok(Answer::new(201, shown))
}

fn update(cx: &mut Cx<'_>, key: Key) -> Outcome {
    let body = cx.body()?;
    let values = values::check(&cx.state.crm, key.0, body.get("properties"), Some(key.1))?;
    let names: Vec<String> = values.keys().cloned().collect();
    cx.state.change_record(key, values, Author::App);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut answer = Answer::ok(cx.state.crm.show(key, &names, &[]).ok_or_else(not_found)?);
    extend(&mut answer, json!({ "archived": false }));
    Ok(answer)
}
