//! Items as the table has them: what newer code wrote is left alone, what contradicts the model is told.

use super::*;
use crate::table::Attributes;
use crate::{AiChange, Auth, Claim, Connection, PortalProperties, PostRight, Secret, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{AiState, OpenCxMessageId, Retry, Settings};

pub(super) async fn raw(engine: &Engine, pk: &str, sk: &str) -> Attributes {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let answer =
        engine.client().get_item().table_name("bridge").key("pk", text(pk)).key("sk", text(sk)).send().await.unwrap();
    answer.item.unwrap_or_default()
}

/// Sets one attribute of an item behind the store's back.
pub(super) async fn plant(engine: &Engine, pk: &str, sk: &str, name: &str, value: AttributeValue) {
    let mut item = raw(engine, pk, sk).await;
    item.insert("pk".to_owned(), AttributeValue::S(pk.to_owned()));
    item.insert("sk".to_owned(), AttributeValue::S(sk.to_owned()));
    item.insert(name.to_owned(), value);
    engine.client().put_item().table_name("bridge").set_item(Some(item)).send().await.unwrap();
}

async fn newer(engine: &Engine, pk: &str, sk: &str) {
    plant(engine, pk, sk, "schema", AttributeValue::N("2".to_owned())).await;
}

fn is_newer<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { schema: 2, .. }), "{error:?}");
    assert!(matches!(error.retry(), Retry::Later { after: Some(_) }));
}

fn is_corrupt<T: std::fmt::Debug>(result: Result<T, StoreError>, what: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }) && error.to_string().contains(what), "{error}");
    assert_eq!(error.retry(), Retry::Never);
}

#[tokio::test]
async fn every_item_says_its_schema() {
    let Bench { store, engine } = bench().await;
    let session = Session {
        portal: Some(portal()),
        thread: Some(thread("t1")),
        ..Session::new(org(), session_id("s1"), Channel::Web, at(0))
    };
    store.ensure_session(&session).await.unwrap();
    store.link_ticket(&org(), &session.id, &portal(), &"41".parse().unwrap(), None).await.unwrap();
    store.claim(&delivery("m1"), &run("r1", 0), &seed(0)).await.unwrap();
    store
        .posted(
            &org(),
            &OpenCxMessageId::parse("o1").unwrap(),
            &"7".parse().unwrap(),
            "2026-11-20T10:00:00Z".parse().unwrap(),
        )
        .await
        .unwrap();
    store.take_opencx_call(&org(), 1, at(0)).await.unwrap();
    let minute = at(0).as_second() / 60;
    let keys = [
        ("SESSION#org_1#s1".to_owned(), "SESSION"),
        ("THREAD#9001#t1".to_owned(), "SESSION"),
        ("TICKET#9001#41".to_owned(), "SESSION"),
        ("DELIVERY#org_1#m1".to_owned(), "DELIVERY"),
        ("POSTED#org_1#o1".to_owned(), "POSTED"),
        (format!("LIMIT#org_1#{minute}"), "OPENCX"),
    ];
    for (pk, sk) in keys {
        assert_eq!(raw(&engine, &pk, sk).await.get("schema"), Some(&AttributeValue::N("1".to_owned())), "{pk}");
    }
}

#[tokio::test]
async fn a_row_of_newer_code_is_neither_claimed_nor_written() {
    let Bench { store, engine } = bench().await;
    let (work, run) = (delivery("m1"), run("r1", 0));
    store.claim(&work, &run, &seed(0)).await.unwrap();
    newer(&engine, "DELIVERY#org_1#m1", "DELIVERY").await;
    let before = raw(&engine, "DELIVERY#org_1#m1", "DELIVERY").await;
    is_newer(store.claim(&work, &super::run("r2", 5000), &seed(0)).await);
    is_newer(store.journal(&work, &run, "post", &done("7")).await);
    is_newer(store.delay(&work, &run, at(5)).await);
    is_newer(store.replay(&org(), &DedupKey::from_stored("m1"), at(5000)).await);
    is_newer(store.delivery(&org(), &DedupKey::from_stored("m1")).await);
    assert_eq!(raw(&engine, "DELIVERY#org_1#m1", "DELIVERY").await, before);
}

#[tokio::test]
async fn a_session_or_link_of_newer_code_is_left_alone() {
    let Bench { store, engine } = bench().await;
    let id = a_session(&store, "s1").await.id;
    store.begin_session(&org(), &portal(), &thread("t1"), &run("r1", 0)).await.unwrap();
    store.claim(&delivery("m1"), &run("r1", 0), &seed(0)).await.unwrap();
    newer(&engine, "SESSION#org_1#s1", "SESSION").await;
    newer(&engine, "THREAD#9001#t1", "SESSION").await;
    is_newer(store.session(&org(), &id).await);
    is_newer(store.change_ai(&org(), &id, &AiChange { to: AiState::HandedOff, occurred_at: None }).await);
    is_newer(store.reopen(&org(), &id).await);
    is_newer(store.human_replied(&org(), &id, at(1)).await);
    is_newer(store.ensure_session(&Session::new(org(), id.clone(), Channel::Web, at(0))).await);
    is_newer(store.begin_session(&org(), &portal(), &thread("t1"), &run("r1", 0)).await);
    is_newer(store.unlink_thread(&portal(), &thread("t1")).await);
    let (work, run, step) = (delivery("m1"), run("r1", 0), Step::default());
    let guard = crate::PostGuard {
        org: org(),
        session: id,
        ai_epoch: 0,
        require_active: true,
        count_answer: true,
        own_assignment: true,
    };
    let about = crate::AboutToPost {
        work: &work,
        run: &run,
        step: ("post", &step),
        more_steps: &[],
        posted: None,
        session: Some(guard),
        delivery_check: None,
        now: at(1),
    };
    is_newer::<PostRight>(store.about_to_post(&about).await);
}

