//! `/contacts`, and contacts inside of other requests.

use super::body::{error, flat, object};
use super::state::{Contact, State};
use crate::wire::{Answer, Ask, Outcome};
use serde_json::{Map, Value, json};

const PAGE: usize = 25;

/// Finds the contact by e-mail or phone number, or adds one; given fields replace the earlier ones.
pub(crate) fn upsert(state: &mut State, given: Option<&Value>) -> Result<String, Answer> {
    let empty = Map::new();
    let given = match given {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(error(400, "contact must be an object")),
    };
    let email = field(given, "email")?.map(|email| email.to_lowercase());
    if email.as_ref().is_some_and(|email| !email.contains('@')) {
        return Err(error(400, "contact.email must be an email"));
    }
    let phone = field(given, "phone_number")?;
    let same = |contact: &Contact| match &email {
        Some(_) => contact.email == email,
        None => phone.is_some() && contact.phone_number == phone,
    };
    let known = state.contacts.iter().find(|(_, contact)| same(contact)).map(|(id, _)| id.clone());
    let id = known.unwrap_or_else(|| state.ids.uuid());
    merge(state, &id, given)?;
    Ok(id)
}

fn merge(state: &mut State, id: &str, given: &Map<String, Value>) -> Result<(), Answer> {
    let custom_data = flat(given.get("custom_data"), "contact.custom_data")?;
    if let Some((key, _)) = custom_data.iter().find(|(_, value)| !value.is_string()) {
        return Err(error(400, &format!("contact.custom_data.{key} must be a string")));
    }
    let (email, name, phone) = (field(given, "email")?, field(given, "name")?, field(given, "phone_number")?);
    let contact = state.contacts.entry(id.to_owned()).or_default();
    contact.email = email.map(|email| email.to_lowercase()).or(contact.email.take());
    contact.name = name.or(contact.name.take());
    contact.phone_number = phone.or(contact.phone_number.take());
    contact.custom_data.extend(custom_data);
    Ok(())
}

/// A text; an empty one counts as absent.
fn field(given: &Map<String, Value>, name: &str) -> Result<Option<String>, Answer> {
    match given.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(error(400, &format!("contact.{name} must be a string"))),
    }
}

pub(crate) fn create(state: &mut State, ask: &Ask) -> Outcome {
    let id = upsert(state, Some(&Value::Object(object(ask)?)))?;
    Ok(Answer::new(201, shown(state, &id)))
}

pub(crate) fn patch(state: &mut State, ask: &Ask, id: &str) -> Outcome {
    if !state.contacts.contains_key(id) {
        return Err(error(404, "Contact not found"));
    }
    merge(state, id, &object(ask)?)?;
    Ok(Answer::ok(shown(state, id)))
}

pub(crate) fn list(state: &State, ask: &Ask) -> Answer {
    let after = ask.query("cursor").unwrap_or_default();
    let rest: Vec<&String> = state.contacts.keys().filter(|id| id.as_str() > after).collect();
    let page: Vec<Value> = rest.iter().take(PAGE).map(|id| shown(state, id)).collect();
    let next = rest.get(PAGE - 1).filter(|_| rest.len() > PAGE);
    Answer::ok(json!({ "items": page, "next": next }))
}

fn shown(state: &State, id: &str) -> Value {
    state.contacts.get(id).map(|contact| contact.show(id)).unwrap_or_default()
}
