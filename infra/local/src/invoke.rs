//! The Lambda Invoke API, so that an AWS SDK can be pointed at the runner.

use crate::bridges::Bridges;
use crate::functions::Function;
use crate::tasks::Tasks;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flows::InvokeError;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");

/// Answers one `POST /2015-03-31/functions/{name}/invocations`.
pub(crate) async fn invoke(
    bridges: &Arc<Bridges>,
    tasks: &Arc<Tasks>,
    name: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    let Some(function) = Function::named(name) else {
        let message = format!("Function not found: {name}");
        return refused(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    };
    // Lambda takes an empty payload as an empty event.
    let request = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice::<Value>(body) };
    let Ok(request) = request else {
        let message = "Could not parse request body into json";
        return refused(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message);
    };
    let bridges = bridges.clone();
    let run = async move { function.invoke(&bridges, request).await };
    match headers.get(&INVOCATION_TYPE).map(HeaderValue::as_bytes) {
        Some(b"DryRun") => StatusCode::NO_CONTENT.into_response(),
        Some(b"Event") => {
            tasks.call(async move {
                if let Err(error) = run.await {
                    tracing::warn!(kind = error.kind.as_str(), "an asynchronous invocation failed");
                }
            });
            StatusCode::ACCEPTED.into_response()
        }
        _ => match tasks.to_its_end(run).await {
            Some(answer) => answered(answer),
            None => refused(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", "The function ended early"),
        },
    }
}

fn answered(answer: Result<Value, InvokeError>) -> Response {
    let (error, body) = match answer {
        Ok(value) => (None, value),
        Err(error) => {
            let body = json!({ "errorType": error.kind.as_str(), "errorMessage": error.message });
            (Some(HeaderValue::from_static("Unhandled")), body)
        }
    };
    let mut response = axum::Json(body).into_response();
    if let Some(error) = error {
        response.headers_mut().insert(FUNCTION_ERROR, error);
    }
    response
}

fn refused(status: StatusCode, kind: &'static str, message: &str) -> Response {
    let mut response = (status, axum::Json(json!({ "Type": "User", "Message": message }))).into_response();
    response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(kind));
    response
}
