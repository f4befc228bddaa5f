//! One value in HubSpot's notation and in OpenCX's: numbers, checkboxes, choices, days and moments.

use crate::{MAX_TEXT, truncate};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Number, Value};

/// The kind of a property's values. On HubSpot's wire they are all texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyKind {
    /// HubSpot's `string`.
    Text,
    /// HubSpot's `number`.
    Number,
    /// HubSpot's `bool`: `true` or `false`.
    Checkbox,
    /// HubSpot's `enumeration`: one of the options, or several joined by `;`.
    Choice,
    /// HubSpot's `date`: a day.
    Date,
    /// HubSpot's `datetime`: a moment.
    DateTime,
    /// A kind that we have no rule for.
    Other(String),
}

/// A property that the portal's tickets can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyShape {
    /// The internal name.
    pub name: String,
    /// The kind of its values.
    pub kind: PropertyKind,
    /// The values a choice can have.
    pub options: Vec<String>,
    /// Kept by HubSpot itself: it cannot be written.
    pub read_only: bool,
}

/// Why a value is not one the property can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Custom data can be nested, properties cannot.
    #[error("its value is a list or an object")]
    Nested,
    /// Not a number.
    #[error("the property takes numbers")]
    NotANumber,
    /// Neither true nor false.
    #[error("the property takes true or false")]
    NotAFlag,
    /// None of the options.
    #[error("its value is none of the property's options")]
    NotAnOption,
    /// Neither a day nor a moment.
    #[error("the property takes a date")]
    NotATime,
}

/// Long values are compared by their hash.
const LONGEST: usize = 200;
/// A number above this is milliseconds since 1970 (2001-09-09), below it is no moment.
const FIRST_MILLISECOND: i64 = 1_000_000_000_000;

/// Whether there is nothing to write.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The kind a property for such a value would have.
pub(crate) fn kind_of(value: &Value) -> PropertyKind {
    match value {
        Value::Number(_) => PropertyKind::Number,
        Value::Bool(_) => PropertyKind::Checkbox,
        _ => PropertyKind::Text,
    }
}

/// The text HubSpot takes.
pub(crate) fn to_text(value: &Value, shape: &PropertyShape) -> Result<String, Misfit> {
    let text = match (value, &shape.kind) {
        (Value::Array(list), PropertyKind::Choice) => {
            let texts: Option<Vec<String>> = list.iter().map(scalar).collect();
            texts.ok_or(Misfit::Nested)?.join(";")
        }
        (value, _) => scalar(value).ok_or(Misfit::Nested)?,
    };
    match &shape.kind {
        PropertyKind::Text | PropertyKind::Other(_) => Ok(text),
        PropertyKind::Number => number(&text).map(|number| number.to_string()).ok_or(Misfit::NotANumber),
        PropertyKind::Checkbox => flag(&text).map(|flag| flag.to_string()).ok_or(Misfit::NotAFlag),
        PropertyKind::Choice => options(&text, &shape.options).ok_or(Misfit::NotAnOption),
        PropertyKind::Date => day(&text).map(|day| day.to_string()).ok_or(Misfit::NotATime),
        PropertyKind::DateTime => moment(&text).map(|at| at.to_string()).ok_or(Misfit::NotATime),
    }
}

/// A property's value as custom data takes it. A text that is not of the kind stays a text.
pub fn to_custom_data(text: &str, kind: &PropertyKind) -> Value {
    let typed = match kind {
        PropertyKind::Number => number(text).map(Value::Number),
        PropertyKind::Checkbox => flag(text).map(Value::Bool),
        PropertyKind::Date => day(text).map(|day| Value::String(day.to_string())),
        PropertyKind::DateTime => moment(text).map(|at| Value::String(at.to_string())),
        PropertyKind::Text | PropertyKind::Choice | PropertyKind::Other(_) => None,
    };
    typed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// The same for two texts that mean the same value: `12.0` and `12`, `2026-11-20` and its milliseconds.
///
/// Short values are their own fingerprint; long ones have that of their hash.
pub fn fingerprint(text: &str, kind: &PropertyKind) -> String {
    let text = text.trim();
    let canonical = match kind {
        PropertyKind::Number => number(text).map(|number| number.to_string()),
        PropertyKind::Checkbox => flag(text).map(|flag| flag.to_string()),
        PropertyKind::Date => day(text).map(|day| day.to_string()),
        PropertyKind::DateTime => moment(text).map(|at| at.to_string()),
        PropertyKind::Choice => {
            let mut chosen: Vec<&str> = text.split(';').map(str::trim).filter(|one| !one.is_empty()).collect();
            chosen.sort_unstable();
            Some(chosen.join(";"))
        }
        PropertyKind::Text | PropertyKind::Other(_) => None,
    };
    let canonical = canonical.unwrap_or_else(|| text.to_owned());
    if canonical.len() <= LONGEST && !canonical.starts_with("sha256:") {
        return canonical;
    }
    let hash = ring::digest::digest(&ring::digest::SHA256, canonical.as_bytes());
    format!("sha256:{}", crate::dedup_key::hex(hash.as_ref()))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(truncate(text.trim(), MAX_TEXT).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whole numbers stay exact; `12.0` is `12`.
fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    let whole = format!("{number:.0}").parse::<i64>().ok().filter(|_| number.fract() == 0.0 && number.abs() < 1e15);
    whole.map(Number::from).or_else(|| Number::from_f64(number))
}

fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// Each part as the option writes it; case does not matter.
fn options(text: &str, options: &[String]) -> Option<String> {
    let option = |wanted: &str| {
        let wanted = wanted.trim();
        let exact = options.iter().find(|option| *option == wanted);
        exact.or_else(|| options.iter().find(|option| option.eq_ignore_ascii_case(wanted))).cloned()
    };
    // Where HubSpot lists no options, as for owners, it knows better than we do.
    if options.is_empty() {
        return Some(text.to_owned());
    }
    let chosen: Option<Vec<String>> = text.split(';').filter(|one| !one.trim().is_empty()).map(option).collect();
    chosen.filter(|chosen| !chosen.is_empty()).map(|chosen| chosen.join(";"))
}

/// Of a day or a moment; HubSpot's own form of a day is midnight UTC in milliseconds.
fn day(text: &str) -> Option<Date> {
    text.trim()
        .parse()
        .ok()
        .filter(|_| text.trim().len() == 10)
        .or_else(|| Some(moment(text)?.to_zoned(TimeZone::UTC).date()))
}

/// To the millisecond, which is what HubSpot keeps.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let at = match text.parse::<i64>() {
        Ok(millis) if millis >= FIRST_MILLISECOND => Timestamp::from_millisecond(millis).ok()?,
        Ok(_) => return None,
        Err(_) => match text.parse::<Timestamp>() {
            Ok(at) => at,
            Err(_) => text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp(),
        },
    };
    at.round(jiff::TimestampRound::new().smallest(jiff::Unit::Millisecond).mode(jiff::RoundMode::Floor)).ok()
}

#[cfg(test)]
mod tests;
