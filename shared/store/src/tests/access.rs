use super::*;
use crate::StoreError;
use crate::tests::engine::refusal;
use serde_json::{Value, json};

/// A transaction of one write is cancelled because another met it.
fn met() -> Value {
    refusal("TransactionCanceledException", &json!({ "CancellationReasons": [{ "Code": "TransactionConflict" }] }))
}

#[tokio::test]
async fn writes_that_meet_others_are_repeated_after_growing_pauses() {
    let Bench { store, engine } = bench().await;
    for _ in 0..3 {
        engine.plant(400, &met());
    }
    let begun = tokio::time::Instant::now();
    store.delete_crm_connection(&org()).await.unwrap();
    assert_eq!(engine.calls(), ["TransactWriteItems"; 4]);
    // At least half of 20, 40 and 80 ms.
    assert!(begun.elapsed() >= Duration::from_millis(70), "{:?}", begun.elapsed());
    engine.forget_calls();
    engine.plant(400, &refusal("TransactionConflictException", &json!({})));
    store.claim(&delivery("m1"), &run("r1", 0), &seed(0)).await.unwrap();
    assert_eq!(engine.calls(), ["UpdateItem"; 2]);
}

#[tokio::test]
async fn a_write_that_meets_others_every_time_is_given_up() {
    let Bench { store, engine } = bench().await;
    for _ in 0..20 {
        engine.plant(400, &met());
    }
    let error = store.delete_crm_connection(&org()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(engine.calls().len(), 6);
}

#[tokio::test]
async fn keys_that_the_table_left_unread_are_asked_for_again_and_not_for_ever() {
    let Bench { store, engine } = bench().await;
    store.claim(&delivery("m1"), &run("r1", 0), &seed(0)).await.unwrap();
    let key = json!({ "pk": { "S": "DELIVERY#org_1#m1" }, "sk": { "S": "DELIVERY" } });
    let unread = json!({ "Responses": {}, "UnprocessedKeys": { "bridge": { "Keys": [key], "ConsistentRead": true } } });
    let key = crate::table::Key::new("DELIVERY#org_1#m1", "DELIVERY");
    engine.forget_calls();
    engine.plant(200, &unread);
    engine.plant(200, &unread);
    assert_eq!(store.get_all("read", std::slice::from_ref(&key)).await.unwrap().len(), 1);
    assert_eq!(engine.calls(), ["BatchGetItem"; 3]);
    engine.forget_calls();
    for _ in 0..20 {
        engine.plant(200, &unread);
    }
    let error = store.get_all("read", &[key]).await.err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(engine.calls().len(), 6);
}
