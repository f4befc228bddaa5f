//! A message that HubSpot accepted and could not deliver.

use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn fail(world: &World, thread: &str, reason: &str) {
    let entries = world.entries(thread).await;
    let last = entries.iter().rfind(|m| m["direction"] == "OUTGOING").unwrap()["id"].as_str().unwrap().to_owned();
    world.hs("PATCH", &format!("/_sim/threads/{thread}/messages/{last}"), json!({ "failed": reason })).await;
}

async fn answered(world: &World) -> String {
    let thread = world.thread("email").await;
    world.write(&thread, json!({ "from": "visitor", "text": "by e-mail", "subject": "Question" })).await;
    world.pass(20).await;
    assert_eq!(world.answers(&thread).await.len(), 1);
    thread
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_bounced_is_marked_and_people_hear_of_it_once() {
    let world = World::new().await;
    let thread = answered(&world).await;
    fail(&world, &thread, "550 mailbox unavailable").await;
    world.pass(700).await;
    assert_eq!(world.log().await, ["failed not_delivered"]);
    let org = domain::OrgId::parse(ORG).unwrap();
    let page = world.operator().store.deliveries(&org, &world.whole_log(), 50, None).await.unwrap();
    let row = page
        .items
        .iter()
        .find(|row| row.label == "conversation.newMessage" && row.reason.is_some() && row.state.as_str() == "failed");
    assert_eq!(row.unwrap().detail.as_deref(), Some("550 mailbox unavailable"));
    world.pass(7200).await;
    let comments = world.comments(&thread).await;
    assert!(
        comments.len() == 1
            && comments[0].contains("550 mailbox unavailable")
            && comments[0].contains("You said: by e-mail"),
        "{comments:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_bounces_late_is_noticed_by_the_second_look() {
    let world = World::new().await;
    let thread = answered(&world).await;
    world.pass(700).await;
    assert_eq!(world.log().await, ["done"]);
    fail(&world, &thread, "mailbox full").await;
    world.pass(3600).await;
    assert_eq!(world.log().await, ["failed not_delivered"]);
    assert_eq!(world.comments(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_arrived_is_looked_at_twice_and_then_left_alone() {
    let world = World::new().await;
    answered(&world).await;
    world.forget_calls().await;
    world.pass(4 * 3600).await;
    let (hubspot, _) = world.calls().await;
    assert_eq!(hubspot.len(), 2, "{hubspot:?}");
    assert_eq!(world.log().await, ["done"]);
}

#[tokio::test(start_paused = true)]
async fn an_agents_reply_that_bounced_is_told_too() {
    let world = World::new().await;
    let thread = answered(&world).await;
    let session = world.session().await["session_id"].clone();
    let ask = json!({ "org_id": ORG, "session_id": session, "message": { "id": "m-1", "sender": "agent", "text": "On it", "agent": { "name": "Grace" } } });
    let first = world.invoke("reply", ask.clone()).await.unwrap();
    fail(&world, &thread, "550 mailbox unavailable").await;
    world.hubspot_fault(json!({ "method": "POST", "path": "/conversations", "lose_answer": true })).await;
    world.pass(1500).await;
    let comments = world.comments(&thread).await;
    assert!(comments.len() == 1 && comments[0].contains("On it"), "{comments:?}");
    assert_eq!(world.invoke("reply", ask).await.unwrap(), first, "the stored answer stays");
    let page = world
        .operator()
        .store
        .delivery(&domain::OrgId::parse(ORG).unwrap(), &domain::DedupKey::from_stored("request:reply:m-1"))
        .await
        .unwrap();
    assert_eq!(page.unwrap().reason.unwrap().to_string(), "not_delivered");
    assert_eq!(world.session().await["status"], Value::from("open"));
}
