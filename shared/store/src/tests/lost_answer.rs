//! The SDK sends a write again whose answer was lost. A write that finds itself done must not take that for another's.

use super::grant::{credential, grant, version};
use super::*;
use crate::{ConnectionState, Lease, OAuthState, PropertyLock, StoreError, Updated};
use domain::{Agreed, Settings};
use std::collections::BTreeMap;

#[tokio::test]
async fn a_consent_is_remembered_and_used_once() {
    let Bench { store, engine } = bench().await;
    let begun = OAuthState { org: org(), browser: "hash".to_owned(), actor: "owner".to_owned() };
    engine.lose_the_next_answer();
    store.begin_oauth("s1", &begun, at(0)).await.unwrap();
    engine.lose_the_next_answer();
    assert_eq!(store.use_oauth("s1", at(1)).await.unwrap(), Some(begun.clone()));
    assert_eq!(store.use_oauth("s1", at(1)).await.unwrap(), None);
    let other = OAuthState { browser: "other".to_owned(), ..begun };
    assert!(matches!(store.begin_oauth("s1", &other, at(0)).await, Err(StoreError::Aws { .. })));
}

#[tokio::test]
async fn a_confirmation_is_used_once() {
    let Bench { store, engine } = bench().await;
    grant(&store, "org_1", &credential("9001", "a"), None).await;
    store.keep_pending(&org(), "c1", &credential("9002", "b"), at(0)).await.unwrap();
    engine.lose_the_next_answer();
    assert_eq!(store.take_pending(&org(), "c1", at(1)).await.unwrap().unwrap().access_token.expose(), "b");
    assert!(store.take_pending(&org(), "c1", at(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_lease_is_the_callers() {
    let Bench { store, engine } = bench().await;
    grant(&store, "org_1", &credential("9001", "a"), None).await;
    let version = version(&store).await;
    engine.lose_the_next_answer();
    let lease = store.take_refresh(&org(), version, ("a", at(20)), at(0)).await.unwrap();
    assert_eq!(lease, Lease::Taken { after_crash: true }, "a crash before it cannot be ruled out");
    assert_eq!(store.take_refresh(&org(), version, ("b", at(21)), at(1)).await.unwrap(), Lease::Held { until: at(20) });
    assert_eq!(store.take_refresh(&org(), version, ("a", at(22)), at(2)).await.unwrap(), Lease::Held { until: at(20) });
    engine.lose_the_next_answer();
    assert!(store.require_reconnect(&org(), version, Some("a"), "why").await.unwrap());
    assert!(!store.require_reconnect(&org(), version, Some("a"), "another reason").await.unwrap());
}

#[tokio::test]
async fn a_reconnect_is_withdrawn() {
    let Bench { store, engine } = bench().await;
    let private = crate::Credential { auth: crate::Auth::PrivateApp, ..credential("9001", "a") };
    grant(&store, "org_1", &private, None).await;
    let version = version(&store).await;
    assert!(store.require_reconnect(&org(), version, None, "why").await.unwrap());
    engine.lose_the_next_answer();
    assert!(store.withdraw_reconnect(&org(), version).await.unwrap());
    assert!(!store.withdraw_reconnect(&org(), version + 1).await.unwrap());
    let read = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!(read.grant.state, ConnectionState::Connected);
}

#[tokio::test]
async fn settings_and_url_are_saved_once() {
    let Bench { store, engine } = bench().await;
    grant(&store, "org_1", &credential("9001", "a"), None).await;
    let draft = store.draft(&org(), "n", at(0)).await.unwrap();
    let settings = Settings { retention_days: 7, ..Settings::default() };
    engine.lose_the_next_answer();
    let version = draft.version;
    assert_eq!(store.update_settings(&org(), version, &settings, at(2)).await.unwrap(), Updated::Yes);
    assert_eq!(store.update_settings(&org(), version, &Settings::default(), at(2)).await.unwrap(), Updated::Changed);
    engine.lose_the_next_answer();
    assert_eq!(store.rotate_nonce(&org(), "nonce-1", "n2", at(3)).await.unwrap(), Updated::Yes);
    assert_eq!(store.rotate_nonce(&org(), "nonce-1", "n3", at(3)).await.unwrap(), Updated::Changed);
    assert_eq!(store.draft(&org(), "n", at(4)).await.unwrap().version, version + 2);
}

#[tokio::test]
async fn what_is_agreed_on_is_left_once() {
    let Bench { store, engine } = bench().await;
    let s1 = session_id("s1");
    a_session(&store, "s1").await;
    let one = Agreed { value: "pro".to_owned(), at: at(7), key: "Plan".to_owned(), by_hubspot: true };
    let agreed = BTreeMap::from([("plan".to_owned(), one)]);
    for changed in [Some(&agreed), None] {
        assert!(matches!(store.lock_properties(&org(), &s1, &run("r1", 0)).await.unwrap(), PropertyLock::Yes(_)));
        engine.lose_the_next_answer();
        store.unlock_properties(&org(), &s1, &run("r1", 0), changed).await.unwrap();
    }
    assert_eq!(store.property_sync(&org(), &s1).await.unwrap().unwrap().revision, 1);
    let other = store.unlock_properties(&org(), &s1, &run("r1", 0), Some(&BTreeMap::new())).await;
    assert!(matches!(other, Err(StoreError::LostRun)));
}
