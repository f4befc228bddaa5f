//! 64 runs of the same thing at once have one effect.

use crate::length::length;
use crate::world::{ORG, World};
use flows::Settled;
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;

const AT_ONCE: usize = 64;

fn rounds() -> usize {
    length(8, 200)
}

async fn quiet_world() -> Arc<World> {
    let world = World::new().await;
    world.quiet_webhooks().await;
    Arc::new(world)
}

async fn all_at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(run: impl Fn() -> F) -> Vec<T> {
    join_all((0..AT_ONCE).map(|_| tokio::spawn(run()))).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_of_the_same_event() {
    let world = quiet_world().await;
    for round in 0..rounds() {
        let thread = world.thread("web").await;
        let message = world.say(&thread, &format!("round {round}")).await;
        let body = world.queued(&world.new_message(&thread, &message));
        let settled = all_at_once(|| {
            let (world, body) = (world.clone(), body.clone());
            async move { world.process(&body).await }
        })
        .await;
        assert!(settled.contains(&Settled::Done));
        assert_eq!(world.answers(&thread).await, [format!("You said: round {round}")]);
        assert_eq!(world.sessions().await.len(), round + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_of_the_same_handoff() {
    let world = quiet_world().await;
    for round in 0..rounds() {
        let thread = world.thread("web").await;
        let ask = world.handoff(&format!("session-{round}"), Some(&thread));
        let answers = all_at_once(|| {
            let (world, ask) = (world.clone(), ask.clone());
            async move { world.invoke("handoff", ask).await }
        })
        .await;
        let tickets: Vec<&Value> =
            answers.iter().filter_map(|answer| answer.as_ref().ok()).map(|answer| &answer["ticket_id"]).collect();
        assert!(!tickets.is_empty() && tickets.iter().all(|ticket| *ticket == tickets[0]), "{answers:?}");
        assert!(answers.iter().all(|a| a.as_ref().map_or_else(|e| e["errorType"] == "Busy", |_| true)), "{answers:?}");
        assert_eq!(world.tickets().await.len(), round + 1);
        assert_eq!(world.comments(&thread).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_of_the_same_close() {
    let world = quiet_world().await;
    for round in 0..rounds() {
        let session = format!("session-{round}");
        let ticket = world.invoke("handoff", world.handoff(&session, None)).await.unwrap()["ticket_id"].clone();
        let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved", "summary": "Done" });
        world.invoke("resolve", ask).await.unwrap();
        world.forget_calls().await;
        let close = json!({ "org_id": ORG, "session_id": session, "lifecycle_epoch": 1 });
        let answers = all_at_once(|| {
            let (world, close) = (world.clone(), close.clone());
            async move { world.invoke("close", close).await }
        })
        .await;
        assert!(answers.iter().any(|a| a.as_ref().is_ok_and(|a| a["outcome"] == "closed")), "{answers:?}");
        let (hubspot, _) = world.calls().await;
        assert_eq!(hubspot.iter().filter(|call| call.starts_with("PATCH")).count(), 1, "{hubspot:?}");
        let state = world.hs("GET", &format!("/_sim/tickets/{}", ticket.as_str().unwrap()), Value::Null).await;
        assert_eq!(state["properties"]["hs_pipeline_stage"], "4");
    }
}