#[tokio::test]
async fn a_connection_of_newer_code_is_not_overwritten() {
    let Bench { store, engine } = bench().await;
    let connection = Connection {
        org: org(),
        portal: portal(),
        apps: Vec::new(),
        access_token: Secret::new("canary".to_owned()),
        client_secret: None,
        opencx_api_key: Secret::new("canary".to_owned()),
        auth: Auth::PrivateApp,
        settings: Settings::default(),
        nonce: "n1".to_owned(),
        properties: PortalProperties::Ready,
        version: 0,
        connected_at: at(0),
        grant: crate::Grant::default(),
        milestones: crate::Milestones::default(),
        custom_channel: None,
    };
    store.save_connection(&connection, at(0)).await.unwrap();
    newer(&engine, "ORG#org_1", "CONNECTION").await;
    is_newer(store.save_connection(&connection, at(1)).await);
    is_newer(store.rotate_nonce(&org(), "n1", "n2", at(1)).await);
    newer(&engine, "PORTAL#9001", "ORG").await;
    is_newer(store.org_of_portal(&portal()).await);
}

#[tokio::test]
async fn stored_data_that_contradicts_the_model_is_told_and_never_guessed() {
    let Bench { store, engine } = bench().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: &str| AttributeValue::N(number.to_owned());
    let wrongs = [
        ("ai", text("shouting")),
        ("ai", number("1")),
        ("channel", text("pigeon")),
        ("ai_epoch", text("1")),
        ("ai_epoch", number("-1")),
        ("created_at", text("yesterday")),
        ("thread", text("a b")),
        ("assist_mode", text("yes")),
        ("answers", text("20")),
        ("schema", text("1")),
    ];
    for (n, (name, wrong)) in wrongs.into_iter().enumerate() {
        let id = a_session(&store, &format!("s{n}")).await.id;
        plant(&engine, &format!("SESSION#org_1#{id}"), "SESSION", name, wrong).await;
        is_corrupt(store.session(&org(), &id).await, name);
    }
}

#[tokio::test]
async fn a_corrupt_row_is_told_and_names_no_value() {
    let Bench { store, engine } = bench().await;
    let work = delivery("m1");
    let wrongs = [
        ("state", AttributeValue::S("canary".to_owned())),
        ("deadline", AttributeValue::S("canary".to_owned())),
        ("journal", AttributeValue::S("canary".to_owned())),
    ];
    for (name, wrong) in wrongs {
        let claim = store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap();
        assert!(matches!(claim, Claim::Won(_)), "{claim:?}");
        let right = raw(&engine, "DELIVERY#org_1#m1", "DELIVERY").await[name].clone();
        plant(&engine, "DELIVERY#org_1#m1", "DELIVERY", name, wrong).await;
        let result = match name {
            "journal" => store.delivery(&org(), &DedupKey::from_stored("m1")).await.map(|_| ()),
            _ => store.claim(&work, &run("r2", 1), &seed(0)).await.map(|_| ()),
        };
        assert!(!format!("{result:?}").contains("canary"));
        is_corrupt(result, name);
        plant(&engine, "DELIVERY#org_1#m1", "DELIVERY", name, right).await;
    }
}

#[tokio::test]
async fn nothing_prints_texts_or_bodies() {
    let Bench { store, .. } = bench().await;
    let step = Step { detail: Some("canary-detail".to_owned()), ..done("7") };
    let claim = store.claim(&delivery("m1"), &run("r1", 0), &seed(0)).await.unwrap();
    store.journal(&delivery("m1"), &run("r1", 0), "post", &step).await.unwrap();
    let row = store.delivery(&org(), &DedupKey::from_stored("m1")).await.unwrap().unwrap();
    assert!(row.body.as_deref().unwrap().contains("canary") && row.journal["post"] == step);
    let outcome = crate::Outcome {
        state: crate::OutcomeState::Done,
        detail: Some("canary".to_owned()),
        answer: Some("canary".to_owned()),
        steps: vec![("post".to_owned(), step.clone())],
        at: at(1),
        session: None,
    };
    let wish = crate::CloseRequest {
        closes_at: at(1),
        summary: Some("canary".to_owned()),
        sentiment: None,
        status: domain::SessionStatus::ClosedResolved,
    };
    let printed = format!("{claim:?} {row:?} {outcome:?} {:?} {wish:?} {:?}", seed(0), Claim::Done(outcome.clone()));
    assert!(!printed.contains("canary"), "{printed}");
}
