//! A person's data, deleted or shown.

use crate::console::Console;
use crate::world::{ORG, World};
use serde_json::{Value, json};

fn org() -> domain::OrgId {
    domain::OrgId::parse(ORG).unwrap()
}

/// A conversation with a handoff; thread, session, contact.
async fn known(world: &World, email: &str) -> (String, String, String) {
    let told = json!({ "channel": "web", "contact": { "name": "Ada Example", "email": email } });
    let thread = world.thread_with(told).await;
    world.say(&thread, "my secret is 4711").await;
    world.pass(5).await;
    let session = world.sessions().await.last().unwrap()["session_id"].as_str().unwrap().to_owned();
    let mut ask = world.handoff(&session, Some(&thread));
    ask["session"]["contact"]["email"] = json!(email);
    let contact = world.invoke("handoff", ask).await.unwrap()["contact_id"].as_str().unwrap().to_owned();
    world.pass(5).await;
    (thread, session, contact)
}

async fn held(world: &World, contact: &str) -> Value {
    let (status, shown) = Console::of(world, ORG).get(&format!("/api/privacy/export?contact={contact}")).await;
    assert_eq!(status, 200, "{shown}");
    shown
}

#[tokio::test(start_paused = true)]
async fn an_export_shows_all_that_is_held_of_one_person() {
    let world = World::new().await;
    let (thread, session, contact) = known(&world, "ada@example.com").await;
    known(&world, "bob@example.com").await;
    let by_id = held(&world, &contact).await;
    assert_eq!(by_id["sessions"].as_array().unwrap().len(), 1);
    let shown = &by_id["sessions"][0];
    assert_eq!((&shown["session_id"], &shown["thread_id"]), (&json!(session), &json!(thread)));
    let kinds: Vec<&str> = shown["log"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"conversation.newMessage") && kinds.contains(&"handoff"), "{kinds:?}");
    assert!(shown.to_string().contains("You said: my secret is 4711"), "what the AI said is held in the journal");
    assert_eq!(held(&world, "ada@example.com").await, by_id);
    assert_eq!(held(&world, "nobody@example.com").await, json!({ "contact_id": null, "sessions": [] }));
}

#[tokio::test(start_paused = true)]
async fn a_contacts_privacy_deletion_removes_what_is_held_of_them_alone() {
    let world = World::new().await;
    let (thread, session, contact) = known(&world, "ada@example.com").await;
    let (_, _, other) = known(&world, "bob@example.com").await;
    world.hs("DELETE", &format!("/_sim/contacts/{contact}"), Value::Null).await;
    world.pass(5).await;
    assert_eq!(world.log_of("contact.privacyDeletion").await, ["done"]);
    assert_eq!(held(&world, &contact).await["sessions"], json!([]));
    assert_eq!(held(&world, &other).await["sessions"].as_array().unwrap().len(), 1);
    let store = &world.operator().store;
    assert!(store.session(&org(), &domain::SessionId::parse(session).unwrap()).await.unwrap().is_none());
    let page = store.deliveries(&org(), &world.whole_log(), 100, None).await.unwrap();
    let about = |row: &&store::Delivery| row.thread.as_ref().is_some_and(|id| id.as_str() == thread);
    assert_eq!(page.items.iter().filter(about).count(), 0);
    let row = page.items.iter().find(|row| row.label == "contact.privacyDeletion").unwrap();
    let detail = row.detail.clone().unwrap();
    assert!(detail.starts_with("what was held is removed: 1 sessions") && !detail.contains("ada"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_conversations_privacy_deletion_removes_it_and_may_be_told_twice() {
    let world = World::new().await;
    let (thread, session, contact) = known(&world, "ada@example.com").await;
    world.hs("DELETE", &format!("/_sim/threads/{thread}?privacy=true"), Value::Null).await;
    world.pass(5).await;
    let event = world.event("conversation.privacyDeletion", &json!({ "objectId": thread.parse::<u64>().unwrap() }));
    world.hs("POST", "/_sim/events", json!([event])).await;
    world.pass(5).await;
    assert_eq!(world.log_of("conversation.privacyDeletion").await, ["done", "done"]);
    assert_eq!(held(&world, &contact).await["sessions"], json!([]));
    let store = &world.operator().store;
    assert!(store.session(&org(), &domain::SessionId::parse(session.clone()).unwrap()).await.unwrap().is_none());
    // What OpenCX still asks for it finds nothing to act on, and nothing comes back.
    let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" });
    assert_eq!(world.invoke("resolve", ask).await.unwrap()["skipped"], "no_ticket");
    world.pass(900).await;
    assert_eq!(world.tickets().await[0]["properties"]["hs_pipeline_stage"], "1");
}
