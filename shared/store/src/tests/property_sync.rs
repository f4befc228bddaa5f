use super::*;
use crate::{PropertyLock, PropertySync, StoreError};
use domain::Agreed;
use std::collections::BTreeMap;

fn agreed(value: &str) -> BTreeMap<String, Agreed> {
    let one = Agreed { value: value.to_owned(), at: at(7), key: "Plan".to_owned(), by_hubspot: true };
    BTreeMap::from([("plan".to_owned(), one)])
}

#[tokio::test]
async fn what_is_agreed_on_is_read_as_it_was_left_and_counted() {
    let Bench { store, .. } = bench().await;
    let s1 = session_id("s1");
    assert_eq!(store.property_sync(&org(), &s1).await.unwrap(), None);
    assert_eq!(store.lock_properties(&org(), &s1, &run("r1", 0)).await.unwrap(), PropertyLock::NotFound);
    let session = a_session(&store, "s1").await;
    assert_eq!(
        store.lock_properties(&org(), &s1, &run("r1", 0)).await.unwrap(),
        PropertyLock::Yes(PropertySync::default())
    );
    store.unlock_properties(&org(), &s1, &run("r1", 0), Some(&agreed("pro"))).await.unwrap();
    let book = store.property_sync(&org(), &s1).await.unwrap().unwrap();
    assert_eq!((&book.agreed, book.revision, &book.marker), (&agreed("pro"), 1, &None));
    assert!(!format!("{book:?}").contains("pro"));
    store.mark_properties_synced(&org(), &s1, "m").await.unwrap();
    assert_eq!(store.property_sync(&org(), &s1).await.unwrap().unwrap().marker.as_deref(), Some("m"));
    assert_eq!(store.session(&org(), &s1).await.unwrap(), Some(session));
}

#[tokio::test]
async fn of_two_runs_one_holds_it_until_it_lets_go_or_its_time_is_over() {
    let Bench { store, .. } = bench().await;
    let s1 = session_id("s1");
    a_session(&store, "s1").await;
    assert!(matches!(store.lock_properties(&org(), &s1, &run("r1", 0)).await.unwrap(), PropertyLock::Yes(_)));
    assert!(matches!(store.lock_properties(&org(), &s1, &run("r1", 1)).await.unwrap(), PropertyLock::Yes(_)));
    assert_eq!(
        store.lock_properties(&org(), &s1, &run("r2", 50)).await.unwrap(),
        PropertyLock::Busy { until: at(101) }
    );
    let stranger = store.unlock_properties(&org(), &s1, &run("r2", 50), Some(&agreed("x"))).await;
    assert!(matches!(stranger, Err(StoreError::LostRun)));
    store.unlock_properties(&org(), &s1, &run("r1", 0), None).await.unwrap();
    assert_eq!(
        store.lock_properties(&org(), &s1, &run("r2", 60)).await.unwrap(),
        PropertyLock::Yes(PropertySync::default())
    );
    assert!(matches!(store.lock_properties(&org(), &s1, &run("r3", 160)).await.unwrap(), PropertyLock::Yes(_)));
    let late = store.unlock_properties(&org(), &s1, &run("r2", 60), Some(&agreed("x"))).await;
    assert!(matches!(late, Err(StoreError::LostRun)));
}

#[tokio::test]
async fn a_dead_boots_run_holds_nothing() {
    let Bench { store, .. } = bench().await;
    let s1 = session_id("s1");
    a_session(&store, "s1").await;
    let (before, after) = (store.clone().with_boot("b1".to_owned()), store.with_boot("b2".to_owned()));
    assert!(matches!(before.lock_properties(&org(), &s1, &run("r1", 0)).await.unwrap(), PropertyLock::Yes(_)));
    assert!(matches!(after.lock_properties(&org(), &s1, &run("r2", 1)).await.unwrap(), PropertyLock::Yes(_)));
    assert!(matches!(after.lock_properties(&org(), &s1, &run("r3", 2)).await.unwrap(), PropertyLock::Busy { .. }));
}
