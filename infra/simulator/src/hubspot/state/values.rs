//! HubSpot's checks of a property's value. One bad value refuses the whole write.

use super::crm::Crm;
use super::kind::Kind;
use super::property::Property;
use crate::hubspot::error::{BadValue, bad_json, bad_values, error, fields_missing};
use crate::wire::Answer;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest text of a property, in UTF-16 units.
pub(crate) const MAX_TEXT: usize = 65_536;

pub(crate) type Values = BTreeMap<String, String>;

/// Reads and checks `properties` of a request. `id` is the record that is being changed, absent while creating.
pub(crate) fn check(crm: &Crm, kind: Kind, given: Option<&Value>, id: Option<u64>) -> Result<Values, Answer> {
    let Some(Value::Object(given)) = given else { return Err(fields_missing(&["properties"])) };
    let mut values = Values::new();
    let mut bad = Vec::new();
    for (name, value) in given {
        let value = plain(name, value)?;
        match check_one(crm, kind, name, &value) {
            Ok(()) => {
                values.insert(name.clone(), value);
            }
            Err(problem) => bad.push(problem),
        }
    }
    if !bad.is_empty() {
        return Err(bad_values(&bad));
    }
    if let Some(email) = values.get_mut("email").filter(|_| kind == Kind::Contact) {
        *email = email.trim().to_lowercase();
    }
    check_unique(crm, kind, &values, id)?;
    check_required(crm, kind, &mut values, id)?;
    Ok(values)
}

fn plain(name: &str, value: &Value) -> Result<String, Answer> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Array(_) | Value::Object(_) => {
            Err(bad_json(&format!("Cannot deserialize the value of property {name}")))
        }
    }
}

fn check_one(crm: &Crm, kind: Kind, name: &str, value: &str) -> Result<(), BadValue> {
    let problem = |code, message: String| Err(BadValue { name: name.to_owned(), code, message });
    let Some(property) = crm.properties.get(&(kind, name.to_owned())) else {
        return problem("PROPERTY_DOESNT_EXIST", format!("Property \"{name}\" does not exist"));
    };
    if property.read_only {
        return problem("READ_ONLY_VALUE", format!("\"{name}\" is a read only property; its value cannot be set."));
    }
    let length = value.encode_utf16().count();
    if length > MAX_TEXT {
        return problem(
            "VALUE_TOO_LONG",
            format!("{name} is {length} characters long, more than the {MAX_TEXT} allowed"),
        );
    }
    if value.is_empty() {
        return Ok(());
    }
    if kind == Kind::Contact && name == "email" && !is_email(value.trim()) {
        return problem("INVALID_EMAIL", format!("Email address {value} is invalid"));
    }
    match wrong_type(crm, property, value) {
        Some((code, message)) => problem(code, message),
        None => Ok(()),
    }
}

fn wrong_type(crm: &Crm, property: &Property, value: &str) -> Option<(&'static str, String)> {
    let one_of_options = || property.options.iter().any(|(option, _)| option == value);
    let many_of_options = || value.split(';').all(|v| property.options.iter().any(|(option, _)| option == v));
    let not_an_option = || ("INVALID_OPTION", format!("{value} was not one of the allowed options"));
    match property.value_type.as_str() {
        "number" if value.parse::<f64>().is_err() => Some(("INVALID_LONG", format!("{value} was not a valid number."))),
        "date" | "datetime" if !is_time(value) => Some(("INVALID_DATE", format!("{value} was not a valid date."))),
        "bool" if !one_of_options() => Some(not_an_option()),
        "enumeration" if !many_of_options() => Some(not_an_option()),
        "owner" if !crm.owner_ids.contains(value) => {
            Some(("INVALID_OWNER_ID", format!("Owner {value} does not exist")))
        }
        _ => None,
    }
}

/// Epoch milliseconds, a moment, or a day.
fn is_time(value: &str) -> bool {
    value.parse::<i64>().is_ok() || value.parse::<Timestamp>().is_ok() || value.parse::<jiff::civil::Date>().is_ok()
}

/// One `@`, something before it, and a domain with a dot in it, without spaces. HubSpot checks no more.
pub(crate) fn is_email(value: &str) -> bool {
    let Some((name, domain)) = value.split_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>,;\"()".contains(c));
    plain(name) && plain(domain) && domain.contains('.') && domain.split('.').all(|label| !label.is_empty())
}

