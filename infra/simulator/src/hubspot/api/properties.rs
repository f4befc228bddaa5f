//! Property definitions: <https://developers.hubspot.com/docs/api/crm/properties>.

use super::request::Cx;
use crate::hubspot::error::{error, fields_missing, method_not_allowed, not_found, validation};
use crate::hubspot::state::{Kind, Property};
use crate::wire::{Answer, Outcome, text};
use serde_json::json;

/// `/crm/v3/properties/{type}…`
pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let [kind, rest @ ..] = rest else { return Err(not_found()) };
    let kind = Kind::parse(kind).ok_or_else(|| validation("Unable to infer object type"))?;
    let write = !cx.reads();
    cx.require(&[schema_scope(kind, write)])?;
    match (cx.ask.method.as_str(), rest) {
        ("GET", []) => {
            let of_kind = cx.state.crm.properties.iter().filter(|((k, _), _)| *k == kind);
            Ok(Answer::ok(json!({ "results": of_kind.map(|(_, p)| p.show()).collect::<Vec<_>>() })))
        }
        ("GET", ["groups"]) => {
            let of_kind = cx.state.crm.groups.iter().filter(|(k, _)| *k == kind);
            let groups =
                of_kind.map(|(_, name)| json!({ "name": name, "label": name, "archived": false, "displayOrder": -1 }));
            Ok(Answer::ok(json!({ "results": groups.collect::<Vec<_>>() })))
        }
        ("GET", [name]) => {
            let found = cx.state.crm.properties.get(&(kind, (*name).to_owned()));
            found.map(|p| Answer::ok(p.show())).ok_or_else(not_found)
        }
        ("POST", []) => create(cx, kind),
        ("POST", ["groups"]) => create_group(cx, kind),
        _ => Err(method_not_allowed()),
    }
}

fn schema_scope(kind: Kind, write: bool) -> &'static str {
    match (kind, write) {
        (Kind::Contact, true) => "crm.schemas.contacts.write",
        _ => kind.scope(write),
    }
}

fn create_group(cx: &mut Cx<'_>, kind: Kind) -> Outcome {
    let body = cx.body()?;
    let name = text(&body, "name").ok_or_else(|| fields_missing(&["name"]))?.to_owned();
    let label = text(&body, "label").ok_or_else(|| fields_missing(&["label"]))?.to_owned();
    refuse_if_told(cx)?;
    if !cx.state.crm.groups.insert((kind, name.clone())) {
        return Err(error(409, "OBJECT_ALREADY_EXISTS", &format!("A property group named '{name}' already exists.")));
    }
    Ok(Answer::new(201, json!({ "name": name, "label": label, "displayOrder": -1, "archived": false })))
}

fn create(cx: &mut Cx<'_>, kind: Kind) -> Outcome {
    let body = cx.body()?;
    let required = ["name", "label", "groupName", "type", "fieldType"];
    let missing: Vec<&str> = required.into_iter().filter(|field| text(&body, field).is_none()).collect();
    if !missing.is_empty() {
        return Err(fields_missing(&missing));
    }
    let property = Property::read(&body)?;
    refuse_if_told(cx)?;
    if !cx.state.crm.groups.contains(&(kind, property.group.clone())) {
        return Err(validation(&format!("Property group '{}' does not exist", property.group)));
    }
    let key = (kind, property.name.clone());
    if cx.state.crm.properties.contains_key(&key) {
        let message = format!("A property named '{}' already exists.", property.name);
        return Err(error(409, "OBJECT_ALREADY_EXISTS", &message));
    }
    let shown = property.show();
    cx.state.crm.properties.insert(key, property);
    Ok(Answer::new(201, shown))
}

fn refuse_if_told(cx: &Cx<'_>) -> Result<(), Answer> {
    if cx.state.crm.refuses_properties {
        return Err(validation("This portal has reached its limit of custom properties for this object type."));
    }
    Ok(())
}
