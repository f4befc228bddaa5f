//! A customer comes back after their session was resolved.

use crate::world::{ORG, World};
use serde_json::{Value, json};

const DAY: u64 = 86_400;

/// A conversation that was handed off, resolved, and closed.
async fn closed(world: &World) -> (String, String, Value) {
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(5).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved", "summary": "Refunded" });
    world.invoke("resolve", ask).await.unwrap();
    world.close_in_opencx(&session).await;
    world.pass(30).await;
    assert_eq!(stage(world, &answer["ticket_id"]).await, "4");
    (thread, session, answer["ticket_id"].clone())
}

async fn stage(world: &World, ticket: &Value) -> Value {
    let path = format!("/_sim/tickets/{}", ticket.as_str().unwrap());
    world.hs("GET", &path, Value::Null).await["properties"]["hs_pipeline_stage"].clone()
}

#[tokio::test(start_paused = true)]
async fn within_the_days_session_and_ticket_reopen_and_the_ai_answers() {
    let world = World::with_settings(json!({ "reopen_within_days": 1 })).await;
    let (thread, _, ticket) = closed(&world).await;
    world.pass(DAY / 2).await;
    world.say(&thread, "it broke again").await;
    world.pass(5).await;
    let session = world.session().await;
    assert_eq!((&session["status"], &session["handed_off"]), (&json!("open"), &json!(false)));
    assert_eq!(stage(&world, &ticket).await, "1");
    assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: it broke again");
}

#[tokio::test(start_paused = true)]
async fn later_a_new_session_begins_that_names_the_old_one() {
    let world = World::with_settings(json!({ "reopen_within_days": 1 })).await;
    let (thread, old, ticket) = closed(&world).await;
    world.pass(DAY + 60).await;
    for words in ["something new", "and one more"] {
        world.say(&thread, words).await;
        world.pass(5).await;
    }
    let sessions = world.sessions().await;
    assert_eq!(sessions.len(), 2);
    let (first, new) = (&sessions[0], &sessions[1]);
    assert_eq!((&first["status"], &first["session_id"]), (&json!("closed_resolved"), &json!(old)));
    assert_eq!(new["custom_data"]["previous_session_id"], json!(old));
    assert_eq!(new["messages"].as_array().unwrap().len(), 4);
    assert_eq!(stage(&world, &ticket).await, "4");
    // Its handoff opens a ticket of its own that names the old one.
    let id = new["session_id"].as_str().unwrap();
    let answer = world.invoke("handoff", world.handoff(id, Some(&thread))).await.unwrap();
    assert_eq!(answer["ticket"], "created");
    let path = format!("/_sim/tickets/{}", answer["ticket_id"].as_str().unwrap());
    let content = world.hs("GET", &path, Value::Null).await["properties"]["content"].as_str().unwrap().to_owned();
    assert!(content.contains(&format!("Follows ticket {}", ticket.as_str().unwrap())), "{content}");
}

#[tokio::test(start_paused = true)]
async fn with_zero_days_every_return_begins_anew() {
    let world = World::with_settings(json!({ "reopen_within_days": 0 })).await;
    let (thread, _, _) = closed(&world).await;
    world.say(&thread, "something new").await;
    world.pass(5).await;
    assert_eq!(world.sessions().await.len(), 2);
    assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: something new");
}

#[tokio::test(start_paused = true)]
async fn a_session_opencx_reopens_has_an_open_ticket_again() {
    let world = World::new().await;
    let (_, session, ticket) = closed(&world).await;
    let ask = json!({ "org_id": ORG, "session_id": session, "status": "open" });
    world.invoke("resolve", ask.clone()).await.unwrap();
    assert_eq!(stage(&world, &ticket).await, "1");
    world.invoke("resolve", ask).await.unwrap();
    assert_eq!(stage(&world, &ticket).await, "1");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_hubspot_will_not_reopen_does_not_keep_the_customer_waiting() {
    let world = World::new().await;
    let (thread, _, _) = closed(&world).await;
    world.hubspot_fault(json!({ "method": "PATCH", "path": "/crm", "status": 400, "times": 9 })).await;
    world.say(&thread, "it broke again").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: it broke again");
}
