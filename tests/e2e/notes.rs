//! What reps write for each other: comments in conversations, notes on tickets.

use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

/// A conversation that was handed off: world, thread, ticket.
async fn handed_off() -> (World, String, String) {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    world.pass(5).await;
    (world, thread, answer["ticket_id"].as_str().unwrap().to_owned())
}

async fn note(world: &World, ticket: &str, more: Value) {
    let mut note = json!({ "ticket_id": ticket, "body": "<p>Fixed by <b>re-uploading</b> the cert.<br>Closing&hellip;</p>", "owner_id": "81538101" });
    note.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.hs("POST", "/_sim/notes", note).await;
}

/// The session's internal comments, as `author: text`.
async fn notes(world: &World) -> Vec<String> {
    let session = world.session().await;
    let line = |n: &Value| format!("{}: {}", n["author"].as_str().unwrap_or("nobody"), n["text"].as_str().unwrap());
    session["notes"].as_array().unwrap().iter().map(line).collect()
}

async fn log(world: &World) -> Vec<String> {
    world.log_of("object.creation").await.into_iter().filter(|line| line != "skipped own_message").collect()
}

#[tokio::test(start_paused = true)]
async fn a_reps_note_on_a_linked_ticket_becomes_an_internal_comment_with_its_author() {
    each_family(async || {
        let (world, thread, ticket) = handed_off().await;
        let said = world.answers(&thread).await;
        note(&world, &ticket, json!({})).await;
        world.pass(5).await;
        assert_eq!(notes(&world).await, ["Rob Rep: Fixed by re-uploading the cert.\nClosing…"]);
        assert_eq!(log(&world).await, ["done"]);
        assert_eq!(world.answers(&thread).await, said);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_note_without_owner_has_the_name_of_who_typed_it() {
    let (world, _, ticket) = handed_off().await;
    note(&world, &ticket, json!({ "owner_id": null })).await;
    world.pass(5).await;
    assert!(notes(&world).await[0].starts_with("Rita Rep: "));
}

#[tokio::test(start_paused = true)]
async fn a_note_whose_ticket_is_known_only_later_is_looked_at_again_once() {
    let (world, _, ticket) = handed_off().await;
    note(&world, &ticket, json!({ "association_delay_ms": 3000 })).await;
    world.pass(2).await;
    assert!(notes(&world).await.is_empty());
    world.pass(10).await;
    assert_eq!(notes(&world).await.len(), 1);
    assert_eq!(log(&world).await, ["done"]);
}

#[tokio::test(start_paused = true)]
async fn notes_elsewhere_are_nobodys() {
    let (world, _, _) = handed_off().await;
    let contact = world.hs("GET", "/_sim/contacts", Value::Null).await[0]["contact_id"].clone();
    let elsewhere = json!({ "type": "note", "properties": { "hs_note_body": "Called her", "hs_timestamp": "2026-11-20T10:00:00Z" }, "associated": [{ "type": "contact", "id": contact }] });
    world.hs("POST", "/_sim/records", elsewhere).await;
    let stranger = json!({ "type": "ticket", "properties": { "subject": "Another", "hs_pipeline_stage": "1" } });
    let stranger = world.hs("POST", "/_sim/records", stranger).await["id"].as_str().unwrap().to_owned();
    note(&world, &stranger, json!({})).await;
    world.pass(30).await;
    assert!(notes(&world).await.is_empty());
    assert_eq!(log(&world).await, ["skipped unlinked_note", "skipped unlinked_note"]);
}

#[tokio::test(start_paused = true)]
async fn our_own_notes_do_not_come_back() {
    let (world, _, _) = handed_off().await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let message = json!({ "id": "m-1", "text": "From the phone", "sender": "contact" });
    world.invoke("reply", json!({ "org_id": ORG, "session_id": session, "message": message })).await.unwrap();
    world.pass(10).await;
    assert!(notes(&world).await.is_empty());
    assert!(world.log_of("object.creation").await.contains(&"skipped own_message".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_same_remark_by_two_ways_is_stored_once() {
    let (world, thread, ticket) = handed_off().await;
    world.write(&thread, json!({ "from": "A-100", "text": "Look at this, please", "type": "COMMENT" })).await;
    note(&world, &ticket, json!({ "body": "<p>Look at this, please</p>", "owner_id": "81538100" })).await;
    world.pass(10).await;
    assert_eq!(notes(&world).await, ["Rita Rep: Look at this, please"]);
    // The same words again, later, are another remark.
    world.pass(600).await;
    world.write(&thread, json!({ "from": "A-100", "text": "Look at this, please", "type": "COMMENT" })).await;
    world.pass(10).await;
    assert_eq!(notes(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_note_that_opencx_takes_without_saying_so_is_not_stored_twice() {
    let (world, _, ticket) = handed_off().await;
    world.opencx_fault(json!({ "method": "POST", "path": "/chat", "lose_answer": true })).await;
    note(&world, &ticket, json!({})).await;
    world.pass(60).await;
    assert_eq!(notes(&world).await.len(), 1);
    assert_eq!(log(&world).await, ["done"]);
}
