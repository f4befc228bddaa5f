//! HubSpot's error bodies: <https://developers.hubspot.com/docs/api/error-handling>. `correlationId` is added where the answer leaves.

use crate::wire::{Answer, joined};
use serde_json::{Value, json};

pub(crate) fn error(status: u16, category: &str, message: &str) -> Answer {
    Answer::new(status, json!({ "status": "error", "message": message, "category": category }))
}

pub(crate) fn validation(message: &str) -> Answer {
    error(400, "VALIDATION_ERROR", message)
}

pub(crate) fn not_found() -> Answer {
    error(404, "OBJECT_NOT_FOUND", "resource not found")
}

/// There is no such route. HubSpot's answer has no category then.
pub(crate) fn no_route() -> Answer {
    Answer::new(404, json!({ "status": "error", "message": "Unable to find the requested resource" }))
}

pub(crate) fn method_not_allowed() -> Answer {
    error(405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed")
}

pub(crate) fn bad_json(detail: &str) -> Answer {
    validation(&format!("Invalid input JSON on line 1, column 1: {detail}"))
}

pub(crate) fn fields_missing(names: &[&str]) -> Answer {
    bad_json(&format!("Some required fields were not set: [{}]", names.join(", ")))
}

/// All of `names` must be there.
pub(crate) fn require_fields(body: &Value, names: &[&'static str]) -> Result<(), Answer> {
    let missing: Vec<&str> = names.iter().copied().filter(|name| body.get(name).is_none_or(Value::is_null)).collect();
    if missing.is_empty() { Ok(()) } else { Err(fields_missing(&missing)) }
}

pub(crate) fn missing_scopes(scopes: &[&str]) -> Answer {
    let message = "This app hasn't been granted all required scopes to make this call. Read more about required \
                   scopes here: https://developers.hubspot.com/scopes.";
    let inner = json!({
        "message": "One or more of the following scopes are required.",
        "context": { "requiredGranularScopes": scopes },
    });
    let links = json!({ "scopes": "https://developers.hubspot.com/scopes" });
    let mut answer = error(403, "MISSING_SCOPES", message);
    extend(&mut answer, json!({ "errors": [inner], "links": links }));
    answer
}

/// Several faults of one message, as the conversations API reports them.
pub(crate) fn conversation_errors(errors: &[(&str, &str)]) -> Answer {
    let errors: Vec<Value> = errors
        .iter()
        .map(|(kind, message)| json!({ "subCategory": format!("ConversationsApiError.{kind}"), "message": message }))
        .collect();
    let message = match errors.as_slice() {
        [only] => only.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => "Multiple errors validating request.".to_owned(),
    };
    Answer::new(400, json!({ "status": "error", "message": message, "errors": errors, "category": "VALIDATION_ERROR" }))
}

/// One property value that HubSpot refuses.
#[derive(Debug)]
pub(crate) struct BadValue {
    pub(crate) name: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// The list of refused values stands as JSON inside the message.
pub(crate) fn bad_values(values: &[BadValue]) -> Answer {
    let list: Vec<Value> = values
        .iter()
        .map(|v| {
            json!({
                "isValid": false, "message": v.message, "error": v.code, "name": v.name,
                "localizedErrorMessage": v.message, "portalId": super::identity::PORTAL_ID,
            })
        })
        .collect();
    let mut answer = validation(&format!("Property values were not valid: {}", Value::Array(list)));
    let errors: Vec<Value> = values
        .iter()
        .map(|v| json!({ "message": v.message, "code": v.code, "context": { "propertyName": [v.name] } }))
        .collect();
    extend(&mut answer, json!({ "errors": errors }));
    answer
}

pub(crate) fn rate_limited(policy: &str) -> Answer {
    Answer::new(429, rate_limit_body(policy))
}

fn rate_limit_body(policy: &str) -> Value {
    json!({
        "status": "error", "errorType": "RATE_LIMIT", "policyName": policy,
        "message": format!("You have reached your {} limit.", policy.to_lowercase()),
    })
}

/// The body of a status that a fault asks for.
pub(crate) fn body_of(status: u16) -> Value {
    let (category, message) = match status {
        401 => ("EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 75 second(s) ago."),
        403 => ("MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call."),
        404 => ("OBJECT_NOT_FOUND", "resource not found"),
        409 => ("CONFLICT", "The request conflicts with the present state of the resource."),
        423 => ("LOCKED", "The resource is locked. Wait at least two seconds before the next request."),
        429 => {
            return with_correlation(rate_limit_body("TEN_SECONDLY_ROLLING"), "00000000-0000-4000-8000-000000000000");
        }
        500..=599 => ("INTERNAL_ERROR", "There was a problem with the request."),
        _ => ("VALIDATION_ERROR", "The request was not valid."),
    };
    let body = json!({ "status": "error", "message": message, "category": category });
    with_correlation(body, "00000000-0000-4000-8000-000000000000")
}

pub(crate) fn with_correlation(mut body: Value, id: &str) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.entry("correlationId").or_insert_with(|| Value::String(id.to_owned()));
    }
    body
}

pub(crate) fn extend(answer: &mut Answer, more: Value) {
    answer.body = answer.body.take().map(|body| joined(body, more));
}
