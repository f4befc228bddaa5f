use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};

/// An `application/problem+json` answer. `detail` is for the caller and never an internal error's text.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = Response::new(Body::Text(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/problem+json"));
    response
}
