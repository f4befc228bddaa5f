//! Who gets a handoff, and what it says on channels and of files.

use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn talking(world: &World) -> (String, String) {
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(5).await;
    let session = world.sessions().await.last().unwrap()["session_id"].as_str().unwrap().to_owned();
    (thread, session)
}

async fn assigned_to(world: &World, thread: &str) -> Value {
    world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await["assigned_to"].clone()
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_first_rule_that_fits_names_the_rep_else_the_default_user_gets_it() {
    let rules = json!([
        { "when": { "language": "de" }, "assign": "A-100" },
        { "when": { "channel": "web", "sentiment": "angry", "custom_data": { "plan": "pro" } }, "assign": "rob@support.example" },
        { "when": { "reason": "prohibited_topic" }, "assign": "81538100" },
    ]);
    let cases = [
        (
            json!({ "language": "de-AT", "custom_data": { "plan": "pro" } }),
            "user_requested_human_assistance",
            "81538100",
        ),
        (json!({ "language": "en", "custom_data": { "plan": "pro" } }), "user_requested_human_assistance", "81538101"),
        (json!({ "language": "en", "sentiment": "happy" }), "prohibited_topic", "81538100"),
        (json!({ "language": "en", "sentiment": "happy" }), "insufficient_knowledge", "81538101"),
    ];
    let world = World::with_settings(json!({ "routing": rules, "default_user": "A-101" })).await;
    for (described, reason, owner) in cases {
        let (thread, session) = talking(&world).await;
        let mut ask = world.handoff(&session, Some(&thread));
        ask["session"].as_object_mut().unwrap().extend(described.as_object().unwrap().clone());
        ask["reason"]["code"] = json!(reason);
        let answer = world.invoke("handoff", ask).await.unwrap();
        assert_eq!(answer["owner_id"], owner, "{described} {reason}");
        let rep = if owner == "81538100" { "A-100" } else { "A-101" };
        assert_eq!(assigned_to(&world, &thread).await, rep, "{described} {reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rep_without_a_seat_gets_the_ticket_and_the_conversation_stays_where_it_is() {
    let world = World::with_settings(json!({ "default_user": "A-101" })).await;
    let mate = |user: u64, owner: u64, name: &str, seat: bool| json!({ "user_id": user, "owner_id": owner, "name": name, "email": format!("{owner}@support.example"), "seat": seat });
    let team = json!([mate(3_892_666, 81_538_190, "AI Assistant", true), mate(101, 81_538_101, "Rob Rep", false)]);
    world.hs("PUT", "/_sim/owners", team).await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert_eq!(codes(&answer), ["thread_not_assigned"]);
    assert_eq!(world.tickets().await[0]["properties"]["hubspot_owner_id"], "81538101");
    assert_eq!(assigned_to(&world, &thread).await, world.portal["ai_user"]);
    assert_eq!(world.comments(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rep_who_has_left_is_a_warning() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    for gone in ["A-555", "nobody@support.example", "81530000"] {
        world.pass(60).await;
        let mut ask = world.handoff(&session, Some(&thread));
        ask["session"]["id"] = json!(format!("s-{}", gone.len()));
        ask["session"]["thread_id"] = Value::Null;
        ask["assignee"] = json!(gone);
        let answer = world.invoke("handoff", ask).await.unwrap();
        assert!(codes(&answer).contains(&"owner_not_found"), "{gone}: {answer}");
        assert_eq!(answer["owner_id"], Value::Null);
    }
}

#[tokio::test(start_paused = true)]
async fn in_assist_mode_ticket_and_comment_come_and_nobody_is_assigned() {
    let world = World::with_settings(json!({ "assist_mode": true, "default_user": "A-101" })).await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert_eq!(answer["ticket"], "created");
    assert_eq!(world.tickets().await[0]["properties"]["hubspot_owner_id"], Value::Null);
    assert_eq!(assigned_to(&world, &thread).await, Value::Null);
    let comments = world.comments(&thread).await;
    assert!(comments.iter().any(|c| c.starts_with("🔄 AI decided to handoff")), "{comments:?}");
}

#[tokio::test(start_paused = true)]
async fn on_a_channel_that_is_not_hubspots_the_ticket_carries_everything() {
    let world = World::new().await;
    for channel in ["whatsapp", "sms", "phone_voice"] {
        let mut ask = world.handoff(&format!("s-{channel}"), None);
        ask["session"]["channel"] = json!(channel);
        let answer = world.invoke("handoff", ask.clone()).await.unwrap();
        assert_eq!((&answer["ticket"], &answer["thread_id"]), (&json!("created"), &Value::Null));
        let path = format!("/_sim/tickets/{}", answer["ticket_id"].as_str().unwrap());
        let ticket = world.hs("GET", &path, Value::Null).await;
        assert_eq!(ticket["properties"]["opencx_channel"], channel);
        let notes = ticket["notes"].as_array().unwrap();
        assert_eq!((notes.len(), &notes[0]["id"]), (1, &answer["comment_id"]));
        let note = notes[0]["body"].as_str().unwrap();
        for part in
            ["AI decided to handoff", "asked for a person", "answer in the OpenCX inbox", "https://inbox.example/s/1"]
        {
            assert!(note.contains(part), "{part} is missing in {note}");
        }
        // The customer goes on writing: people read it on the ticket, once.
        let said = json!({ "id": format!("m-{channel}"), "sender": "contact", "text": "are you there?" });
        let ask = json!({ "org_id": ORG, "session_id": format!("s-{channel}"), "message": said });
        for _ in 0..2 {
            assert_eq!(world.invoke("reply", ask.clone()).await.unwrap()["posted_as"], "note");
        }
        let notes = world.hs("GET", &path, Value::Null).await["notes"].clone();
        assert_eq!(notes.to_string().matches("are you there?").count(), 1, "{notes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_double_the_tickets_note() {
    each_family(async || {
        let world = World::new().await;
        let mut ask = world.handoff("s-phone", None);
        ask["session"]["channel"] = json!("phone_voice");
        world
            .hubspot_fault(json!({ "method": "POST", "path": "/crm/objects/2026-09/notes", "lose_answer": true }))
            .await;
        world.invoke("handoff", ask.clone()).await.unwrap_err();
        world.invoke("handoff", ask).await.unwrap();
        let tickets = world.tickets().await;
        assert_eq!((tickets.len(), tickets[0]["notes"].as_array().unwrap().len()), (1, 1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn files_are_named_in_the_transcript() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let mut ask = world.handoff(&session, Some(&thread));
    ask["session"]["transcript"] = json!([
        { "sender": "contact", "text": "look", "attachments": [{ "name": "broken.JPG", "url": "https://files.example/1" }] },
        { "sender": "contact", "text": "", "attachments": [{ "name": "invoice.pdf", "url": "javascript:alert(1)" }] },
    ]);
    world.invoke("handoff", ask).await.unwrap();
    let content = world.tickets().await[0]["properties"]["content"].as_str().unwrap().to_owned();
    assert!(content.contains("Customer: look [Image: broken.JPG https://files.example/1]"), "{content}");
    assert!(content.contains("Customer: [File: invoice.pdf]"), "{content}");
}
