//! After an outage: what was never delivered.

use crate::console::Console;
use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn repair(world: &World, since: &str) -> Value {
    let (status, repaired) =
        Console::of(world, ORG).call("POST", &format!("/api/repair?since={since}"), Value::Null).await;
    assert_eq!(status, 200, "{repaired}");
    repaired
}

#[tokio::test(start_paused = true)]
async fn messages_of_an_outage_are_answered_once_and_repeating_it_does_nothing() {
    each_family(async || {
        let world = World::new().await;
        let known = world.thread("web").await;
        world.say(&known, "before").await;
        world.pass(5).await;
        world.quiet_webhooks().await;
        world.say(&known, "during").await;
        let unknown = world.thread("web").await;
        world.say(&unknown, "hello?").await;
        world.write(&unknown, json!({ "from": "B-1", "text": "beep" })).await;
        world.pass(600).await;
        assert_eq!(world.answers(&known).await, ["You said: before"]);
        let found = repair(&world, "2026-11-20T09:00:00Z").await;
        assert_eq!(found, json!({ "threads": 2, "messages": 4, "queued": 3 }));
        world.pass(30).await;
        assert_eq!(world.answers(&known).await, ["You said: before", "You said: during"]);
        assert_eq!(world.answers(&unknown).await, ["You said: hello?"]);
        assert_eq!(repair(&world, "2026-11-20T09:00:00Z").await["queued"], 0);
        world.pass(30).await;
        assert_eq!(world.answers(&unknown).await.len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_person_answered_meanwhile_is_not_answered_again() {
    let world = World::new().await;
    world.quiet_webhooks().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello?").await;
    world.pass(600).await;
    world.write(&thread, json!({ "from": "A-100", "text": "a human speaking" })).await;
    world.assign(&thread, Value::Null).await;
    world.pass(600).await;
    repair(&world, "2026-11-20T09:00:00Z").await;
    world.pass(30).await;
    assert!(world.answers(&thread).await.is_empty(), "{:?}", world.log().await);
    assert!(world.said().await.contains(&"agent: a human speaking".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn many_threads_are_read_page_by_page() {
    let world = World::new().await;
    world.quiet_webhooks().await;
    for n in 0..12 {
        let thread = world.thread("web").await;
        world.say(&thread, &format!("hello {n}")).await;
        world.pass(1).await;
    }
    assert_eq!(repair(&world, "2026-11-20T10:00:06Z").await["threads"], 5);
    assert_eq!(repair(&world, "2026-11-20T09:00:00Z").await["threads"], 12);
    world.pass(60).await;
    assert_eq!(world.sessions().await.len(), 12);
}

#[tokio::test(start_paused = true)]
async fn it_does_not_go_back_further_than_the_log() {
    let world = World::new().await;
    for (path, problem) in [
        ("/api/repair?since=2026-01-01T00:00:00Z", "before the time"),
        ("/api/repair?since=yesterday", "since"),
        ("/api/repair", "missing"),
    ] {
        let (status, refused) = Console::of(&world, ORG).call("POST", path, Value::Null).await;
        assert_eq!((status, &refused["field"]), (400, &json!("since")), "{refused}");
        assert!(refused["detail"].as_str().unwrap().contains(problem), "{refused}");
    }
}
