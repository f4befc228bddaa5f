use crate::runner::Runner;
use crate::testing::{Machine, read, request};
use domain::OrgId;
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use std::time::Duration;

async fn post(runner: &Runner, path: &str, body: &str) -> (u16, Value) {
    read(&runner.handle(request(Method::POST, path, body.to_owned())).await.unwrap())
}

async fn signed_url(runner: &Runner) -> String {
    let url = runner.webhook_url(&OrgId::parse("demo").unwrap()).await.unwrap().unwrap();
    url.strip_prefix("http://127.0.0.1:8787").unwrap().to_owned()
}

/// An event of portal 7 that is never acted on.
fn event(id: u32) -> Value {
    json!([{ "eventId": id, "portalId": 7, "appId": 1, "occurredAt": 1_795_168_800_000_i64, "subscriptionType": "conversation.newMessage",
        "objectId": 10, "messageId": format!("m{id}"), "messageType": "MESSAGE", "changeFlag": "NEW_MESSAGE" }])
}

#[tokio::test(start_paused = true)]
async fn health_tells_the_version() {
    let runner = Machine::new().start("b1").await;
    let answer = read(&runner.handle(request(Method::GET, "/health", "")).await.unwrap());
    assert_eq!(answer, (200, json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })));
}

#[tokio::test(start_paused = true)]
async fn the_signed_url_lets_events_in_and_another_does_not() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    machine.connect(&runner, "demo", "7").await;
    let url = signed_url(&runner).await;
    assert_eq!(post(&runner, &url, &event(1).to_string()).await, (200, json!({ "accepted": 1, "ignored": 0 })));
    assert_eq!(post(&runner, &url, "{}").await.0, 400);
    assert_eq!(post(&runner, "/webhooks/hubspot/demo/k1.bad.bad", "[]").await.0, 401);
    assert_eq!(post(&runner, "/webhooks/hubspot", "[]").await.0, 401);
}

#[tokio::test(start_paused = true)]
async fn a_large_body_reaches_the_function_which_refuses_it() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    machine.connect(&runner, "demo", "7").await;
    let url = signed_url(&runner).await;
    assert_eq!(post(&runner, &url, &format!("[{}]", " ".repeat(1024 * 1024))).await.0, 413);
    assert_eq!(post(&runner, &url, &" ".repeat(super::LARGEST_BODY + 1)).await.0, 413);
}

#[tokio::test(start_paused = true)]
async fn a_functions_error_is_an_answer_with_a_header() {
    let runner = Machine::new().start("b1").await;
    let path = "/2015-03-31/functions/my-stack-handoff/invocations";
    let response = runner.handle(request(Method::POST, path, r#"{"org_id":"demo"}"#)).await.unwrap();
    assert_eq!(response.headers().get("x-amz-function-error"), Some(&HeaderValue::from_static("Unhandled")));
    let (status, answer) = read(&response);
    assert_eq!((status, answer.get("errorType")), (200, Some(&json!("InvalidRequest"))));
    assert!(answer.get("errorMessage").unwrap().as_str().unwrap().contains("session"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_function_and_no_json_are_the_callers_fault() {
    let runner = Machine::new().start("b1").await;
    let unknown = runner.handle(request(Method::POST, "/2015-03-31/functions/fly/invocations", "{}")).await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert_eq!(unknown.headers().get("x-amzn-errortype"), Some(&HeaderValue::from_static("ResourceNotFoundException")));
    assert_eq!(post(&runner, "/2015-03-31/functions/handoff/invocations", "{").await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn an_event_invocation_is_taken_and_not_waited_for() {
    let runner = Machine::new().start("b1").await;
    let mut request = request(Method::POST, "/2015-03-31/functions/handoff/invocations", "{}");
    request.headers_mut().insert("x-amz-invocation-type", HeaderValue::from_static("Event"));
    let response = runner.handle(request).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body().len()), (202, 0));
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_publishes_only_what_api_gateway_would() {
    let runner = Machine::new().start("b1").await;
    for (method, path, local, public) in [
        (Method::POST, "/2015-03-31/functions/handoff/invocations", 200, 404),
        (Method::GET, "/sandbox", 200, 404),
        (Method::GET, "/health", 200, 200),
    ] {
        for (host, expected) in [
            ("127.0.0.1:8787", local),
            ("localhost", local),
            ("[::1]:8787", local),
            ("tunnel.example", public),
            ("127.0.0.1.example", public),
        ] {
            let mut request = request(method.clone(), path, "{}");
            request.headers_mut().insert("host", HeaderValue::from_static(host));
            assert_eq!(runner.handle(request).await.unwrap().status(), expected, "{host} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_before_a_kill_is_processed_after_it() {
    let machine = Machine::new();
    let first = machine.start("b1").await;
    machine.connect(&first, "demo", "7").await;
    let (door, url) = (first.door(), signed_url(&first).await);
    assert_eq!(post(&first, &url, &event(1).to_string()).await.0, 200);
    first.kill().await;
    assert!(door.handle(request(Method::GET, "/health", "")).await.is_err(), "a killed runner answers nobody");
    let second = machine.start("b2").await;
    // HubSpot cannot be reached, so the delivery waits for its next attempt.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let bearer = HeaderValue::try_from(machine.bearer("demo", "admin")).unwrap();
    let mut list = request(Method::GET, "/api/deliveries", "");
    list.headers_mut().insert("authorization", bearer);
    let (_, page) = read(&second.handle(list).await.unwrap());
    assert_eq!(page.pointer("/deliveries/0/id"), Some(&json!("message:7:m1")), "{page}");
}
