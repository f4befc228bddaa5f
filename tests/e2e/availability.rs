//! Handoffs that find nobody: office hours, the fallback message, the fallback rep.
//!
//! A story begins on Friday, 20 November 2026, 10:00 UTC, 11:00 in Amsterdam.

use crate::console::Console;
use crate::world::{Differently, ORG, World};
use domain::{Action, ActionCall, ActionObject, OrgId, PortalId, TicketId};
use flows::ActionResult;
use runtime::functions::CONNECT;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOBODY: &str = "Nobody is here right now. We answer tomorrow.";
const SIGNED: &str = "Nobody is here right now. We answer tomorrow.\n\nKind regards";

fn hours(from: &str, to: &str) -> Value {
    json!({ "timezone": "Europe/Amsterdam", "weekly": { "fri": [[from, to]], "mon": [["09:00", "17:00"]] } })
}

async fn world(settings: Value) -> (World, String, String) {
    let mut all = json!({ "fallback_message": NOBODY, "default_user": "A-100" });
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let world = World::with_settings(all).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    // Long enough that the assignment which this answer causes is over.
    world.pass(60).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    (world, thread, session)
}

async fn hand_off(world: &World, thread: &str, session: &str) -> Value {
    world.invoke("handoff", world.handoff(session, Some(thread))).await.unwrap()
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

async fn assignee(world: &World, thread: &str) -> Value {
    world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await["assigned_to"].clone()
}

async fn owner(world: &World) -> Value {
    world.tickets().await[0]["properties"]["hubspot_owner_id"].clone()
}

#[tokio::test(start_paused = true)]
async fn outside_office_hours_the_customer_is_told_once() {
    let (world, thread, session) = world(json!({ "office_hours": hours("13:00", "17:00") })).await;
    let answer = hand_off(&world, &thread, &session).await;
    assert_eq!(codes(&answer), ["nobody_there"]);
    assert_eq!(hand_off(&world, &thread, &session).await, answer);
    assert_eq!(world.answers(&thread).await, ["You said: hello there", NOBODY]);
    // The message makes HubSpot assign the conversation to the AI user; the rep has it all the same, and the AI stays silent.
    world.pass(120).await;
    assert_eq!(assignee(&world, &thread).await, "A-100");
    assert_eq!(world.session().await["handed_off"], true);
    world.say(&thread, "anybody?").await;
    world.pass(30).await;
    assert_eq!(world.answers(&thread).await.len(), 2);
    let said = world.said().await;
    assert!(!said.iter().any(|line| line.contains(NOBODY)), "OpenCX did not say it: {said:?}");
}

#[tokio::test(start_paused = true)]
async fn during_office_hours_and_without_a_message_nothing_is_said() {
    for settings in [
        json!({ "office_hours": hours("09:00", "17:00") }),
        json!({}),
        json!({ "office_hours": hours("13:00", "17:00"), "fallback_message": null }),
        json!({ "office_hours": hours("13:00", "17:00"), "assist_mode": true }),
    ] {
        let (world, thread, session) = world(settings).await;
        let answer = hand_off(&world, &thread, &session).await;
        assert_eq!(answer["warnings"], json!([]));
        assert!(!world.answers(&thread).await.contains(&NOBODY.to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rep_who_is_none_any_more_is_nobody() {
    let (world, thread, session) = world(json!({ "default_user": "A-999" })).await;
    // An unassigned conversation is the AI's. The message makes HubSpot assign it to the AI user; that is not a rep giving it back.
    world.assign(&thread, Value::Null).await;
    world.pass(60).await;
    let answer = hand_off(&world, &thread, &session).await;
    assert_eq!(codes(&answer), ["owner_not_found", "nobody_there"]);
    assert_eq!(world.answers(&thread).await.last().unwrap(), NOBODY);
    world.pass(120).await;
    assert_eq!(assignee(&world, &thread).await, Value::Null, "reps find it among what is nobody's");
    assert_eq!(world.session().await["handed_off"], true);
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_has_the_conversation_is_nobody_who_is_there() {
    let (world, thread, session) = world(json!({ "office_hours": hours("13:00", "17:00") })).await;
    world.assign(&thread, json!("B-7")).await;
    world.pass(5).await;
    let answer = hand_off(&world, &thread, &session).await;
    assert_eq!(codes(&answer), ["nobody_there"]);
    assert_eq!(world.answers(&thread).await.last().unwrap(), NOBODY);
    world.pass(60).await;
    assert_eq!(assignee(&world, &thread).await, "A-100");
}

#[tokio::test(start_paused = true)]
async fn where_a_person_has_the_conversation_nobody_says_that_nobody_is_there() {
    let (world, thread, session) = world(json!({ "office_hours": hours("13:00", "17:00") })).await;
    world.assign(&thread, json!("A-101")).await;
    world.pass(5).await;
    hand_off(&world, &thread, &session).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello there"]);
    assert_eq!(assignee(&world, &thread).await, "A-101");
}

#[tokio::test(start_paused = true)]
async fn a_fallback_message_whose_confirmation_is_lost_is_there_once() {
    let (world, thread, session) = world(json!({ "office_hours": hours("13:00", "17:00") })).await;
    let lost = json!({ "method": "POST", "path": "/conversations", "lose_answer": true });
    world.hubspot_fault(lost).await;
    let ask = world.handoff(&session, Some(&thread));
    world.invoke("handoff", ask.clone()).await.unwrap_err();
    world.pass(5).await;
    world.invoke("handoff", ask).await.unwrap();
    assert_eq!(world.answers(&thread).await, ["You said: hello there", NOBODY]);
    assert_eq!(assignee(&world, &thread).await, "A-100");
}

#[tokio::test(start_paused = true)]
async fn where_no_customer_has_written_the_handoff_goes_on_without_the_message() {
    let (world, _, session) = world(json!({ "office_hours": hours("13:00", "17:00") })).await;
    let thread = world.thread("web").await;
    world.write(&thread, json!({ "from": "A-100", "text": "I call you back" })).await;
    world.assign(&thread, Value::Null).await;
    world.pass(60).await;
    let answer = hand_off(&world, &thread, &session).await;
    assert_eq!((codes(&answer), &answer["ticket"]), (vec!["fallback_not_posted"], &json!("created")));
}

fn timeout() -> Value {
    // Reps pick handoffs among the unassigned conversations.
    json!({ "default_user": null, "fallback_assignee": "A-101", "handoff_timeout_minutes": 30 })
}

#[tokio::test(start_paused = true)]
async fn a_handoff_nobody_takes_goes_to_the_fallback_rep() {
    let (world, thread, session) = world(timeout()).await;
    hand_off(&world, &thread, &session).await;
    world.pass(29 * 60).await;
    assert_eq!((assignee(&world, &thread).await, owner(&world).await), (Value::Null, Value::Null));
    assert_eq!(world.log_of("handoff.timeout").await, ["delayed"]);
    world.pass(2 * 60).await;
    assert_eq!(assignee(&world, &thread).await, "A-101");
    assert_eq!(owner(&world).await, "81538101");
    assert_eq!(world.log_of("handoff.timeout").await, ["done"]);
    assert_eq!(world.session().await["handed_off"], true);
}

#[tokio::test(start_paused = true)]
async fn a_handoff_that_is_taken_or_over_stays_where_it_is() {
    let (world, thread, session) = world(timeout()).await;
    hand_off(&world, &thread, &session).await;
    world.pass(60).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(40 * 60).await;
    assert_eq!(assignee(&world, &thread).await, "A-100");
    world.assign(&thread, world.portal["ai_user"].clone()).await;
    world.pass(60).await;
    hand_off(&world, &thread, &session).await;
    let resolve = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" });
    world.invoke("resolve", resolve).await.unwrap();
    world.pass(40 * 60).await;
    assert_eq!(assignee(&world, &thread).await, Value::Null);
    assert_eq!(world.log_of("handoff.timeout").await, ["done", "done"]);
}

#[tokio::test(start_paused = true)]
async fn the_wait_begins_when_the_office_opens_and_survives_a_crash() {
    let mut settings = timeout();
    settings["office_hours"] = hours("13:00", "17:00");
    let (mut world, thread, session) = world(settings).await;
    hand_off(&world, &thread, &session).await;
    world.pass(60).await;
    world.restart().await;
    // 13:00 is two hours after the beginning.
    world.pass(2 * 3600 + 20 * 60).await;
    assert_eq!(assignee(&world, &thread).await, Value::Null);
    world.pass(15 * 60).await;
    assert_eq!(assignee(&world, &thread).await, "A-101");
}

#[tokio::test(start_paused = true)]
async fn without_a_conversation_in_hubspot_the_ticket_goes_to_the_fallback_rep() {
    let mut settings = timeout();
    settings["default_user"] = json!("A-1");
    let world = World::with_settings(settings).await;
    let mut ask = world.handoff("5f0c0000-0000-4000-8000-000000000001", None);
    ask["session"]["channel"] = json!("phone_voice");
    world.invoke("handoff", ask).await.unwrap();
    world.pass(10 * 60).await;
    world.reconcile().await;
    world.pass(10).await;
    assert_ne!(owner(&world).await, "81538101");
    world.pass(35 * 60).await;
    // Nothing but the reconciler's schedule brings it back.
    world.reconcile().await;
    world.pass(10).await;
    assert_eq!(owner(&world).await, "81538101");
}

/// Nobody is there, customers are told so, e-mails are signed, and a handoff that nobody takes goes to another rep.
async fn closed_office() -> World {
    let mut settings = timeout();
    settings["office_hours"] = hours("13:00", "17:00");
    settings["fallback_message"] = json!(NOBODY);
    let world = World::with(Differently { settings, oauth: true, ..Differently::default() }).await;
    let org = OrgId::parse(ORG).unwrap();
    operations::save_signature(&world.bridge_of(&CONNECT), &org, "*.example", "<p>Kind regards</p>").await.unwrap();
    world
}

#[tokio::test(start_paused = true)]
async fn by_e_mail_the_customer_is_told_with_a_signature_and_the_timeout_begins() {
    let world = closed_office().await;
    let thread = world.thread("email").await;
    world.write(&thread, json!({ "from": "visitor", "text": "hello there", "subject": "Question" })).await;
    world.pass(60).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    assert_eq!(codes(&hand_off(&world, &thread, &session).await), ["nobody_there"]);
    assert_eq!(world.answers(&thread).await, ["You said: hello there\n\nKind regards", SIGNED]);
    assert_eq!(world.comments(&thread).await.len(), 1, "reps hear of it");
    world.pass(10).await;
    assert_eq!(world.log_of("handoff.timeout").await, ["delayed"]);
}

#[tokio::test(start_paused = true)]
async fn a_workflows_handoff_does_the_same_in_the_tickets_conversation() {
    let world = closed_office().await;
    world.quiet_webhooks().await;
    let begun = json!({ "channel": { "type": "email" }, "contact": { "email": "ada@example.com" } });
    let session = world.ocx("POST", "/_sim/sessions", begun).await["session_id"].as_str().unwrap().to_owned();
    let mut ask = world.handoff(&session, None);
    ask["session"]["channel"] = json!("email");
    let ticket = world.invoke("handoff", ask).await.unwrap()["ticket_id"].as_str().unwrap().to_owned();
    world.invoke("sync", json!({ "org_id": ORG, "session_id": session, "ai": "resumed" })).await.unwrap();
    // A rep puts the customer's conversation to the ticket; no event has told us of it.
    let thread = world.thread("email").await;
    world.write(&thread, json!({ "from": "visitor", "text": "hello there", "subject": "Question" })).await;
    world.hs("PATCH", &format!("/_sim/threads/{thread}"), json!({ "ticket_id": ticket })).await;
    let call = ActionCall {
        callback_id: "ap-1".to_owned(),
        portal: PortalId::parse(world.portal["portal_id"].as_str().unwrap()).unwrap(),
        object: ActionObject::Ticket(TicketId::parse(ticket).unwrap()),
        thread: None,
        inputs: BTreeMap::new(),
    };
    let asked = world.take_action(Action::RequestHandoff, call).await;
    assert_eq!(asked.result, ActionResult::Done, "{}", asked.message);
    assert_eq!(world.answers(&thread).await, [SIGNED]);
    assert_eq!(world.comments(&thread).await.len(), 1, "reps hear of it");
}

#[tokio::test(start_paused = true)]
async fn settings_that_cannot_be_are_refused_by_name() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    let check = async |wanted: Value, field: &str, part: &str| {
        let (status, problem) = console.call("PATCH", "/api/settings", wanted).await;
        assert_eq!(status, 400, "{problem}");
        assert!(problem["field"] == field && problem["detail"].as_str().unwrap().contains(part), "{problem}");
    };
    let mut nowhere = hours("09:00", "17:00");
    nowhere["timezone"] = json!("Mars/Olympus");
    check(json!({ "office_hours": nowhere }), "office_hours", "timezone: `Mars/Olympus`").await;
    check(json!({ "office_hours": hours("17:00", "09:00") }), "office_hours", "weekly.fri").await;
    check(json!({ "office_hours": "always" }), "office_hours", "office hours").await;
    check(json!({ "handoff_timeout_minutes": 30 }), "fallback_assignee", "choose who").await;
    check(json!({ "handoff_timeout_minutes": 0 }), "handoff_timeout_minutes", "from 1").await;
    let right =
        json!({ "office_hours": hours("09:00", "24:00"), "handoff_timeout_minutes": 30, "fallback_assignee": "A-101" });
    let (status, saved) = console.call("PATCH", "/api/settings", right.clone()).await;
    assert_eq!((status, &saved["office_hours"]["weekly"]), (200, &right["office_hours"]["weekly"]));
}
