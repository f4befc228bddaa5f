//! A session is resolved: its ticket closes 15 s later, unless the customer comes back.

use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn handed_off() -> (World, String, String) {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(5).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    (world, thread, session)
}

async fn resolve(world: &World, session: &str, status: &str) -> Value {
    let ask =
        json!({ "org_id": ORG, "session_id": session, "status": status, "summary": "Refunded", "sentiment": "happy" });
    world.invoke("resolve", ask).await.unwrap()
}

async fn stage(world: &World) -> Value {
    world.tickets().await[0]["properties"]["hs_pipeline_stage"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_resolved_sessions_ticket_closes_fifteen_seconds_later() {
    each_family(async || {
        let (world, _, session) = handed_off().await;
        let answer = resolve(&world, &session, "closed_resolved").await;
        assert!(answer["closes_at"].is_string() && answer["skipped"].is_null(), "{answer}");
        world.pass(14).await;
        assert_eq!(stage(&world).await, "1");
        world.pass(4).await;
        assert_eq!(stage(&world).await, "4");
        let content = world.tickets().await[0]["properties"]["content"].as_str().unwrap().to_owned();
        assert!(content.contains("Refunded") && content.contains("Wants a refund"), "{content}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn resolved_twice_it_closes_once() {
    let (world, _, session) = handed_off().await;
    let first = resolve(&world, &session, "closed_resolved").await;
    world.pass(3).await;
    assert_eq!(resolve(&world, &session, "closed_resolved").await, first);
    world.forget_calls().await;
    world.pass(30).await;
    let (hubspot, _) = world.calls().await;
    assert_eq!(hubspot.iter().filter(|call| call.starts_with("PATCH")).count(), 1, "{hubspot:?}");
}

#[tokio::test(start_paused = true)]
async fn a_resolve_repeated_after_the_close_gets_its_first_answer() {
    let (world, _, session) = handed_off().await;
    let first = resolve(&world, &session, "closed_resolved").await;
    world.pass(60).await;
    assert_eq!(resolve(&world, &session, "closed_resolved").await, first);
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_writes_after_the_resolve_keeps_the_ticket_open() {
    let (world, thread, session) = handed_off().await;
    resolve(&world, &session, "closed_resolved").await;
    world.pass(5).await;
    world.say(&thread, "one more thing").await;
    world.pass(30).await;
    assert_eq!(stage(&world).await, "1");
    assert_eq!(world.session().await["status"], "open");
    assert!(world.said().await.contains(&"contact: one more thing".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn reopened_by_opencx_it_stays_open_and_can_be_resolved_again() {
    let (world, _, session) = handed_off().await;
    resolve(&world, &session, "closed_resolved").await;
    resolve(&world, &session, "open").await;
    world.pass(30).await;
    assert_eq!(stage(&world).await, "1");
    resolve(&world, &session, "closed_unresolved").await;
    world.pass(20).await;
    assert_eq!(stage(&world).await, "4");
}

#[tokio::test(start_paused = true)]
async fn the_promise_survives_a_restart() {
    let (mut world, _, session) = handed_off().await;
    resolve(&world, &session, "closed_resolved").await;
    world.pass(3).await;
    world.kill().await;
    world.pass(60).await;
    world.start().await;
    world.pass(5).await;
    assert_eq!(stage(&world).await, "4");
}

#[tokio::test(start_paused = true)]
async fn a_close_waits_until_hubspot_is_back() {
    let (world, _, session) = handed_off().await;
    resolve(&world, &session, "closed_resolved").await;
    world.hubspot_fault(json!({ "method": "PATCH", "status": 503, "times": 12 })).await;
    world.pass(20).await;
    assert_eq!(stage(&world).await, "1");
    world.pass(600).await;
    assert_eq!(stage(&world).await, "4");
    let content = world.tickets().await[0]["properties"]["content"].as_str().unwrap().to_owned();
    assert_eq!(content.matches("Refunded").count(), 1, "{content}");
}

/// The reconciler finds a promise that was not kept, but the close has set itself a next look: there must not be two of them, and
/// not one more every five minutes.
#[tokio::test(start_paused = true)]
async fn a_close_that_waits_through_an_outage_is_not_looked_at_twice_as_often_with_every_hour() {
    let (world, _, session) = handed_off().await;
    resolve(&world, &session, "closed_resolved").await;
    world.hubspot_fault(json!({ "method": "PATCH", "status": 503, "times": 1_000_000 })).await;
    let mut looks = Vec::new();
    for _ in 0..4 {
        world.forget_calls().await;
        world.pass(3600).await;
        let (hubspot, _) = world.calls().await;
        // A look is one call, repeated three times.
        looks.push(hubspot.iter().filter(|call| call.starts_with("PATCH")).count() / 4);
    }
    assert!(looks.iter().all(|&looks| (10..=16).contains(&looks)), "looks in each hour: {looks:?}");
    world.hs("DELETE", "/_sim/faults", Value::Null).await;
    world.pass(330).await;
    assert_eq!(stage(&world).await, "4");
    let content = world.tickets().await[0]["properties"]["content"].as_str().unwrap().to_owned();
    assert_eq!(content.matches("Refunded").count(), 1, "{content}");
}

#[tokio::test(start_paused = true)]
async fn a_close_that_hubspot_refuses_is_tried_again_by_the_hour() {
    let (world, _, session) = handed_off().await;
    resolve(&world, &session, "closed_resolved").await;
    world.hubspot_fault(json!({ "method": "PATCH", "status": 400, "times": 1000 })).await;
    world.forget_calls().await;
    world.pass(4 * 3600).await;
    let (hubspot, _) = world.calls().await;
    let looks = hubspot.iter().filter(|call| call.starts_with("PATCH")).count();
    assert!((3..=6).contains(&looks), "{looks} looks in four hours");
    world.hs("DELETE", "/_sim/faults", Value::Null).await;
    world.pass(2 * 3600).await;
    assert_eq!(stage(&world).await, "4");
}

#[tokio::test(start_paused = true)]
async fn a_close_says_why_it_did_nothing() {
    let (world, _, session) = handed_off().await;
    let close = |epoch: u64| json!({ "org_id": ORG, "session_id": session, "lifecycle_epoch": epoch });
    assert_eq!(world.invoke("close", close(0)).await.unwrap()["outcome"], "reopened");
    resolve(&world, &session, "closed_resolved").await;
    assert_eq!(world.invoke("close", close(0)).await.unwrap()["outcome"], "superseded");
    let ticket = world.tickets().await[0]["ticket_id"].as_str().unwrap().to_owned();
    world.hs("PATCH", &format!("/_sim/tickets/{ticket}"), json!({ "properties": { "hs_pipeline_stage": "4" } })).await;
    assert_eq!(world.invoke("close", close(1)).await.unwrap()["outcome"], "already_closed");
}

#[tokio::test(start_paused = true)]
async fn assist_mode_and_disabled_ticketing_keep_tickets_as_they_are() {
    for (setting, reason) in
        [(json!({ "assist_mode": true }), "assist_mode"), (json!({ "ticketing_enabled": false }), "ticketing_disabled")]
    {
        let world = World::with_settings(setting).await;
        let thread = world.thread("web").await;
        world.say(&thread, "hello").await;
        world.pass(5).await;
        let session = world.session().await["session_id"].as_str().unwrap().to_owned();
        world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
        assert_eq!(resolve(&world, &session, "closed_resolved").await["skipped"], reason);
    }
}

#[tokio::test(start_paused = true)]
async fn the_ais_resolve_signal_closes_the_ticket() {
    let (world, thread, _) = handed_off().await;
    world.assign(&thread, world.portal["ai_user"].clone()).await;
    world.pass(60).await;
    world.script(json!([{ "contains": "solved", "reply": "Glad to hear", "resolve": { "summary": "All good", "sentiment": "happy" } }])).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(40).await;
    world.assign(&thread, world.portal["ai_user"].clone()).await;
    world.pass(5).await;
    world.say(&thread, "solved, thanks").await;
    world.pass(30).await;
    assert_eq!(stage(&world).await, "4", "{:?} {:?}", world.log().await, world.said().await);
}

#[tokio::test(start_paused = true)]
async fn a_close_that_met_the_switch_happens_once_it_is_on_again() {
    let (world, _, session) = handed_off().await;
    let org = domain::OrgId::parse(ORG).unwrap();
    resolve(&world, &session, "closed_resolved").await;
    let switch = async |on: bool| {
        let store = &world.operator().store;
        let connection = store.connection(&org).await.unwrap().unwrap();
        let settings = domain::Settings { enabled: on, ..connection.settings };
        store.update_settings(&org, connection.version, &settings, transport::Clock::now(&*world.clock)).await.unwrap();
        world.forget_what_was_read();
    };
    switch(false).await;
    world.pass(30).await;
    assert_eq!(stage(&world).await, "1");
    switch(true).await;
    world.pass(700).await;
    assert_eq!(stage(&world).await, "4");
}
