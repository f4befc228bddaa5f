use super::*;
use http::Method;
use lambda_http::RequestExt;

fn request(body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::builder().method(Method::POST).uri("/webhooks/hubspot/demo/k1.n.mac?a=b%20c&d");
    let request = request.header("Host", "bridge.example").header("X-HubSpot-Signature-v3", "sig");
    let request = request.header("Via", "one").header("Via", "two").header("Cookie", "a=1; b=2");
    request.body(body.into()).unwrap()
}

fn sent(body: impl Into<Bytes>) -> Value {
    event(&request(body), "POST /webhooks/hubspot/{org}/{key}", "2026-11-20T10:00:00Z".parse().unwrap())
}

#[test]
fn the_function_sees_the_request_as_it_was_sent() {
    let event = sent("[]");
    let received = lambda_http::request::from_str(&event.to_string()).unwrap();
    assert_eq!(received.method(), Method::POST);
    assert_eq!(received.raw_http_path(), "/webhooks/hubspot/demo/k1.n.mac");
    assert_eq!(received.uri().path(), "/webhooks/hubspot/demo/k1.n.mac");
    assert_eq!(received.uri().host(), Some("bridge.example"));
    assert_eq!(received.headers().get("x-hubspot-signature-v3").unwrap(), "sig");
    assert_eq!(received.headers().get("via").unwrap(), "one,two");
    assert_eq!(received.body().as_ref(), b"[]");
}

#[test]
fn the_event_is_what_api_gateway_sends() {
    let event = sent("[]");
    let at = |path: &str| event.pointer(path).cloned().unwrap_or_default();
    assert_eq!(at("/version"), "2.0");
    assert_eq!(at("/rawQueryString"), "a=b%20c&d");
    assert_eq!(at("/requestContext/http/method"), "POST");
    assert_eq!(at("/requestContext/timeEpoch"), 1_795_168_800_000_i64);
    assert_eq!(at("/requestContext/time"), "20/Nov/2026:10:00:00 +0000");
    assert_eq!(at("/cookies"), json!(["a=1", "b=2"]));
    assert_eq!(at("/headers/cookie"), Value::Null);
    assert_eq!(at("/isBase64Encoded"), false);
}

#[test]
fn a_body_that_is_no_text_arrives_all_the_same() {
    let bytes: &[u8] = &[0x5b, 0xff, 0x00, 0x5d];
    let event = sent(bytes);
    assert_eq!(event.get("isBase64Encoded"), Some(&Value::Bool(true)));
    let received = lambda_http::request::from_str(&event.to_string()).unwrap();
    assert_eq!(received.body().as_ref(), bytes);
}

#[test]
fn no_body_is_no_body() {
    assert_eq!(sent("").get("body"), None);
}