fn check_unique(crm: &Crm, kind: Kind, values: &Values, id: Option<u64>) -> Result<(), Answer> {
    if let Some(email) = values.get("email").filter(|email| kind == Kind::Contact && !email.is_empty())
        && let Some(holder) = holder_of_address(crm, email).filter(|holder| Some(*holder) != id)
    {
        return Err(error(409, "CONFLICT", &format!("Contact already exists. Existing ID: {holder}")));
    }
    let unique = values.iter().filter_map(|(name, value)| {
        crm.properties.get(&(kind, name.clone())).filter(|p| p.unique).and_then(|p| taken(crm, kind, p, value, id))
    });
    let taken: Vec<BadValue> = unique.collect();
    if taken.is_empty() { Ok(()) } else { Err(bad_values(&taken)) }
}

/// A unique property's value that another record has already.
fn taken(crm: &Crm, kind: Kind, property: &Property, value: &str, by_other_than: Option<u64>) -> Option<BadValue> {
    let holder = if value.is_empty() { None } else { crm.find(kind, &property.name, value) };
    holder.filter(|holder| Some(*holder) != by_other_than).map(|holder| BadValue {
        name: property.name.clone(),
        code: "CONFLICTING_UNIQUE_VALUE",
        message: format!("{value} is already in use by {} {holder} and must be unique", kind.singular()),
    })
}

/// A second address counts, too. A read by e-mail is not sure to find it.
fn holder_of_address(crm: &Crm, email: &str) -> Option<u64> {
    let second = |own: &String| own.split(';').any(|one| one.trim().eq_ignore_ascii_case(email));
    let has = |properties: &BTreeMap<String, String>| properties.get("hs_additional_emails").is_some_and(second);
    let by_second = || crm.of_kind(Kind::Contact).find(|(_, record)| has(&record.properties)).map(|(id, _)| id);
    crm.find(Kind::Contact, "email", email).or_else(by_second)
}

fn check_required(crm: &Crm, kind: Kind, values: &mut Values, id: Option<u64>) -> Result<(), Answer> {
    let absent = |values: &Values, name: &str| values.get(name).is_none_or(String::is_empty);
    let required = |name: &str| {
        let message = format!("Error creating {}. Some required properties were not set: {name}", kind.plural());
        bad_values(&[BadValue { name: name.to_owned(), code: "REQUIRED_FIELD", message }])
    };
    if kind == Kind::Note && id.is_none() && absent(values, "hs_timestamp") {
        return Err(required("hs_timestamp"));
    }
    if kind != Kind::Ticket {
        return Ok(());
    }
    if id.is_none() && absent(values, "hs_pipeline_stage") {
        return Err(required("hs_pipeline_stage"));
    }
    if id.is_none() && absent(values, "hs_pipeline") {
        let default = crm.pipelines.first().map(|p| p.id.clone()).unwrap_or_default();
        values.insert("hs_pipeline".to_owned(), default);
    }
    if values.contains_key("hs_pipeline") || values.contains_key("hs_pipeline_stage") {
        check_stage(crm, values, id)?;
    }
    Ok(())
}

/// The stage must be one of the pipeline the ticket is in after the write.
fn check_stage(crm: &Crm, values: &Values, id: Option<u64>) -> Result<(), Answer> {
    let before = id.and_then(|id| crm.get((Kind::Ticket, id)));
    let after = |name: &str| {
        let old = before.and_then(|record| record.properties.get(name));
        values.get(name).or(old).map(String::as_str).unwrap_or_default()
    };
    let (pipeline, stage) = (after("hs_pipeline"), after("hs_pipeline_stage"));
    let problem = |name: &str, message: String| {
        Err(bad_values(&[BadValue { name: name.to_owned(), code: "INVALID_OPTION", message }]))
    };
    match crm.pipelines.iter().find(|p| p.id == pipeline) {
        None => problem("hs_pipeline", format!("{pipeline} is not a valid pipeline ID")),
        Some(found) if found.stages.iter().all(|s| s.id != stage) => {
            problem("hs_pipeline_stage", format!("{stage} is not a valid stage of the pipeline {pipeline}"))
        }
        Some(_) => Ok(()),
    }
}
