//! Items as version 0.1.0 left them in the table: newer code has to read them, and to go on with them.
//!
//! The fixture is never written anew. Where this test fails, an update would strand what is stored.

use super::*;
use crate::table::Attributes;
use crate::{AiChange, AiChanged, Auth, Begin, Claim, OutcomeState, Overdue, Reopened, Resolved, State};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{AiState, Lifecycle, Reason, SessionStatus};
use serde_json::Value;

const ITEMS: &str = include_str!("../../../../tests/fixtures/generation_1/items.json");

async fn bench_of_0_1_0() -> Store {
    let Bench { store, engine } = bench().await;
    let items: Vec<Value> = serde_json::from_str(ITEMS).unwrap();
    assert!(items.len() > 10);
    for item in items {
        let AttributeValue::M(item) = attribute(&serde_json::json!({ "M": item })) else { panic!("an item is a map") };
        let item: Attributes = item;
        engine.client().put_item().table_name("bridge").set_item(Some(item)).send().await.unwrap();
    }
    store
}

/// An attribute as DynamoDB writes it in JSON.
fn attribute(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(attribute).collect()),
        "M" => AttributeValue::M(value.as_object().unwrap().iter().map(|(k, v)| (k.clone(), attribute(v))).collect()),
        other => panic!("an attribute of kind {other}"),
    }
}

#[tokio::test]
async fn connections_are_read_with_their_secrets() {
    let store = bench_of_0_1_0().await;
    let connection = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!(connection.access_token.expose(), "pat-canary");
    assert_eq!(connection.opencx_api_key.expose(), "key-canary");
    assert_eq!(connection.auth, Auth::PrivateApp);
    assert_eq!((connection.nonce.as_str(), connection.portal), ("n1", portal()));
    assert_eq!(store.org_of_portal(&portal()).await.unwrap(), Some(org()));
}

#[tokio::test]
async fn conversations_go_on_where_they_were() {
    let store = bench_of_0_1_0().await;
    let link = store.link_of_thread(&portal(), &thread("t1")).await.unwrap().unwrap();
    assert_eq!(link.session, Some(session_id("s1")));
    assert_eq!(
        store.session_of_ticket(&portal(), &"41".parse().unwrap()).await.unwrap(),
        Some((org(), session_id("s1")))
    );
    let session = store.session(&org(), &session_id("s1")).await.unwrap().unwrap();
    assert_eq!((session.lifecycle, session.lifecycle_epoch, session.ai), (Lifecycle::Resolved, 1, AiState::HandedOff));
    assert!(session.close_request.is_some_and(|wish| wish.status == SessionStatus::ClosedResolved));
    let Reopened::Now(session) = store.reopen(&org(), &session_id("s1")).await.unwrap() else { panic!("reopens") };
    assert_eq!(session.lifecycle_epoch, 2);
    let change = AiChange { to: AiState::HandedOff, occurred_at: Some(at(500)) };
    let changed = store.change_ai(&org(), &session_id("s1"), &change).await.unwrap();
    assert!(matches!(changed, AiChanged::Yes(_) | AiChanged::Already(_)), "{changed:?}");
    let begun = store.begin_session(&org(), &portal(), &thread("t2"), &run("new", 1000)).await.unwrap();
    assert!(matches!(begun, Begin::Won { begun_before: Some(_) }), "{begun:?}");
}

#[tokio::test]
async fn deliveries_in_every_state_are_known_and_taken_up() {
    let store = bench_of_0_1_0().await;
    let state = async |key: &str| store.delivery(&org(), &DedupKey::from_stored(key)).await.unwrap().unwrap().state;
    assert_eq!(state("done").await, State::Done);
    assert_eq!(state("skipped").await, State::Skipped);
    assert_eq!(state("failed").await, State::Failed);
    assert_eq!(state("delayed").await, State::Delayed);
    assert_eq!(state("retrying").await, State::Retrying);
    assert_eq!(state("parked").await, State::Parked);
    assert_eq!(state("in_progress").await, State::InProgress);

    let Claim::Done(outcome) = store.claim(&delivery("skipped"), &run("new", 900), &seed(0)).await.unwrap() else {
        panic!("it is skipped for good")
    };
    assert_eq!(outcome.state, OutcomeState::Skipped(Reason::OwnMessage));
    for key in ["delayed", "retrying", "in_progress"] {
        let claim = store.claim(&delivery(key), &run("new", 900), &seed(0)).await.unwrap();
        let Claim::Won(won) = claim else { panic!("{key} is due: {claim:?}") };
        assert_eq!(won.attempts, 2, "{key}");
        assert_eq!(won.body.as_deref(), seed(0).body.as_deref(), "{key}");
    }
    let due = store.overdue(at(800), 10).await.unwrap();
    assert!(due.iter().any(|due| matches!(due, Overdue::Close { lifecycle_epoch: 1, .. })), "{due:?}");
}

#[tokio::test]
async fn stored_answers_are_given_again() {
    let store = bench_of_0_1_0().await;
    let handoff = Work::Handoff { org: org(), session: session_id("s1"), n: 0 };
    for (work, answer) in [(request("m-1"), "{\"message_id\":\"7\"}"), (handoff, "{\"ticket_id\":\"41\"}")] {
        let Claim::Done(outcome) = store.claim(&work, &run("new", 900), &seed(0)).await.unwrap() else {
            panic!("{work} is done")
        };
        assert_eq!(outcome.answer.as_deref(), Some(answer));
    }
    let wish = store.session(&org(), &session_id("s1")).await.unwrap().unwrap().close_request.unwrap();
    assert!(matches!(store.resolve(&org(), &session_id("s1"), &wish).await.unwrap(), Resolved::Already(_)));
}
