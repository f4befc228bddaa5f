//! Associations: <https://developers.hubspot.com/docs/api/crm/associations>.

use super::request::{Cx, batch, inputs};
use crate::hubspot::error::{fields_missing, method_not_allowed, no_route, not_found, validation};
use crate::hubspot::state::{Crm, Key, Kind};
use crate::wire::{Answer, Outcome, id_text};
use serde_json::{Value, json};

/// HubSpot's own association types; the first of a pair is the default.
const TYPES: &[(Kind, Kind, u64)] = &[
    (Kind::Ticket, Kind::Contact, 16),
    (Kind::Ticket, Kind::Company, 339),
    (Kind::Ticket, Kind::Company, 26),
    (Kind::Ticket, Kind::Deal, 28),
    (Kind::Ticket, Kind::Note, 227),
    (Kind::Contact, Kind::Ticket, 15),
    (Kind::Contact, Kind::Company, 279),
    (Kind::Contact, Kind::Company, 1),
    (Kind::Contact, Kind::Deal, 4),
    (Kind::Contact, Kind::Note, 201),
    (Kind::Company, Kind::Ticket, 340),
    (Kind::Company, Kind::Ticket, 25),
    (Kind::Company, Kind::Contact, 280),
    (Kind::Deal, Kind::Ticket, 27),
    (Kind::Deal, Kind::Contact, 3),
    (Kind::Note, Kind::Contact, 202),
    (Kind::Note, Kind::Company, 190),
    (Kind::Note, Kind::Deal, 214),
    (Kind::Note, Kind::Ticket, 228),
];

/// Reads the `associations` of a create request; every one must be of a known type and to a record that is there.
pub(crate) fn wanted(crm: &Crm, from: Kind, list: Option<&Value>) -> Result<Vec<Key>, Answer> {
    let Some(list) = list.filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| validation("associations must be a list"))?;
    list.iter().map(|association| one(crm, from, association)).collect()
}

fn one(crm: &Crm, from: Kind, association: &Value) -> Result<Key, Answer> {
    let id = association.pointer("/to/id").and_then(id_text).ok_or_else(|| fields_missing(&["to"]))?;
    let types = association.get("types").and_then(Value::as_array).ok_or_else(|| fields_missing(&["types"]))?;
    let mut to = None;
    for kind in types {
        if kind.get("associationCategory").is_none_or(|c| c != "HUBSPOT_DEFINED") {
            return Err(validation("associationCategory must be HUBSPOT_DEFINED"));
        }
        let number = kind.get("associationTypeId").and_then(Value::as_u64).unwrap_or(0);
        let known = TYPES.iter().find(|(f, _, n)| *f == from && *n == number);
        let (_, target, _) = known.ok_or_else(|| {
            validation(&format!("The association type {number} is not valid from {}", from.singular()))
        })?;
        to = Some(*target);
    }
    let to = to.ok_or_else(|| fields_missing(&["types"]))?;
    let key = id.parse().ok().map(|id| (to, id)).filter(|key| crm.get(*key).is_some());
    key.ok_or_else(|| validation(&format!("The {} {id} to associate does not exist", to.singular())))
}

fn types_of(from: Kind, to: Kind) -> Value {
    let number = TYPES.iter().find(|(f, t, _)| *f == from && *t == to).map(|(_, _, n)| *n);
    json!([{ "category": "HUBSPOT_DEFINED", "typeId": number, "label": null }])
}

fn shown(crm: &Crm, from: Key, to: Kind) -> Vec<Value> {
    let ids = crm.linked(from, to);
    ids.iter().map(|id| json!({ "toObjectId": id, "associationTypes": types_of(from.0, to) })).collect()
}

/// `/crm/v4/associations/{from}/{to}/batch/read` and its dated forms.
pub(crate) fn batch_read(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let [from, to, "batch", "read"] = rest else { return Err(no_route()) };
    let (Some(from), Some(to)) = (Kind::parse(from), Kind::parse(to)) else { return Err(no_route()) };
    if cx.ask.method != http::Method::POST {
        return Err(method_not_allowed());
    }
    cx.require(&[from.scope(false), to.scope(false)])?;
    let body = cx.body()?;
    let inputs = inputs(&body)?;
    let mut results = Vec::new();
    for id in inputs.iter().filter_map(|input| input.get("id").and_then(id_text)) {
        let linked = id.parse().map(|number| shown(&cx.state.crm, (from, number), to)).unwrap_or_default();
        if !linked.is_empty() {
            results.push(json!({ "from": { "id": id }, "to": linked }));
        }
    }
    Ok(Answer::ok(batch(&results, cx.state.now)))
}

/// `GET …/objects/{from}/{id}/associations/{to}`, which 2026-09 no longer has, and the default association's `PUT`.
pub(crate) fn of_object(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    match (cx.ask.method.as_str(), rest) {
        ("GET", [from, id, "associations", to]) => {
            let (from, to) = keys(cx, from, id, to, false)?;
            Ok(Answer::ok(json!({ "results": shown(&cx.state.crm, from, to) })))
        }
        ("PUT", [from, id, "associations", "default", to, to_id]) => {
            let (from, to) = keys(cx, from, id, to, true)?;
            let to = to_id.parse().ok().map(|id| (to, id)).filter(|key| cx.state.crm.get(*key).is_some());
            cx.state.crm.link(from, to.ok_or_else(not_found)?);
            Ok(Answer::ok(json!({ "status": "COMPLETE", "results": [] })))
        }
        _ => Err(no_route()),
    }
}

fn keys(cx: &Cx<'_>, from: &str, id: &str, to: &str, write: bool) -> Result<(Key, Kind), Answer> {
    let (Some(from), Some(to)) = (Kind::parse(from), Kind::parse(to)) else { return Err(no_route()) };
    cx.require(&[from.scope(write), to.scope(write)])?;
    let key = id.parse().ok().map(|id| (from, id)).filter(|key| cx.state.crm.get(*key).is_some());
    Ok((key.ok_or_else(not_found)?, to))
}
