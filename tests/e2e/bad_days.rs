//! HubSpot and OpenCX refuse, break, cut the line, and do the work but lose the answer: one effect all the same.

use crate::world::World;
use runtime::functions::EVENTS;
use serde_json::{Value, json};

/// One message under one fault: answered once, told once.
async fn check(fault_at: &str, fault: Value) {
    let world = World::new().await;
    let thread = world.thread("web").await;
    if fault_at == "hubspot" {
        world.hubspot_fault(fault.clone()).await;
    } else {
        world.opencx_fault(fault.clone()).await;
    }
    world.say(&thread, "hello").await;
    // A daily limit is looked at again after half an hour.
    world.pass(4000).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"], "after {fault}: {:?}", world.log().await);
    assert_eq!(world.said().await, ["contact: hello", "ai: You said: hello"], "after {fault}");
    assert_eq!(world.hs("GET", "/_sim/contacts", Value::Null).await.as_array().unwrap().len(), 1, "after {fault}");
}

#[tokio::test(start_paused = true)]
async fn hubspots_bad_minutes_lose_and_double_nothing() {
    for fault in [
        json!({ "method": "POST", "path": "/conversations", "status": 429, "times": 2, "headers": { "Retry-After": "1" } }),
        json!({ "method": "POST", "path": "/conversations", "status": 429, "times": 1, "body": { "status": "error", "policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT" } }),
        json!({ "method": "POST", "path": "/conversations", "status": 429, "times": 1, "body": { "status": "error", "policyName": "DAILY", "errorType": "RATE_LIMIT" } }),
        json!({ "method": "POST", "path": "/conversations", "status": 429, "times": 1, "body": { "status": "error", "policyName": "SECONDLY", "errorType": "RATE_LIMIT" } }),
        json!({ "method": "POST", "path": "/conversations", "status": 423, "times": 2 }),
        json!({ "method": "POST", "path": "/conversations", "status": 500, "times": 2 }),
        json!({ "method": "POST", "path": "/conversations", "status": 502, "times": 2 }),
        json!({ "method": "POST", "path": "/conversations", "status": 503, "times": 5 }),
        json!({ "method": "POST", "path": "/conversations", "drop": true }),
        json!({ "method": "POST", "path": "/conversations", "lose_answer": true }),
        json!({ "method": "POST", "path": "/conversations", "half": true }),
        json!({ "method": "POST", "path": "/conversations", "lose_answer": true, "delay_ms": 30_000 }),
        json!({ "method": "GET", "path": "/conversations", "status": 504, "times": 6 }),
        json!({ "method": "GET", "path": "/conversations", "half": true, "times": 2 }),
        json!({ "method": "GET", "path": "/crm", "status": 503, "times": 4 }),
    ] {
        check("hubspot", fault).await;
    }
}

