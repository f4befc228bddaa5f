//! Bodies as OpenCX reads them, and its errors.

use crate::wire::{Answer, Ask, joined};
use serde_json::{Map, Value, json};

/// The body of a status that a fault asks for.
pub(crate) fn body_of(status: u16) -> Value {
    let name = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
    let message = if status == 429 { "ThrottlerException: Too Many Requests" } else { name };
    json!({ "statusCode": status, "message": message, "error": name })
}

/// OpenCX's error body.
pub(crate) fn error(status: u16, message: &str) -> Answer {
    Answer::new(status, joined(body_of(status), json!({ "message": message })))
}

/// The fields of a request; no body has none.
pub(crate) fn object(ask: &Ask) -> Result<Map<String, Value>, Answer> {
    match ask.json() {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Null) => Ok(Map::new()),
        _ => Err(error(400, "the body is no JSON object")),
    }
}

/// Custom data: texts, numbers and flags; nested values are refused.
pub(crate) fn flat(fields: Option<&Value>, name: &str) -> Result<Map<String, Value>, Answer> {
    let fields = match fields {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(error(400, &format!("{name} must be an object"))),
    };
    match fields.iter().find(|(_, value)| !(value.is_string() || value.is_number() || value.is_boolean())) {
        Some((key, _)) => Err(error(400, &format!("{name}.{key} must be a string, a number or a boolean"))),
        None => Ok(fields.clone()),
    }
}
