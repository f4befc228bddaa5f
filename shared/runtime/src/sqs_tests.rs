use super::{SqsQueue, rounds};
use crate::wire::Wire;
use flows::{Queue as _, Queued};
use serde_json::{Value, json};
use std::time::Duration;

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

#[test]
fn no_batch_is_over_a_mebibyte() {
    let large = |n: usize| Queued { body: "x".repeat(400_000), ..messages(&format!("thread-{n}"), 1).remove(0) };
    let rounds = rounds((0..5).map(large).collect());
    assert_eq!(rounds.iter().map(Vec::len).collect::<Vec<_>>(), [3], "two of 400 kB each fit into one");
    let one_thread = (0..3).map(|n| Queued { group: "thread".to_owned(), ..large(n) }).collect();
    assert_eq!(super::rounds(one_thread).iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
}

/// A queue that refuses the messages whose ids are named.
fn queue(refuses: &'static [&'static str]) -> (SqsQueue, Wire) {
    let wire = Wire::new(move |(operation, body), _| {
        assert!(operation == "AmazonSQS.SendMessageBatch" || operation == "AmazonSQS.ChangeMessageVisibility");
        let (mut stored, mut failed) = (Vec::new(), Vec::new());
        for entry in body["Entries"].as_array().into_iter().flatten() {
            if refuses.iter().any(|id| entry["MessageDeduplicationId"] == *id) {
                failed.push(json!({ "Id": entry["Id"], "Code": "ServiceUnavailable", "SenderFault": false }));
            } else {
                stored.push(json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "" }));
            }
        }
        (200, json!({ "Successful": stored, "Failed": failed }))
    });
    (SqsQueue::new(aws_sdk_sqs::Client::new(&wire.config()), "http://aws.test/1/events.fifo".to_owned()), wire)
}

fn ids(body: &Value) -> Vec<&str> {
    body["Entries"].as_array().unwrap().iter().map(|e| e["MessageDeduplicationId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_message_that_sqs_refuses_fails_the_whole_and_the_rest_may_be_stored() {
    let (queue, wire) = queue(&["b-0"]);
    let sent = queue.send([messages("a", 1), messages("b", 1), messages("c", 10)].concat()).await;
    assert_eq!(sent.unwrap_err().problem, "ServiceUnavailable");
    let asked = wire.asked();
    assert_eq!(asked.len(), 2, "the other batch is sent all the same");
    assert!(asked.iter().any(|(_, body)| ids(body).len() == 10));
    // The repeat has the same ids, which SQS knows for five minutes.
    let again = queue.send(messages("a", 1)).await;
    assert!(again.is_ok());
    assert_eq!(ids(&wire.asked().last().unwrap().1), ["a-0"]);
}

#[tokio::test]
async fn a_later_batch_of_a_thread_waits_for_the_one_before() {
    let (queue, wire) = queue(&["thread-3"]);
    assert!(queue.send(messages("thread", 12)).await.is_err());
    assert_eq!(wire.asked().len(), 1, "what comes after a failed message is not stored before it");
}

#[tokio::test]
async fn no_message_hides_longer_than_sqs_allows() {
    let (queue, wire) = queue(&[]);
    queue.postpone("receipt", Duration::from_secs(100_000)).await.unwrap();
    assert_eq!(wire.asked()[0].1["VisibilityTimeout"], 43_200);
}
