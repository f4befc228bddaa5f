//! Custom data as ticket properties.

use crate::{MAX_TEXT, truncate};
use serde_json::Value;
use std::collections::BTreeMap;

/// The properties to write, and the keys for which the portal has none.
///
/// A mapped key goes where the map says; another one to the property of the same normalised name, if the portal has it.
/// Empty values are left out: writing them would clear what a rep has entered.
pub fn to_properties(
    custom_data: &BTreeMap<String, Value>,
    map: &BTreeMap<String, String>,
    known: &[String],
) -> (BTreeMap<String, String>, Vec<String>) {
    let mut properties = BTreeMap::new();
    let mut unknown = Vec::new();
    for (key, value) in custom_data {
        let name = map.get(key).map_or_else(|| property_name(key), |mapped| mapped.trim().to_owned());
        match text_of(value) {
            Some(text) if known.contains(&name) && !is_reserved(&name) => {
                properties.insert(name, text);
            }
            Some(_) => unknown.push(key.clone()),
            None => {}
        }
    }
    (properties, unknown)
}

/// Never written from custom data: they are HubSpot's, or ours.
fn is_reserved(name: &str) -> bool {
    name.starts_with("hs_") || name.starts_with("opencx_") || matches!(name, "subject" | "content" | "hubspot_owner_id")
}

/// HubSpot's internal names are lower case with underscores.
fn property_name(key: &str) -> String {
    let name: String =
        key.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    name.trim_matches('_').to_owned()
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(truncate(text.trim(), MAX_TEXT).to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
