//! How many calls out a piece of work may cost, counted by the simulators.

use crate::world::{Differently, World};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_known_sessions_message_costs_two_reads_one_question_and_one_post() {
    let world = World::with(Differently { oauth: true, ..Differently::default() }).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.quiet_webhooks().await;
    let message = world.say(&thread, "again").await;
    world.forget_calls().await;
    world.database_operations();
    world.one_second_per_call();
    let body = world.queued(&world.new_message(&thread, &message));
    let run = Box::pin(world.process(&body));
    let (settled, depth) = world.depth_of(run).await;
    assert_eq!(settled, flows::Settled::Done);
    let (hubspot, opencx) = world.calls().await;
    assert_eq!(hubspot.iter().filter(|c| c.starts_with("GET")).count(), 2, "{hubspot:?}");
    assert_eq!(hubspot.iter().filter(|c| !c.starts_with("GET")).count(), 1, "{hubspot:?}");
    assert_eq!(opencx.len(), 1, "{opencx:?}");
    // Each operation is seen before and after it is done.
    let flow = world.database_operations();
    assert!(flow.len() <= 2 * 6, "DynamoDB: {flow:?}");
    // Message and thread, question, post; of the database's operations at least one runs beside the first two.
    assert_eq!(depth, 3);
    assert!(depth + i64::try_from(flow.len() / 2).unwrap() - 1 <= 8, "{depth} deep, DynamoDB: {flow:?}");
    assert_eq!(world.answers(&thread).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_costs_one_more_look() {
    let world = World::with(Differently { oauth: true, ..Differently::default() }).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.script(json!([{ "contains": "slow", "reply": "Slowly", "delay_ms": 3000 }])).await;
    world.quiet_webhooks().await;
    let message = world.say(&thread, "slow one").await;
    world.forget_calls().await;
    world.post(&world.url, &[], json!([world.new_message(&thread, &message)]).to_string()).await;
    world.pass(10).await;
    let (hubspot, _) = world.calls().await;
    assert_eq!(hubspot.iter().filter(|c| c.starts_with("GET")).count(), 3, "{hubspot:?}");
}

#[tokio::test(start_paused = true)]
async fn a_fresh_handoff_costs_at_most_six_calls() {
    let world = World::new().await;
    let first = world.thread("web").await;
    world.say(&first, "hello").await;
    world.pass(5).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    // Pipelines and owners are warm after any handoff.
    world.invoke("handoff", world.handoff(&session, Some(&first))).await.unwrap();
    let second = world.thread("web").await;
    world.say(&second, "hello as well").await;
    world.pass(5).await;
    let sessions = world.sessions().await;
    let other = sessions.iter().map(|s| s["session_id"].as_str().unwrap()).find(|id| *id != session).unwrap();
    world.forget_calls().await;
    world.one_second_per_call();
    let (answer, depth) = world.depth_of(world.invoke("handoff", world.handoff(other, Some(&second)))).await;
    let (hubspot, opencx) = world.calls().await;
    assert_eq!(answer.unwrap()["warnings"], json!([]));
    assert!(hubspot.len() <= 6, "{hubspot:?}");
    // The calls to OpenCX stand one after the other; the rest of the depth is HubSpot's.
    assert!(depth - i64::try_from(opencx.len()).unwrap() <= 5, "{depth} deep: {hubspot:?} {opencx:?}");
}
