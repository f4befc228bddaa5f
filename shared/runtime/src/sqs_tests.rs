use super::rounds;
use flows::Queued;

fn messages(group: &str, count: usize) -> Vec<Queued> {
    (0..count)
        .map(|n| Queued { group: group.to_owned(), dedup_id: format!("{group}-{n}"), body: String::new() })
        .collect()
}

#[test]
fn a_hundred_threads_are_ten_batches_in_one_round() {
    let all = (0..100).flat_map(|n| messages(&format!("thread-{n}"), 1)).collect();
    let rounds = rounds(all);
    assert_eq!(rounds.iter().map(Vec::len).collect::<Vec<_>>(), [10]);
}

#[test]
fn one_threads_messages_are_in_order_and_never_twice_in_a_round() {
    let rounds = rounds(messages("thread", 25));
    assert_eq!(rounds.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
    let ids: Vec<_> = rounds.into_iter().flatten().flatten().map(|m| m.dedup_id).collect();
    assert_eq!(ids, (0..25).map(|n| format!("thread-{n}")).collect::<Vec<_>>());
}

#[test]
fn no_batch_is_over_ten() {
    let all = (0..7).flat_map(|n| messages(&format!("thread-{n}"), 6)).collect();
    assert!(rounds(all).iter().flatten().all(|batch| batch.len() <= 10));
}