#[tokio::test(start_paused = true)]
async fn opencxs_bad_minutes_lose_and_double_nothing() {
    for fault in [
        json!({ "method": "POST", "path": "/chat/sessions", "lose_answer": true }),
        json!({ "method": "POST", "path": "/chat/sessions", "lose_answer": true, "times": 2 }),
        json!({ "method": "POST", "path": "/chat/sessions", "drop": true }),
        json!({ "method": "POST", "path": "/chat/sessions", "half": true }),
        json!({ "method": "POST", "path": "/chat/sessions", "status": 503, "times": 2 }),
        json!({ "method": "POST", "path": "/chat/sessions", "status": 429, "times": 1 }),
        json!({ "method": "POST", "path": "/chat/sessions", "status": 429, "times": 1, "headers": { "Retry-After": "30" } }),
        // A minute of silence.
        json!({ "path": "/", "status": 503, "times": 12 }),
        json!({ "path": "/", "drop": true, "times": 12 }),
    ] {
        check("opencx", fault).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_second_message_doubles_nothing() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.opencx_fault(json!({ "method": "POST", "path": "/chat/sessions", "lose_answer": true })).await;
    world.say(&thread, "hello").await;
    world.pass(60).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello", "You said: hello"]);
    assert_eq!(world.said().await.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_finally_fails_is_handed_to_people_once() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.hubspot_fault(json!({ "method": "POST", "path": &format!("/conversations/conversations/2026-09/threads/{thread}/messages"), "status": 400, "times": 1 })).await;
    world.say(&thread, "doomed").await;
    world.pass(60).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    let comments = world.comments(&thread).await;
    assert_eq!(comments.iter().filter(|c| c.contains("could not answer")).count(), 1, "{comments:?}");
    assert_eq!(world.tickets().await.len(), 1);
    assert_eq!(world.session().await["handed_off"], true);
    assert!(world.log().await.contains(&"failed hubspot_rejected".to_owned()), "{:?}", world.log().await);
}

#[tokio::test(start_paused = true)]
async fn a_missing_scope_is_named() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world
        .hs(
            "PUT",
            "/_sim/scopes",
            json!([
                "oauth",
                "conversations.read",
                "tickets",
                "crm.objects.contacts.read",
                "crm.objects.contacts.write"
            ]),
        )
        .await;
    world.say(&thread, "hello").await;
    world.pass(10).await;
    assert!(world.log().await[0].contains("missing_scope:conversations.write"), "{:?}", world.log().await);
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_parks_events_until_the_reconnect() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.hs("PUT", "/_sim/token", json!("revoked")).await;
    world.say(&thread, "hello").await;
    world.pass(10).await;
    assert_eq!(world.log().await, ["parked reconnect_required"]);
    world.hs("PUT", "/_sim/token", json!("ok")).await;
    let form = json!({ "access_token": world.portal["access_token"], "default_user_id": world.portal["ai_user"] });
    let console = crate::console::Console::of(&world, crate::world::ORG);
    let (status, shown) = console.call("PUT", "/api/connection/private-app", form).await;
    assert_eq!(status, 200, "{shown}");
    world.pass(10).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_gone_does_no_harm() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    let event = world.new_message(&thread, "ffffffffffffffffffffffffffffffff");
    world.hs("POST", "/_sim/events", json!([event])).await;
    world.pass(600).await;
    assert_eq!(world.log().await, ["failed hubspot_rejected"]);
    world.say(&thread, "hello").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_delivery_can_be_replayed() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.hubspot_fault(json!({ "method": "GET", "path": "/conversations", "status": 403, "times": 2 })).await;
    world.say(&thread, "hello").await;
    world.pass(30).await;
    assert!(world.answers(&thread).await.is_empty());
    let org = domain::OrgId::parse(crate::world::ORG).unwrap();
    let page = world.operator().store.deliveries(&org, &world.whole_log(), 10, None).await.unwrap();
    let failed = page.items.iter().find(|row| row.state.to_string() == "failed").unwrap();
    world.replay(&org, &failed.key).await;
    world.pass(30).await;
    assert_eq!(
        world.answers(&thread).await,
        ["You said: hello"],
        "{:?}",
        world.operator().store.delivery(&org, &failed.key).await
    );
    // Replaying a done delivery has no effect.
    world.replay(&org, &failed.key).await;
    world.pass(30).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    assert_eq!(world.said().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn events_wait_for_the_worker_over_a_restart() {
    let mut world = World::new().await;
    world.script(json!([{ "contains": "survive", "reply": "You survived", "delay_ms": 1500 }])).await;
    let mut threads = Vec::new();
    for n in 0..10 {
        let contact = json!({ "name": "Ada", "email": format!("ada{n}@example.com") });
        let thread = world.thread_with(json!({ "channel": "web", "contact": contact })).await;
        world.say(&thread, &format!("survive {n}")).await;
        threads.push(thread);
    }
    for pause in [1, 2, 3] {
        world.pass(pause).await;
        world.restart().await;
    }
    world.pass(120).await;
    for thread in threads {
        assert_eq!(world.answers(&thread).await, ["You survived"]);
    }
    assert_eq!(world.sessions().await.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_contact_that_exists_already_is_linked() {
    let world = World::new().await;
    // HubSpot does not find the address, and refuses to create it because it exists.
    world
        .hubspot_fault(json!({ "method": "GET", "path": "/crm/objects/2026-09/contacts", "status": 404, "times": 1 }))
        .await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    let (hubspot, _) = world.calls().await;
    assert!(hubspot.iter().any(|call| call == "POST /crm/objects/2026-09/contacts"), "{hubspot:?}");
    assert_eq!(world.hs("GET", "/_sim/contacts", Value::Null).await.as_array().unwrap().len(), 1);
    let org = domain::OrgId::parse(crate::world::ORG).unwrap();
    let session = world.session().await["session_id"].as_str().unwrap().parse().unwrap();
    let stored = world.operator().store.session(&org, &session).await.unwrap().unwrap();
    assert!(stored.contact.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_no_reason_to_lose_an_event() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.hs("PUT", "/_sim/token", json!("expired")).await;
    world.say(&thread, "hello").await;
    world.pass(10).await;
    assert_eq!(world.log().await, ["parked reconnect_required"]);
}

#[tokio::test(start_paused = true)]
async fn a_thread_without_a_way_to_the_customer_is_handed_to_people() {
    for missing in ["senders", "channel"] {
        let world = World::new().await;
        let thread = world.thread("web").await;
        world.strip_messages(missing);
        world.say(&thread, "hello").await;
        world.pass(30).await;
        assert_eq!(world.log().await, ["failed hubspot_rejected"], "without {missing}");
        let comments = world.comments(&thread).await;
        assert_eq!(
            comments.iter().filter(|c| c.contains("could not answer")).count(),
            1,
            "without {missing}: {comments:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_queue_gives_up_is_recorded_as_failed_and_told_to_people() {
    let world = World::new().await;
    world.quiet_webhooks().await;
    let thread = world.thread("web").await;
    let message = world.say(&thread, "hello").await;
    let body = world.queued(&world.new_message(&thread, &message));
    assert_eq!(
        flows::record_dead_letter(&world.bridge_of(&EVENTS), world.ports_of(&EVENTS).given(), &body).await,
        flows::Settled::Done
    );
    assert_eq!(world.log().await, ["failed poison"]);
    assert_eq!(world.comments(&thread).await.len(), 1);
    assert!(world.answers(&thread).await.is_empty());
}
