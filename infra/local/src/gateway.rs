//! Translates requests and answers as API Gateway does (HTTP API, payload format 2.0).

use axum::response::Response;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header::COOKIE, header::HOST};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The request as the function receives it.
pub(crate) fn event(request: &Request<Bytes>, route: &str, now: Timestamp) -> Value {
    let headers = request.headers();
    let host = header(headers, HOST.as_str()).or_else(|| request.uri().authority().map(ToString::to_string));
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    let (body, is_base64) = body(request.body());
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": joined(headers),
        "requestContext": {
            "accountId": "local",
            "apiId": "local",
            "domainName": host.clone().unwrap_or_default(),
            "domainPrefix": "local",
            "http": {
                "method": request.method().as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": header(headers, "user-agent").unwrap_or_default(),
            },
            "requestId": now.as_nanosecond().to_string(),
            "routeKey": route,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": is_base64,
    });
    // Both are absent, not null, where there is nothing.
    let cookies = header(headers, COOKIE.as_str()).map(|cookies| ("cookies".to_owned(), cookies.split("; ").collect()));
    if let Some(fields) = event.as_object_mut() {
        fields.extend(body.map(|body| ("body".to_owned(), Value::String(body))).into_iter().chain(cookies));
    }
    event
}

/// Lower-case names; several values of one name joined by commas. Cookies travel beside them.
fn joined(headers: &HeaderMap) -> Map<String, Value> {
    let names = headers.keys().filter(|name| **name != COOKIE);
    names.filter_map(|name| Some((name.as_str().to_owned(), Value::String(header(headers, name.as_str())?)))).collect()
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn body(bytes: &Bytes) -> (Option<String>, bool) {
    if bytes.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text.to_owned()), false),
        Err(_) => (Some(BASE64_STANDARD.encode(bytes)), true),
    }
}

/// The function's answer as the caller receives it.
pub(crate) async fn answer(response: http::Response<lambda_http::Body>) -> Response {
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, axum::body::Body::from(body.to_bytes())),
        Err(error) => {
            tracing::error!(%error, "a function's answer could not be read");
            let mut response = Response::new(axum::body::Body::empty());
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
    }
}

#[cfg(test)]
mod tests;
