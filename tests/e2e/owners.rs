//! People take over and give back.

use crate::world::World;
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn a_person_who_takes_over_during_a_long_answer_is_never_talked_over() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world
        .script(
            json!([{ "contains": "think", "reply": "A long thought", "delay_ms": 20_000, "ignores_handoff": true }]),
        )
        .await;
    world.say(&thread, "think hard").await;
    world.pass(5).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(40).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    assert_eq!(world.session().await["handed_off"], true);
    assert!(world.log().await.contains(&"skipped not_ai_owner".to_owned()), "{:?}", world.log().await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_opencx_cancels_for_a_person_is_logged_as_handed_off() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.script(json!([{ "contains": "think", "reply": "A long thought", "delay_ms": 20_000 }])).await;
    world.say(&thread, "think hard").await;
    world.pass(5).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(40).await;
    assert_eq!(world.log().await, ["done", "skipped handed_off"]);
}

#[tokio::test(start_paused = true)]
async fn a_takeover_during_the_first_answer_is_seen_before_posting() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.script(json!([{ "contains": "think", "reply": "A long thought", "delay_ms": 20_000 }])).await;
    world.say(&thread, "think hard").await;
    world.pass(5).await;
    world.write(&thread, json!({ "from": "A-100", "text": "I am on it" })).await;
    world.pass(60).await;
    assert!(world.answers(&thread).await.is_empty());
    assert!(world.said().await.contains(&"agent: I am on it".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_customers_message_on_a_reps_thread_is_stored_and_not_answered() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(2).await;
    world.say(&thread, "are you a robot?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    assert_eq!(world.said().await.last().unwrap(), "contact: are you a robot?");
}

#[tokio::test(start_paused = true)]
async fn given_back_to_the_ai_user_it_speaks_again() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(60).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(60).await;
    world.assign(&thread, world.portal["ai_user"].clone()).await;
    world.pass(2).await;
    assert_eq!(world.session().await["handed_off"], false);
    world.say(&thread, "and now?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: and now?");
}

#[tokio::test(start_paused = true)]
async fn unassigned_after_a_takeover_stays_with_people() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(5).await;
    world.assign(&thread, Value::Null).await;
    world.pass(5).await;
    world.say(&thread, "anybody?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    assert!(world.log().await.contains(&"skipped handed_off".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_older_change_never_undoes_a_newer_one() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(60).await;
    let earlier = world.event("conversation.propertyChange", &json!({ "objectId": thread.parse::<u64>().unwrap(), "propertyName": "assignedTo", "propertyValue": world.portal["ai_user"] }));
    world.pass(10).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(5).await;
    world.hs("POST", "/_sim/events", json!([earlier])).await;
    world.pass(5).await;
    assert_eq!(world.session().await["handed_off"], true);
    assert!(world.log_of("conversation.propertyChange").await.contains(&"skipped stale_change".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn our_own_assignments_change_nothing() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    // Posting as the AI user has made HubSpot assign the thread to it.
    let state = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
    assert_eq!(state["assigned_to"], world.portal["ai_user"]);
    world.say(&thread, "still there?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.len(), 2);
}

/// A legacy connection hears of messages only, not of owners.
async fn deaf_to_owners() -> (World, String) {
    let world = World::new().await;
    let hook = json!({ "url": world.url, "client_secret": world.portal["client_secret"], "subscriptions": ["conversation.newMessage"] });
    world.hs("PUT", "/_sim/webhook", hook).await;
    let thread = world.thread("web").await;
    (world, thread)
}

#[tokio::test(start_paused = true)]
async fn a_takeover_nobody_told_us_of_is_seen_before_posting() {
    let (world, thread) = deaf_to_owners().await;
    let rule = json!({ "contains": "think", "reply": "A long thought", "delay_ms": 20_000, "ignores_handoff": true });
    world.script(json!([rule])).await;
    world.say(&thread, "think hard").await;
    world.pass(5).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(60).await;
    assert!(world.answers(&thread).await.is_empty());
    assert_eq!(world.log().await, ["skipped not_ai_owner"]);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_to_what_a_person_has_answered_is_dropped() {
    let (world, thread) = deaf_to_owners().await;
    let fault = json!({ "method": "POST", "path": "/conversations", "status": 503, "times": 20 });
    world.hubspot_fault(fault).await;
    world.say(&thread, "hello").await;
    world.pass(3).await;
    // A person answers and gives the conversation back, all while HubSpot takes nothing from us.
    world.quiet_webhooks().await;
    world.write(&thread, json!({ "from": "A-100", "text": "Hello, this is Rita" })).await;
    world.assign(&thread, world.portal["ai_user"].clone()).await;
    world.hs("DELETE", "/_sim/faults", Value::Null).await;
    world.pass(60).await;
    assert!(world.answers(&thread).await.is_empty());
    assert_eq!(world.log().await, ["skipped answered_by_human"]);
}
