//! `events` as a process under a Lambda Runtime API: a batch from SQS in, the messages that must come back out.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::Result;
use function::{Function, QUEUE_URL};
use serde_json::{Value, json};

const NEEDED: &[&str] = &[
    "TABLE_NAME",
    "EVENTS_QUEUE_URL",
    "EVENTS_QUEUE_ARN",
    "SCHEDULE_GROUP",
    "SCHEDULE_ROLE_ARN",
    "CLOSE_FUNCTION_ARN",
    "SECRET_ARN",
    "PUBLIC_URL",
];

#[tokio::test]
async fn of_a_batch_only_the_unreadable_message_comes_back() -> Result<()> {
    let mut function = Function::start().await?;
    let batch = json!({ "Records": [
        record("readable", &event_of_an_unknown_portal().to_string()),
        record("unreadable", "not what webhook writes"),
    ] });
    let answer = function.invoke(&batch).await?.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "unreadable" }] }));

    let hidden = function.aws.only("AmazonSQS.ChangeMessageVisibility")?;
    assert_eq!(hidden["QueueUrl"], QUEUE_URL);
    assert_eq!(hidden["ReceiptHandle"], "receipt-unreadable");
    assert_eq!(hidden["VisibilityTimeout"], 300);
    // Nothing else but a look at whose portal it is.
    let read = function.aws.only("DynamoDB_20120810.GetItem")?;
    assert!(read["Key"].to_string().contains("12345"), "{read}");
    assert_eq!(function.aws.calls().len(), 3, "{:?}", function.aws.operations());
    Ok(())
}

#[tokio::test]
async fn a_batch_that_is_done_names_nothing() -> Result<()> {
    let mut function = Function::start().await?;
    let batch = json!({ "Records": [record("readable", &event_of_an_unknown_portal().to_string())] });
    let answer = function.invoke(&batch).await?.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue", "DynamoDB_20120810.GetItem"]);
    Ok(())
}

/// What `webhook` stores of an event that HubSpot's signature vouched for.
fn event_of_an_unknown_portal() -> Value {
    json!({ "schema": 1, "message": {
        "type": "event",
        "door": { "by": "app_signature" },
        "event": {
            "portal": "12345", "app": "67", "occurred_at": "2026-11-20T10:00:00Z",
            "kind": { "kind": "message_received", "thread": "176347007", "message": "b8c4d3f0a1" },
        },
        "received_at": "2026-11-20T10:00:01Z",
    } })
}

/// A message as the SQS trigger hands it over; each is in a group of its own.
fn record(id: &str, body: &str) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": format!("receipt-{id}"),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1", "SentTimestamp": "1795168800000", "SenderId": "AROA:webhook",
            "ApproximateFirstReceiveTimestamp": "1795168800001", "SequenceNumber": "18849496460467696128",
            "MessageGroupId": id, "MessageDeduplicationId": id,
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:events.fifo",
        "awsRegion": "eu-central-1",
    })
}
