use super::*;
use crate::DeliveryCheck;
use aws_sdk_dynamodb::types::AttributeValue;

const KEPT_S: i64 = 24 * 3600;

async fn watch(store: &Store, name: &str, posted_s: i64) {
    let write = crate::work::delivery_check::delivery_check_of(&delivery(name), &portal(), &thread("t1"), at(posted_s));
    assert!(store.write("watch", write).await.unwrap());
}

async fn due(store: &Store, now_s: i64, limit: u32) -> Vec<DeliveryCheck> {
    store.due_delivery_checks(at(now_s), limit).await.unwrap()
}

fn names(found: &[DeliveryCheck]) -> Vec<String> {
    found.iter().map(|watched| watched.work.to_string()).collect()
}

#[tokio::test]
async fn the_longest_overdue_come_first_over_all_partitions() {
    let Bench { store, .. } = bench().await;
    // Enough names for every partition; the later a name, the longer it is overdue.
    for n in 0..30 {
        watch(&store, &format!("m{n:02}"), 100 - n).await;
    }
    assert!(due(&store, 190, 50).await.is_empty());
    let expected: Vec<String> = (20..30).rev().map(|n| format!("m{n:02}")).collect();
    assert_eq!(names(&due(&store, 500, 10).await), expected);
    assert_eq!(due(&store, 500, 50).await.len(), 30);
}

#[tokio::test]
async fn a_message_that_cannot_be_checked_gives_way_to_the_others() {
    let Bench { store, .. } = bench().await;
    for n in 0..10 {
        watch(&store, &format!("stuck{n}"), 0).await;
    }
    watch(&store, "fine", 60).await;
    for stuck in due(&store, 200, 10).await {
        store.delivery_checked(&stuck, false, at(200)).await.unwrap();
    }
    assert_eq!(names(&due(&store, 200, 10).await), ["fine"]);
    // Each time it waits as long again as it has waited so far.
    assert_eq!(due(&store, 399, 20).await.len(), 1);
    let again = due(&store, 401, 20).await;
    assert_eq!(again.len(), 11);
    let stuck = again.iter().find(|watched| watched.work.to_string() == "stuck0").unwrap();
    assert_eq!(stuck.looks, 0, "a check that found nothing out does not count");
    store.delivery_checked(stuck, false, at(4000)).await.unwrap();
    assert_eq!(due(&store, 7999, 20).await.len(), 10);
    assert_eq!(due(&store, 8001, 20).await.len(), 11);
}

#[tokio::test]
async fn a_message_whose_time_is_over_is_not_checked_and_is_in_nobodys_way() {
    let Bench { store, engine } = bench().await;
    watch(&store, "late", 0).await;
    watch(&store, "old", 0).await;
    let late = due(&store, 200, 10).await.remove(0);
    // Its next check would be after its time.
    store.delivery_checked(&late, false, at(KEPT_S - 3600)).await.unwrap();
    assert_eq!(names(&due(&store, 300, 10).await).len(), 1);
    // Put off to just before its end, and found after it: it is removed.
    let old = due(&store, 300, 10).await.remove(0);
    store.delivery_checked(&old, false, at(11 * 3600)).await.unwrap();
    assert_eq!(due(&store, KEPT_S - 60, 1).await.len(), 1);
    watch(&store, "new", KEPT_S - 200).await;
    assert_eq!(names(&due(&store, KEPT_S + 60, 2).await), ["new"]);
    assert_eq!(names(&due(&store, KEPT_S + 60, 1).await), ["new"]);
    // Never looked at: the query itself leaves it out.
    watch(&store, "forgotten", 0).await;
    engine.forget_calls();
    assert_eq!(names(&due(&store, KEPT_S + 60, 1).await), ["new"]);
    assert!(!engine.calls().contains(&"TransactWriteItems".to_owned()));
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_keeps_no_other_from_being_checked() {
    let Bench { store, engine } = bench().await;
    watch(&store, "broken", 0).await;
    watch(&store, "fine", 60).await;
    let wrong = AttributeValue::S("a b".to_owned());
    items::plant(&engine, "WATCH#org_1#broken", "WATCH", "thread", wrong).await;
    assert_eq!(names(&due(&store, 300, 10).await), ["fine"]);
}

#[tokio::test]
async fn a_message_is_checked_twice() {
    let Bench { store, .. } = bench().await;
    watch(&store, "m1", 0).await;
    let first = due(&store, 130, 10).await.remove(0);
    store.delivery_checked(&first, true, at(130)).await.unwrap();
    assert!(due(&store, 130 + 44 * 60, 10).await.is_empty());
    let second = due(&store, 130 + 46 * 60, 10).await.remove(0);
    assert_eq!(second.looks, 1);
    store.delivery_checked(&second, true, at(3000)).await.unwrap();
    assert!(due(&store, KEPT_S - 1, 10).await.is_empty());
}
