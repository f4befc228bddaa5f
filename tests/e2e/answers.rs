//! A customer writes.

use crate::family::each_family;
use crate::world::{Differently, World};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_customers_message_gets_the_ais_answer() {
    each_family(async || {
        let world = World::new().await;
        let thread = world.thread("web").await;
        world.say(&thread, "hello there").await;
        world.pass(5).await;
        assert_eq!(world.answers(&thread).await, ["You said: hello there"]);
        assert_eq!(world.said().await, ["contact: hello there", "ai: You said: hello there"]);
        let session = world.session().await;
        assert_eq!(session["contact"]["email"], "ada@example.com");
        assert_eq!(session["custom_data"]["hubspot_thread_id"], thread.as_str());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_marked_and_its_markup_is_safe() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world
        .script(
            json!([{ "contains": "markup", "reply": "**Bold** <script>alert(1)</script> [x](javascript:alert(1))" }]),
        )
        .await;
    world.say(&thread, "markup please").await;
    world.pass(5).await;
    let entries = world.entries(&thread).await;
    let html = entries.iter().find(|m| m["direction"] == "OUTGOING").unwrap()["rich_text"].as_str().unwrap().to_owned();
    assert!(html.contains("<strong>Bold</strong>") && html.contains("<!-- OpenCX-AI-Response -->"), "{html}");
    assert!(!html.contains("<script") && !html.contains("href=\"javascript"), "{html}");
}

#[tokio::test(start_paused = true)]
async fn an_e_mail_waits_five_seconds() {
    let world = World::new().await;
    let thread = world.thread("email").await;
    world.write(&thread, json!({ "from": "visitor", "text": "by e-mail", "subject": "Question" })).await;
    world.pass(4).await;
    assert!(world.answers(&thread).await.is_empty());
    world.pass(4).await;
    assert_eq!(world.answers(&thread).await, ["You said: by e-mail"]);
    assert_eq!(world.log().await, ["done"]);
}

#[tokio::test(start_paused = true)]
async fn the_messages_of_one_thread_wait_for_each_other() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.script(json!([{ "contains": "at a time", "reply": "In order", "delay_ms": 1000 }])).await;
    for word in ["one at a time", "two at a time", "three at a time"] {
        world.say(&thread, word).await;
    }
    world.pass(10).await;
    let said = world.said().await;
    let expected = [
        "contact: one at a time",
        "ai: In order",
        "contact: two at a time",
        "ai: In order",
        "contact: three at a time",
        "ai: In order",
    ];
    assert_eq!(said, expected);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_delivery_has_one_effect() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.script(json!([{ "contains": "once", "reply": "Once", "delay_ms": 1000 }])).await;
    let message = world.say(&thread, "only once").await;
    let event = world.new_message(&thread, &message);
    for _ in 0..2 {
        for _ in 0..25 {
            world.hs("POST", "/_sim/events", json!([event])).await;
        }
        world.pass(5).await;
    }
    assert_eq!(world.answers(&thread).await, ["Once"]);
    assert_eq!(world.said().await, ["contact: only once", "ai: Once"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_for_the_ai_does_not_reach_it() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.write(&thread, json!({ "from": "A-100", "text": "an internal remark", "type": "COMMENT" })).await;
    world.write(&thread, json!({ "from": "B-1", "text": "beep" })).await;
    world.write(&thread, json!({ "from": "visitor", "text": "welcome", "type": "WELCOME_MESSAGE" })).await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
    assert_eq!(world.said().await, ["contact: hello", "ai: You said: hello"]);
    let notes = world.session().await["notes"].clone();
    assert_eq!(notes[0]["text"], "an internal remark");
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_words_comes_later_by_reply() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.script(json!([{ "contains": "later", "reply": "" }])).await;
    world.say(&thread, "answer me later").await;
    world.pass(5).await;
    assert!(world.answers(&thread).await.is_empty());
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let reply = json!({ "org_id": crate::world::ORG, "session_id": session, "message": { "id": "m-later", "text": "Here it is", "sender": "ai" } });
    let answer = world.invoke("reply", reply).await.unwrap();
    assert_eq!(answer["posted_as"], "message");
    assert_eq!(world.answers(&thread).await, ["Here it is"]);
}

#[tokio::test(start_paused = true)]
async fn all_four_answer_shapes_are_understood() {
    let world = World::new().await;
    for shape in ["wrapped", "flat", "ai_response"] {
        let thread = world.thread("web").await;
        world.script(json!([{ "contains": shape, "reply": format!("as {shape}"), "shape": shape }])).await;
        world.say(&thread, shape).await;
        world.pass(5).await;
        assert_eq!(world.answers(&thread).await, [format!("as {shape}")]);
    }
    // The fourth shape names only the message: its words come by `reply`.
    let thread = world.thread("web").await;
    world.script(json!([{ "contains": "id only", "reply": "unseen", "shape": "message_only" }])).await;
    world.say(&thread, "id only").await;
    world.pass(5).await;
    assert!(world.answers(&thread).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_answered_before_go_live() {
    let world = World::with_settings(json!({ "enabled": false })).await;
    let thread = world.thread("web").await;
    world.say(&thread, "anybody there?").await;
    world.pass(5).await;
    assert!(world.answers(&thread).await.is_empty() && world.sessions().await.is_empty());
    assert_eq!(world.log().await, ["skipped not_enabled"]);
}

#[tokio::test(start_paused = true)]
async fn in_assist_mode_the_ai_drafts() {
    let world = World::with_settings(json!({ "assist_mode": true })).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    assert!(world.answers(&thread).await.is_empty());
    let drafts = world.comments(&thread).await;
    assert!(drafts.len() == 1 && drafts[0].contains("You said: hello"), "{drafts:?}");
}

#[tokio::test(start_paused = true)]
async fn more_than_twenty_answers_an_hour_end_in_a_handoff() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    for n in 0..22 {
        world.say(&thread, &format!("message {n}")).await;
        world.pass(3).await;
    }
    assert_eq!(world.answers(&thread).await.len(), 20);
    assert_eq!(world.session().await["handed_off"], true);
    assert_eq!(world.tickets().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_organization_gets_only_its_own_portals_events() {
    let world = World::with(Differently::default()).await;
    let thread = world.thread("web").await;
    let mut event = world.new_message(&thread, "e835c5f42631462ea4447601c8e1e394");
    event["portalId"] = json!(999);
    let (status, answer) = world.post(&world.url, &[], json!([event]).to_string()).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)));
    world.pass(3).await;
    assert_eq!(world.log().await, ["skipped wrong_portal"]);
}

#[tokio::test(start_paused = true)]
async fn e_mails_whose_delays_end_together_are_answered_oldest_first() {
    let mut world = World::new().await;
    let thread = world.thread("email").await;
    for words in ["one", "two", "three"] {
        world.say(&thread, words).await;
        world.pass(1).await;
    }
    // Nobody is there when the timers would ring: they all ring at once afterwards, and each brings all that is due.
    world.kill().await;
    world.pass(60).await;
    world.start().await;
    world.pass(10).await;
    assert_eq!(world.answers(&thread).await, ["You said: one", "You said: two", "You said: three"]);
    assert_eq!(world.log().await, ["done", "done", "done"]);
}
