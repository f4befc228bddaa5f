//! Several short messages in a row, answered together.

use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn quiet(seconds: u32) -> World {
    World::with_settings(json!({ "quiet_seconds": { "web": seconds, "email": seconds } })).await
}

async fn details(world: &World) -> Vec<String> {
    let org = domain::OrgId::parse(ORG).unwrap();
    let page = world.operator().store.deliveries(&org, &world.whole_log(), 100, None).await.unwrap();
    let rows = page.items.iter().filter(|row| row.label == "conversation.newMessage" && row.reason.is_none());
    let mut rows: Vec<_> = rows.map(|row| (row.created_at, row.detail.clone().unwrap_or_default())).collect();
    rows.sort();
    rows.into_iter().map(|(_, detail)| detail).collect()
}

#[tokio::test(start_paused = true)]
async fn three_short_messages_get_one_answer_to_all_their_words() {
    for channel in ["web", "email"] {
        let world = quiet(8).await;
        let thread = world.thread(channel).await;
        let mut last = String::new();
        for words in ["hello", "my lamp is broken", "the red one"] {
            last = world.say(&thread, words).await;
            world.pass(3).await;
        }
        world.pass(30).await;
        let whole = "hello\nmy lamp is broken\nthe red one";
        assert_eq!(world.answers(&thread).await, [format!("You said: {whole}")]);
        assert_eq!(world.said().await, [format!("contact: {whole}"), format!("ai: You said: {whole}")]);
        let together = format!("answered together with message {last}");
        assert_eq!(details(&world).await, [together.clone(), together, "the answer is on the thread".to_owned()]);
        assert_eq!(world.log().await, ["done", "done", "done"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_message_is_a_round_of_its_own() {
    let world = quiet(5).await;
    let thread = world.thread("web").await;
    world.say(&thread, "one").await;
    world.pass(12).await;
    world.say(&thread, "two").await;
    world.pass(12).await;
    assert_eq!(world.answers(&thread).await, ["You said: one", "You said: two"]);
}

#[tokio::test(start_paused = true)]
async fn who_never_stops_writing_is_answered_all_the_same() {
    let world = quiet(4).await;
    let thread = world.thread("web").await;
    for n in 0..40 {
        world.say(&thread, &format!("word {n}")).await;
        world.pass(3).await;
    }
    assert!(!world.answers(&thread).await.is_empty());
    world.pass(60).await;
    let said: Vec<String> = world.said().await.into_iter().filter(|line| line.starts_with("contact")).collect();
    let all = said.join("\n");
    assert!(
        (0..40).all(
            |n| all.matches(&format!("word {n}\n")).count() + usize::from(all.ends_with(&format!("word {n}"))) == 1
        ),
        "{said:?}"
    );
    assert!(said.len() < 6, "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn a_person_who_takes_over_meanwhile_gets_all_the_words() {
    let world = quiet(8).await;
    let thread = world.thread("web").await;
    for words in ["hello", "a person please"] {
        world.say(&thread, words).await;
        world.pass(2).await;
    }
    world.pass(5).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(30).await;
    assert!(world.answers(&thread).await.is_empty());
    let said = world.said().await;
    assert_eq!(said.iter().filter(|line| line.contains("hello")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|line| line.contains("a person please")).count(), 1, "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn redelivered_and_replayed_events_change_nothing() {
    let world = quiet(8).await;
    let thread = world.thread("web").await;
    let mut events = Vec::new();
    for words in ["hello", "the red one"] {
        let message = world.say(&thread, words).await;
        events.push(world.new_message(&thread, &message));
        world.pass(2).await;
    }
    for _ in 0..4 {
        world.hs("POST", "/_sim/events", json!(events)).await;
        world.pass(6).await;
    }
    let org = domain::OrgId::parse(ORG).unwrap();
    let first = events[0]["messageId"].as_str().unwrap();
    let key = domain::DedupKey::from_stored(format!("message:{}:{first}", world.portal["portal_id"].as_str().unwrap()));
    world.replay(&org, &key).await;
    world.pass(60).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello\nthe red one"]);
    assert_eq!(world.log().await, ["done", "done"]);
    assert_eq!(world.hs("GET", "/_sim/tickets", Value::Null).await, json!([]));
}
