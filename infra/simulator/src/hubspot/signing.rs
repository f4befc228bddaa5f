//! HubSpot's request signatures: <https://developers.hubspot.com/docs/api/webhooks/validating-requests>.

use super::state::Version;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use jiff::Timestamp;
use ring::{digest, hmac};
use std::fmt::Write as _;

/// The escapes that v3 decodes in a URL before it signs; it decodes no others.
const DECODED: &[(&str, &str)] = &[
    ("%3A", ":"),
    ("%2F", "/"),
    ("%3F", "?"),
    ("%40", "@"),
    ("%21", "!"),
    ("%24", "$"),
    ("%27", "'"),
    ("%28", "("),
    ("%29", ")"),
    ("%2A", "*"),
    ("%2C", ","),
    ("%3B", ";"),
];

/// A POST as HubSpot's webhooks send it; `None` where the URL is not valid.
pub(crate) fn webhook(
    url: &str,
    secret: &str,
    version: Version,
    body: Bytes,
    now: Timestamp,
) -> Option<Request<Bytes>> {
    let v1 = sha256(&[secret.as_bytes(), &body]);
    let request = json_post(url).header("x-hubspot-signature-version", "v1").header("x-hubspot-signature", v1);
    let request = if version == Version::V3 { with_v3(request, url, secret, &body, now) } else { request };
    request.body(body).ok()
}

/// A POST as workflows call an action.
pub(crate) fn action(url: &str, secret: &str, body: Bytes, now: Timestamp) -> Option<Request<Bytes>> {
    let v2 = sha256(&[secret.as_bytes(), b"POST", url.as_bytes(), &body]);
    let request = json_post(url).header("x-hubspot-signature-version", "v2").header("x-hubspot-signature", v2);
    with_v3(request, url, secret, &body, now).body(body).ok()
}

fn json_post(url: &str) -> http::request::Builder {
    let request = Request::builder().method(Method::POST).uri(url);
    request.header("content-type", "application/json").header("user-agent", "HubSpot Connect 2.0 (simulated)")
}

fn with_v3(
    request: http::request::Builder,
    url: &str,
    secret: &str,
    body: &[u8],
    now: Timestamp,
) -> http::request::Builder {
    let timestamp = now.as_millisecond().to_string();
    let signature = v3(secret, url, body, &timestamp);
    request.header("x-hubspot-request-timestamp", timestamp).header("x-hubspot-signature-v3", signature)
}

pub(crate) fn v3(secret: &str, url: &str, body: &[u8], timestamp: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    for part in [b"POST", decoded(url).as_bytes(), body, timestamp.as_bytes()] {
        context.update(part);
    }
    STANDARD.encode(context.sign())
}

fn decoded(url: &str) -> String {
    DECODED
        .iter()
        .fold(url.to_owned(), |url, (code, plain)| url.replace(code, plain).replace(&code.to_ascii_lowercase(), plain))
}

pub(crate) fn sha256(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hex = String::with_capacity(64);
    for byte in context.finish().as_ref() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
