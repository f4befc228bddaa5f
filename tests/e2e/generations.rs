//! Updates and rollbacks while messages are in the queue. A message of an earlier version is processed; one of a later version
//! waits for that version. Items of the table: shared/store/src/tests/generations.rs.

use crate::world::World;
use flows::{Envelope, MESSAGE_SCHEMA, Queued, Settled, record_dead_letter};
use local::OPERATOR;
use runtime::functions::EVENTS;
use serde_json::{Value, json};

/// The messages that version 0.1.0 wrote. Never write them anew: an update must read every message in the queue.
const MESSAGES: &str = include_str!("../fixtures/generation_1/messages.json");

#[test]
fn every_message_of_version_0_1_0_is_read() {
    let messages: Vec<Value> = serde_json::from_str(MESSAGES).unwrap();
    assert!(messages.len() > 5);
    for message in messages {
        let read: Envelope = serde_json::from_value(message.clone()).unwrap_or_else(|e| panic!("{e}: {message}"));
        assert!(read.schema == 1 && read.schema <= MESSAGE_SCHEMA);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_rollback_the_newer_message_waits_and_older_ones_are_done() {
    let world = World::new().await;
    let (thread, other) = (world.thread("web").await, world.thread("web").await);
    let older = world.queued(&world.new_message(&thread, &world.say(&thread, "Hello").await));
    let older: Value = serde_json::from_str(&older).unwrap();
    assert!(older.get("due").is_none(), "the shape of version 0.1.0");
    let newer = json!({ "schema": MESSAGE_SCHEMA + 1, "message": { "type": "poem", "verses": 3 }, "more": true });

    // Both generations stand in the queue, the newer one in a group of its own.
    let queued = |group: &str, body: &Value| Queued {
        group: group.to_owned(),
        dedup_id: format!("generation-{}", body["schema"]),
        body: body.to_string(),
    };
    world.ports_of(&OPERATOR).given().queue.send(vec![queued("newer", &newer), queued("older", &older)]).await.unwrap();
    world.say(&other, "Are you there?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await, ["You said: Hello"], "once, though it came both ways");
    assert_eq!(world.answers(&other).await, ["You said: Are you there?"]);

    // The newer one is neither taken nor given up, not even by the dead-letter queue.
    for settled in [
        world.process(&newer.to_string()).await,
        record_dead_letter(&world.bridge_of(&EVENTS), world.ports_of(&EVENTS).given(), &newer.to_string()).await,
    ] {
        assert!(matches!(settled, Settled::Later { after } if after.as_secs() == 300), "{settled:?}");
    }
}
