use crate::runner::Runner;
use crate::testing::{Machine, read, request};
use domain::{DedupKey, OrgId, PortalId, Reason, ThreadId};
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use std::time::Duration;
use store::{Claim, Index, Outcome, OutcomeState, Run, Seed, Work};

async fn call(runner: &Runner, method: Method, path: &str, bearer: Option<&str>) -> (u16, Value) {
    let mut request = request(method, path, "");
    if let Some(bearer) = bearer {
        request.headers_mut().insert("authorization", HeaderValue::from_str(bearer).unwrap());
    }
    read(&runner.handle(request).await.unwrap())
}

/// Records that the message with this id was skipped.
async fn record(machine: &Machine, runner: &Runner, org: &str, message: &str) {
    let operator = runner.bridge_of(&crate::OPERATOR);
    let store = &operator.store;
    let org = OrgId::parse(org).unwrap();
    let work = Work::Delivery { org, key: DedupKey::from_stored(format!("message:7:{message}")) };
    let now = machine.now();
    let run = Run { id: format!("test-{message}"), started_at: now, deadline: now + Duration::from_mins(1) };
    let thread = (PortalId::parse("7").unwrap(), ThreadId::parse("10").unwrap());
    let seed = Seed {
        created_at: now,
        body: Some(r#"{"type":"event"}"#.to_owned()),
        index: Index { thread: Some(thread), ..Index::default() },
        retention: Duration::from_hours(1),
        label: "conversation.newMessage".to_owned(),
    };
    let claim = store.claim(&work, &run, &seed).await.unwrap();
    assert!(matches!(claim, Claim::Won(_)), "{claim:?}");
    let outcome = Outcome {
        state: OutcomeState::Skipped(Reason::BotSender),
        detail: Some("a bot wrote it".to_owned()),
        answer: None,
        steps: Vec::new(),
        at: now,
        session: None,
    };
    store.complete(&work, &run, &outcome).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_api_wants_an_admin_token() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    let member = machine.bearer("demo", "member");
    for (method, path) in [
        (Method::GET, "/api/deliveries"),
        (Method::GET, "/api/deliveries/x"),
        (Method::POST, "/api/deliveries/x/replay"),
        (Method::GET, "/api/webhook-url"),
    ] {
        for (bearer, expected) in [(None, 401), (Some("Bearer x"), 401), (Some(member.as_str()), 403)] {
            let (status, problem) = call(&runner, method.clone(), path, bearer).await;
            assert_eq!((status, problem.get("status")), (expected, Some(&json!(expected))), "{path} {problem}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_a_problem_document() {
    let runner = Machine::new().start("b1").await;
    let response = runner.handle(request(Method::GET, "/api/deliveries", "")).await.unwrap();
    assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
    let (_, problem) = read(&response);
    for field in ["type", "title", "status", "detail"] {
        assert!(problem.get(field).is_some(), "{field} {problem}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_the_deliveries_of_the_own_organization_only() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    record(&machine, &runner, "demo", "m1").await;
    record(&machine, &runner, "other", "m2").await;
    let demo = machine.bearer("demo", "admin");
    let (status, page) = call(&runner, Method::GET, "/api/deliveries?state=skipped", Some(&demo)).await;
    assert_eq!(status, 200);
    let rows = page.get("deliveries").unwrap().as_array().unwrap();
    let row = json!({ "id": "message:7:m1", "kind": "conversation.newMessage", "state": "skipped", "reason": "bot_sender",
            "why": "A bot wrote it, not the customer.", "message_id": "m1", "thread_id": "10", "replayable": true });
    let [shown] = rows.as_slice() else { panic!("{page}") };
    for (field, value) in row.as_object().unwrap() {
        assert_eq!(shown.get(field), Some(value), "{field} {shown}");
    }
    let (status, one) = call(&runner, Method::GET, "/api/deliveries/message:7:m1", Some(&demo)).await;
    assert_eq!(
        (status, one.pointer("/links/thread")),
        (200, Some(&json!("https://app.hubspot.com/live-messages/7/inbox/10")))
    );
    let (status, _) = call(&runner, Method::GET, "/api/deliveries/message:7:m2", Some(&demo)).await;
    assert_eq!(status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_list_is_narrowed_and_nonsense_is_named() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    machine.connect(&runner, "demo", "7").await;
    record(&machine, &runner, "demo", "m1").await;
    let demo = machine.bearer("demo", "owner");
    for (query, expected) in [
        ("thread=10", 1),
        ("thread=11", 0),
        ("message=m1", 1),
        ("message=m2", 0),
        ("state=failed", 0),
        ("from=2026-11-21T00:00:00Z", 0),
    ] {
        let (status, page) = call(&runner, Method::GET, &format!("/api/deliveries?{query}"), Some(&demo)).await;
        assert_eq!(
            (status, page.get("deliveries").unwrap().as_array().unwrap().len()),
            (200, expected),
            "{query} {page}"
        );
    }
    let (status, problem) = call(&runner, Method::GET, "/api/deliveries?from=yesterday", Some(&demo)).await;
    assert_eq!((status, problem.get("detail")), (400, Some(&json!("`from` cannot be read"))));
}

#[tokio::test(start_paused = true)]
async fn a_replay_is_queued_and_a_missing_delivery_is_not() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    record(&machine, &runner, "demo", "m1").await;
    let demo = machine.bearer("demo", "admin");
    let path = "/api/deliveries/message:7:m1";
    let (status, answer) = call(&runner, Method::POST, &format!("{path}/replay"), Some(&demo)).await;
    assert_eq!((status, answer.get("state")), (202, Some(&json!("queued"))));
    runner.idle().await;
    let (_, one) = call(&runner, Method::GET, path, Some(&demo)).await;
    // The recorded body is no event, which only a run of `events` can find out.
    assert_eq!((one.get("state"), one.get("reason")), (Some(&json!("failed")), Some(&json!("poison"))), "{one}");
    assert_eq!(call(&runner, Method::POST, "/api/deliveries/unknown/replay", Some(&demo)).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn the_webhook_url_is_signed_for_the_tokens_organization() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    machine.connect(&runner, "demo", "7").await;
    let (_, answer) = call(&runner, Method::GET, "/api/webhook-url", Some(&machine.bearer("demo", "admin"))).await;
    let url = answer.get("url").unwrap().as_str().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:8787/webhooks/hubspot/demo/k1."), "{url}");
    // It is there before any credential is.
    let (_, other) = call(&runner, Method::GET, "/api/webhook-url", Some(&machine.bearer("other", "admin"))).await;
    let other = other.get("url").unwrap().as_str().unwrap();
    assert!(other.starts_with("http://127.0.0.1:8787/webhooks/hubspot/other/k1."), "{other}");
}

#[tokio::test(start_paused = true)]
async fn the_page_loads_nothing_from_elsewhere_and_is_sent_once() {
    let runner = Machine::new().start("b1").await;
    for (path, kind) in [("/", "text/html"), ("/app.js", "text/javascript"), ("/app.css", "text/css")] {
        let page = runner.handle(request(Method::GET, path, "")).await.unwrap();
        let header = |name: &str| page.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!((page.status().as_u16(), header("x-content-type-options").as_str()), (200, "nosniff"));
        assert!(header("content-type").starts_with(kind), "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
        assert_eq!(header("referrer-policy"), "no-referrer");
        let mut again = request(Method::GET, path, "");
        again.headers_mut().insert("if-none-match", HeaderValue::from_str(&header("etag")).unwrap());
        let again = runner.handle(again).await.unwrap();
        assert_eq!((again.status().as_u16(), again.body().len()), (304, 0), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_and_what_cannot_be_done_are_told_apart() {
    let machine = Machine::new();
    let runner = machine.start("b1").await;
    let demo = machine.bearer("demo", "admin");
    for (method, path, expected) in [
        (Method::GET, "/api/nothing", 404),
        (Method::GET, "/api", 404),
        (Method::DELETE, "/api/deliveries", 405),
        (Method::GET, "/nothing.js", 404),
        (Method::POST, "/", 405),
    ] {
        assert_eq!(call(&runner, method, path, Some(&demo)).await.0, expected, "{path}");
    }
}
