//! People take over and give back.

use crate::family::each_family;
use crate::world::{Differently, World};
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
async fn deaf_to_owners(settings: Value) -> (World, String) {
    let world = World::with_settings(settings).await;
    let hook = json!({ "url": world.url, "client_secret": world.portal["client_secret"], "subscriptions": ["conversation.newMessage"] });
    world.hs("PUT", "/_sim/webhook", hook).await;
    let thread = world.thread("web").await;
    (world, thread)
}

#[tokio::test(start_paused = true)]
async fn a_takeover_nobody_told_us_of_is_seen_before_posting() {
    let (world, thread) = deaf_to_owners(json!({})).await;
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
    let (world, thread) = deaf_to_owners(json!({})).await;
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

/// An `assignedTo` event as HubSpot may write it.
fn assigned(world: &World, thread: &str, value: &Value) -> Value {
    let mut event = world.event(
        "conversation.propertyChange",
        &json!({ "objectId": thread.parse::<u64>().unwrap(), "propertyName": "assignedTo" }),
    );
    if *value != json!("absent") {
        event["propertyValue"] = value.clone();
    }
    event
}

#[tokio::test(start_paused = true)]
async fn every_form_of_an_assignee_is_understood() {
    for (value, silent) in [
        (json!("A-100"), true),
        (json!("100"), true),
        (json!(100), true),
        (json!("L-100"), true),
        (json!("B-7"), true),
        (json!(""), false),
        (json!(null), false),
        (json!("absent"), false),
        (json!("A-3892666"), false),
        (json!("3892666"), false),
    ] {
        let world = World::with(Differently { oauth: true, ..Differently::default() }).await;
        let thread = world.thread("web").await;
        world.say(&thread, "hello").await;
        world.pass(60).await;
        let event = assigned(&world, &thread, &value);
        world.hs("POST", "/_sim/events", json!([event])).await;
        world.pass(3).await;
        assert_eq!(world.session().await["handed_off"], silent, "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_takeover_that_a_person_has_undone_since_is_stale_however_late_it_is_told() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(60).await;
    let takeover = assigned(&world, &thread, &json!("A-100"));
    world.pass(10).await;
    let given_back = assigned(&world, &thread, &world.portal["ai_user"]);
    world.hs("POST", "/_sim/events", json!([given_back])).await;
    world.pass(3).await;
    world.hs("POST", "/_sim/events", json!([takeover])).await;
    world.pass(3).await;
    assert_eq!(world.session().await["handed_off"], false);
    assert_eq!(world.log_of("conversation.propertyChange").await.last().unwrap(), "skipped stale_change");
}

#[tokio::test(start_paused = true)]
async fn assist_mode_is_a_choice_per_channel() {
    let settings = json!({ "assist_mode": { "email": true } });
    let world = World::with_settings(settings).await;
    let (mail, chat) = (world.thread("email").await, world.thread("web").await);
    world.assign(&mail, json!("A-100")).await;
    world.say(&mail, "by mail").await;
    world.say(&chat, "by chat").await;
    world.pass(90).await;
    // Drafts for the rep, whoever owns the conversation; it stays as it was assigned.
    assert!(world.answers(&mail).await.is_empty());
    let drafts = world.comments(&mail).await;
    assert!(drafts.len() == 1 && drafts[0].contains("You said: by mail"), "{drafts:?}");
    assert_eq!(world.hs("GET", &format!("/_sim/threads/{mail}"), Value::Null).await["assigned_to"], "A-100");
    assert_eq!(world.answers(&chat).await, ["You said: by chat"]);
    assert!(world.comments(&chat).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn in_a_help_desk_a_draft_is_a_note_on_the_ticket_and_the_conversation_stays_unassigned() {
    each_family(async || {
        let world = World::with_settings(json!({ "assist_mode": true })).await;
        let contact = json!({ "name": "Ada Example", "email": "ada@example.com" });
        let thread = world.thread_with(json!({ "channel": "web", "inbox": "HELP_DESK", "contact": contact })).await;
        world.say(&thread, "hello").await;
        world.pass(5).await;
        assert!(world.answers(&thread).await.is_empty() && world.comments(&thread).await.is_empty());
        let ticket = &world.tickets().await[0];
        let notes = ticket["notes"].as_array().unwrap();
        assert!(notes.len() == 1 && notes[0]["body"].as_str().unwrap().contains("You said: hello"), "{notes:?}");
        assert_eq!(world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await["assigned_to"], Value::Null);
        // An ownership change does not hand the session off.
        world.assign(&thread, json!("A-100")).await;
        world.pass(3).await;
        assert_eq!(world.session().await["handed_off"], false);
    })
    .await;
}

async fn assignee(world: &World, thread: &str) -> Value {
    world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await["assigned_to"].clone()
}

/// What was said to the customer and to people after two messages, where the setting and the session say this.
async fn with_assist_mode(setting: bool, session: bool, owner: Option<&str>) -> (World, Vec<String>, Vec<String>) {
    let world = World::with_settings(json!({ "assist_mode": setting })).await;
    world.ocx("PUT", "/_sim/defaults", json!({ "assist_mode": session })).await;
    let thread = world.thread("web").await;
    if let Some(owner) = owner {
        world.assign(&thread, json!(owner)).await;
    }
    for words in ["hello", "again"] {
        world.say(&thread, words).await;
        world.pass(5).await;
    }
    let (answers, comments) = (world.answers(&thread).await, world.comments(&thread).await);
    (world, answers, comments)
}

#[tokio::test(start_paused = true)]
async fn a_sessions_own_word_on_assist_mode_wins_from_its_first_message_on() {
    let (_, answers, comments) = with_assist_mode(true, false, None).await;
    assert_eq!((answers, comments), (vec!["You said: hello".to_owned(), "You said: again".to_owned()], vec![]));
    let (world, answers, drafts) = with_assist_mode(false, true, None).await;
    assert_eq!(answers, [""; 0]);
    assert!(drafts[0].ends_with("You said: hello") && drafts[1].ends_with("You said: again"), "{drafts:?}");
    assert_eq!((drafts.len(), world.log().await), (2, vec!["done".to_owned(), "done".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn on_a_reps_conversation_the_sessions_word_decides_between_a_draft_and_silence() {
    let (world, answers, drafts) = with_assist_mode(false, true, Some("A-100")).await;
    assert_eq!((answers.len(), drafts.len()), (0, 2), "{answers:?} {drafts:?}");
    assert_eq!(world.session().await["handed_off"], false);
    let (world, answers, drafts) = with_assist_mode(true, false, Some("A-100")).await;
    assert_eq!((answers.len(), drafts.len()), (0, 0), "{answers:?} {drafts:?}");
    assert_eq!(world.said().await, ["contact: hello", "contact: again"]);
    assert_eq!(world.log().await, ["skipped not_ai_owner", "skipped not_ai_owner"]);
}

#[tokio::test(start_paused = true)]
async fn a_session_without_assist_mode_is_never_talked_over_whatever_the_setting_says() {
    let (world, thread) = deaf_to_owners(json!({ "assist_mode": true })).await;
    world.ocx("PUT", "/_sim/defaults", json!({ "assist_mode": false })).await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    let before = (world.answers(&thread).await, world.comments(&thread).await);
    let rule = json!({ "contains": "think", "reply": "A long thought", "delay_ms": 6_000, "ignores_handoff": true });
    world.script(json!([rule])).await;
    world.say(&thread, "think hard").await;
    world.pass(2).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(60).await;
    assert_eq!((world.answers(&thread).await, world.comments(&thread).await), before);
    assert_eq!(assignee(&world, &thread).await, "A-100", "the rep keeps the conversation");
    assert_eq!(world.log().await.last().unwrap(), "skipped not_ai_owner");
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_takes_a_conversation_silences_the_ai_and_is_no_person() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(60).await;
    world.assign(&thread, json!("B-7")).await;
    world.pass(5).await;
    world.say(&thread, "are you a robot?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    assert_eq!(world.said().await.last().unwrap(), "contact: are you a robot?");
    assert_eq!(world.log().await.last().unwrap(), "skipped not_ai_owner");
    let (status, log) = world.api("GET", "/api/deliveries?limit=50", Value::Null).await;
    assert!(status == 200 && log.to_string().contains("a bot took over"), "{log:#}");
}
