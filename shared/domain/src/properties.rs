//! Custom data and ticket properties: which belongs to which, and what a value of the one is in the other.

use crate::property_value::{self, Misfit, PropertyKind, PropertyShape};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The last value of a property that HubSpot and OpenCX both had.
#[derive(Clone, PartialEq, Eq)]
pub struct Agreed {
    /// Its [`fingerprint`](crate::fingerprint).
    pub value: String,
    /// When it was changed, by HubSpot's clock as far as HubSpot told.
    pub at: Timestamp,
    /// The custom data key it goes with.
    pub key: String,
    /// The change came from HubSpot.
    pub by_hubspot: bool,
}

// Short values are their own fingerprint.
debug_only!(Agreed { at, by_hubspot });

/// The result of writing custom data into ticket properties.
#[derive(Default, PartialEq, Eq)]
pub struct ToProperties {
    /// By property: the custom data key it comes from, and the value to write.
    pub write: BTreeMap<String, (String, String)>,
    /// Keys whose values are not written, and why.
    pub left_out: Vec<(String, LeftOut)>,
    /// Properties the portal lacks, which could be created: name, key and kind.
    pub absent: Vec<(String, String, PropertyKind)>,
}

/// Why a key's value is not written, for a warning that names the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeftOut {
    /// The portal lacks the property.
    #[error("the portal has no ticket property for it")]
    Unknown,
    /// The property is HubSpot's or ours.
    #[error("the property is not written from custom data")]
    Reserved,
    /// HubSpot refuses writes.
    #[error("HubSpot keeps the property itself")]
    ReadOnly,
    /// Only one key can win.
    #[error("another key goes to the same property")]
    Taken,
    /// The value is not one the property can have.
    #[error(transparent)]
    Misfit(Misfit),
}

/// The properties to write, and what is left out.
///
/// A mapped key goes where the map says; another one to the property of the same normalised name, if the portal has it.
/// Empty values are left out without a word: writing them would clear what a rep has entered.
pub fn to_properties(
    custom_data: &BTreeMap<String, Value>,
    map: &BTreeMap<String, String>,
    known: &[PropertyShape],
) -> ToProperties {
    let mut result = ToProperties::default();
    let filled = custom_data.iter().filter(|(_, value)| !property_value::is_empty(value));
    let target = |key: &String| map.get(key).map_or_else(|| property_name(key), |mapped| mapped.trim().to_owned());
    // A mapped key comes before one that merely has the name; so does the name itself before a variant of it.
    let mut wanted: Vec<(&String, &Value, String)> = filled.map(|(key, value)| (key, value, target(key))).collect();
    wanted.sort_by_key(|(key, _, name)| (!map.contains_key(*key), *key != name));
    let mut taken = BTreeSet::new();
    for (key, value, name) in wanted {
        let left_out = match known.iter().find(|shape| shape.name == name) {
            _ if is_reserved(&name) => LeftOut::Reserved,
            _ if !taken.insert(name.clone()) => LeftOut::Taken,
            Some(shape) if shape.read_only => LeftOut::ReadOnly,
            Some(shape) => match property_value::to_text(value, shape) {
                Ok(text) => {
                    result.write.insert(name, (key.clone(), text));
                    continue;
                }
                Err(misfit) => LeftOut::Misfit(misfit),
            },
            None => {
                if is_name(&name) && !matches!(value, Value::Array(_) | Value::Object(_)) {
                    result.absent.push((name, key.clone(), property_value::kind_of(value)));
                }
                LeftOut::Unknown
            }
        };
        result.left_out.push((key.clone(), left_out));
    }
    result.left_out.sort_by(|a, b| a.0.cmp(&b.0));
    result
}

/// The custom data key of a property: the one it was written from, else the map's, else its own name.
pub fn key_of(property: &str, map: &BTreeMap<String, String>, agreed: Option<&Agreed>) -> String {
    let mapped = || map.iter().find(|(_, mapped)| mapped.trim() == property).map(|(key, _)| key.clone());
    agreed.map(|agreed| agreed.key.clone()).or_else(mapped).unwrap_or_else(|| property.to_owned())
}

/// The properties whose changes matter although nobody tells of them: the mapped ones, and those written before.
pub fn watched<'a>(map: &'a BTreeMap<String, String>, agreed: &'a BTreeMap<String, Agreed>) -> BTreeSet<&'a str> {
    let all = map.values().map(|name| name.trim()).chain(agreed.keys().map(String::as_str));
    all.filter(|name| !is_reserved(name)).collect()
}

/// Never written from custom data: they are HubSpot's, or ours.
pub fn is_reserved(name: &str) -> bool {
    name.starts_with("hs_") || name.starts_with("opencx_") || matches!(name, "subject" | "content" | "hubspot_owner_id")
}

/// HubSpot's internal names are lower case with underscores, begin with a letter and have at most 100 characters.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() <= 100
}

fn property_name(key: &str) -> String {
    let name: String =
        key.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests;
