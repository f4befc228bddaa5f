use crate::options::Upstream;
use crate::testing::{Machine, read, request};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use transport::InProcess;

/// A simulator that tells what it was asked.
fn echo(name: &'static str) -> Upstream {
    let transport = InProcess::new(move |request: http::Request<Bytes>| async move {
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let told =
            json!({ "by": name, "method": request.method().as_str(), "url": request.uri().to_string(), "body": body });
        let mut response = Response::new(Bytes::from(told.to_string()));
        *response.status_mut() = StatusCode::CREATED;
        Ok(response)
    });
    Upstream { url: format!("http://{name}.sim"), transport: Arc::new(transport) }
}

#[tokio::test(start_paused = true)]
async fn controls_are_passed_on_to_the_simulator_they_belong_to() {
    let runner = Machine::new().start("b1").await;
    runner.open_sandbox(echo("hs"), echo("ocx"));
    let asked = read(&runner.handle(request(Method::GET, "/sandbox/api/hubspot/threads/7?x=1", "")).await.unwrap());
    let told = json!({ "by": "hs", "method": "GET", "url": "http://hs.sim/_sim/threads/7?x=1", "body": null });
    assert_eq!(asked, (201, told));
    let mut write = request(Method::POST, "/sandbox/api/opencx/script", r#"{"rules":[]}"#);
    write.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    let told = json!({ "by": "ocx", "method": "POST", "url": "http://ocx.sim/_sim/script", "body": { "rules": [] } });
    assert_eq!(read(&runner.handle(write).await.unwrap()), (201, told));
    assert_eq!(runner.handle(request(Method::GET, "/sandbox/api/other/portal", "")).await.unwrap().status(), 404);
}

#[tokio::test(start_paused = true)]
async fn another_sites_form_moves_nothing() {
    let runner = Machine::new().start("b1").await;
    runner.open_sandbox(echo("hs"), echo("ocx"));
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let mut form = request(Method::POST, "/sandbox/api/hubspot/threads", "{}");
        if let Some(kind) = kind {
            form.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        }
        assert_eq!(runner.handle(form).await.unwrap().status(), 415, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_simulators_the_page_is_there_and_the_controls_say_why_not() {
    let runner = Machine::new().start("b1").await;
    let page = runner.handle(request(Method::GET, "/sandbox", "")).await.unwrap();
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].as_bytes()),
        (200, &b"text/html; charset=utf-8"[..])
    );
    for path in ["/sandbox/api/token", "/sandbox/api/hubspot/portal"] {
        let (status, problem) = read(&runner.handle(request(Method::GET, path, "")).await.unwrap());
        assert_eq!(status, 409, "{path}");
        assert!(problem["detail"].as_str().unwrap().contains("no simulators"), "{problem}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_token_opens_the_demo_organizations_log() {
    let runner = Machine::new().start("b1").await;
    runner.open_sandbox(echo("hs"), echo("ocx"));
    let (_, answer) = read(&runner.handle(request(Method::GET, "/sandbox/api/token", "")).await.unwrap());
    let mut list = request(Method::GET, "/api/deliveries", "");
    let bearer = format!("Bearer {}", answer["token"].as_str().unwrap());
    list.headers_mut().insert("authorization", HeaderValue::try_from(bearer).unwrap());
    assert_eq!(runner.handle(list).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn nothing_of_it_leaves_the_machine() {
    let runner = Machine::new().start("b1").await;
    runner.open_sandbox(echo("hs"), echo("ocx"));
    for path in ["/sandbox", "/sandbox/sandbox.js", "/sandbox/api/token", "/sandbox/api/hubspot/portal"] {
        let mut outside = request(Method::GET, path, "");
        outside.headers_mut().insert("host", HeaderValue::from_static("tunnel.example"));
        assert_eq!(runner.handle(outside).await.unwrap().status(), 404, "{path}");
    }
}
