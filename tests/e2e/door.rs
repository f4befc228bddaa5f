//! Requests at the front door, with and without valid credentials.

use crate::world::{ORG, World};
use hubspot::{SignedRequest, sign_v1, sign_v3};
use serde_json::json;
use transport::Clock;

const APP_URL: &str = "https://bridge.test/webhooks/hubspot";

async fn signed(world: &World, body: &[u8], seconds_off: i64) -> (u16, serde_json::Value) {
    let secret = world.portal["client_secret"].as_str().unwrap();
    let at = world.clock.now().as_millisecond() + seconds_off * 1000;
    let signature = sign_v3(&SignedRequest { method: "POST", url: APP_URL, body }, at, secret);
    let at = at.to_string();
    let headers = [("x-hubspot-signature-v3", signature.as_str()), ("x-hubspot-request-timestamp", at.as_str())];
    world.post(APP_URL, &headers, body.to_vec()).await
}

#[tokio::test(start_paused = true)]
async fn the_signed_url_is_the_key() {
    let world = World::new().await;
    let good = world.url.clone();
    let other_org = good.replace(ORG, "org_2");
    let (head, mac) = good.rsplit_once('.').unwrap();
    let other = if mac.starts_with('A') { 'B' } else { 'A' };
    let wrong_mac = format!("{head}.{other}{}", &mac[1..]);
    for (url, status) in [
        (good.clone(), 200),
        (other_org, 401),
        (wrong_mac, 401),
        (format!("{APP_URL}/{ORG}/k1.bad.bad"), 401),
        (format!("{APP_URL}/{ORG}"), 404),
        (format!("{good}/more"), 404),
        (format!("{APP_URL}/{ORG}/"), 404),
    ] {
        let (got, body) = world.post(&url, &[], "[]").await;
        assert_eq!(got, status, "{url}: {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_url_is_accepted_and_recorded() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    assert_eq!(world.api("POST", "/api/webhook-url/rotate", serde_json::Value::Null).await.0, 200);
    world.say(&thread, "hello").await;
    world.pass(5).await;
    assert_eq!(world.log().await, ["skipped stale_url"]);
}

#[tokio::test(start_paused = true)]
async fn hubspots_signature_is_checked_with_its_age() {
    let world = World::new().await;
    assert_eq!(signed(&world, b"[]", 0).await.0, 200);
    assert_eq!(signed(&world, b"[]", -301).await.0, 401);
    assert_eq!(signed(&world, b"[]", 301).await.0, 401);
    assert_eq!(world.post(APP_URL, &[], "[]").await.0, 401);
    let wrong = [("x-hubspot-signature-v3", "AAAA"), ("x-hubspot-request-timestamp", "1")];
    assert_eq!(world.post(APP_URL, &wrong, "[]").await.0, 401);
    // v1 has no timestamp: not accepted unless the deployment says so.
    let v1 = sign_v1(b"[]", world.portal["client_secret"].as_str().unwrap());
    assert_eq!(world.post(APP_URL, &[("x-hubspot-signature", v1.as_str())], "[]").await.0, 401);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_portal_is_accepted_and_goes_nowhere() {
    let world = World::new().await;
    let mut event = world.new_message("1", "e835c5f42631462ea4447601c8e1e394");
    event["portalId"] = json!(424_242);
    let (status, answer) = signed(&world, json!([event]).to_string().as_bytes(), 0).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)));
    world.pass(5).await;
    assert!(world.log().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn bad_bodies_are_told_what_is_wrong() {
    let world = World::new().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let big = format!("[\"{}\"]", "x".repeat(1024 * 1024));
    for (body, status) in [
        ("not json".as_bytes().to_vec(), 400),
        (b"{}".to_vec(), 400),
        (b"".to_vec(), 400),
        (b"\xff\xfe[]".to_vec(), 400),
        // One odd element, however deep, is one ignored event.
        (deep.into_bytes(), 200),
        (big.into_bytes(), 413),
        (b"[]".to_vec(), 200),
        (b"[1, null, \"x\", {}]".to_vec(), 200),
    ] {
        let (got, answer) = world.post(&world.url, &[], body).await;
        assert_eq!(got, status, "{answer}");
        if status != 200 {
            assert_eq!(answer["status"], status, "a problem document: {answer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_odd_event_costs_its_neighbours_nothing() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    let message = world.say(&thread, "hello").await;
    let no_object = world.event("conversation.newMessage", &json!({ "messageId": "x" }));
    let unknown = world.event("deal.creation", &json!({ "objectId": 1 }));
    let alias = {
        let mut e = world.new_message(&thread, &message);
        e["subscriptionType"] = json!("conversation.messageCreated");
        e
    };
    let by_event_type = {
        let mut e = world.new_message(&thread, &message);
        let kind = e.as_object_mut().unwrap().remove("subscriptionType").unwrap();
        e["eventType"] = kind;
        e["objectId"] = json!(thread);
        e
    };
    let batch = json!([no_object, unknown, 7, alias, by_event_type]).to_string();
    let (status, answer) = world.post(&world.url, &[], batch).await;
    assert_eq!((status, answer), (200, json!({ "accepted": 2, "ignored": 3 })));
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_events_are_one_delivery() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    let message = world.say(&thread, "hello").await;
    let event = json!({ "portalId": world.portal["portal_id"], "occurredAt": 1, "subscriptionType": "deal.creation", "objectId": 1 });
    let mut events = vec![event; 9_999];
    events.push(world.new_message(&thread, &message));
    let body = json!(events).to_string();
    assert!(body.len() < 1024 * 1024, "{}", body.len());
    let (status, answer) = world.post(&world.url, &[], body).await;
    assert_eq!((status, answer), (200, json!({ "accepted": 1, "ignored": 9_999 })));
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn health_is_told_to_anybody() {
    let world = World::new().await;
    let request = http::Request::builder().uri("https://bridge.test/health").body(bytes::Bytes::new()).unwrap();
    let answer = world.runner.as_ref().unwrap().handle(request).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((answer.status().as_u16(), &body["status"]), (200, &json!("ok")));
}
