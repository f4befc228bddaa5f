//! An invocation's JSON in and out, and how it fails.

use flows::InvokeError;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use transport::Meter;

/// Reads a request; a field that is missing or wrong is named by its path.
pub fn parse_request<T: DeserializeOwned>(payload: Value) -> Result<T, InvokeError> {
    serde_path_to_error::deserialize(payload).map_err(|error| {
        let path = error.path().to_string();
        InvokeError::invalid(if path == "." { "request" } else { &path }, &error.inner().to_string())
    })
}

/// A flow's answer as JSON.
pub fn answer<T: Serialize>(result: Result<T, InvokeError>) -> Result<Value, InvokeError> {
    result.map(|answer| serde_json::to_value(answer).unwrap_or(Value::Null))
}

/// A function error as Lambda's runtime reports it, with its `errorType`; counted.
pub fn failure(meter: &Meter, error: InvokeError) -> Diagnostic {
    meter.count_of("FunctionErrors", "Reason", error.kind.as_str());
    Diagnostic { error_type: error.kind.as_str().to_owned(), error_message: error.message }
}
