//! `events` as a process under a Lambda Runtime API: a batch from SQS in, the messages that must come back out.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::Result;
use function::{Function, QUEUE_URL, signal};
use serde_json::{Value, json};

const DEAD_LETTERS: &str = "arn:aws:sqs:eu-central-1:123456789012:events-dead.fifo";
const DELAYS: &str = "arn:aws:sqs:eu-central-1:123456789012:delays";
const DELAY_QUEUE_URL: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/delays";
const CLOSE_DELAY_QUEUE_URL: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/close-delays";

fn needed() -> &'static [&'static str] {
    &[
        "TABLE_NAME",
        "EVENTS_QUEUE_URL",
        "SECRET_ARN",
        "EVENTS_QUEUE_ARN",
        "SCHEDULE_GROUP",
        "SCHEDULE_ROLE_ARN",
        "CLOSE_FUNCTION_ARN",
    ]
}

/// The variables of a stack with `DelayEngine=sqs`.
fn with_delay_queues() -> Vec<(&'static str, &'static str)> {
    let others = function::VARIABLES.into_iter().filter(|(name, _)| !name.starts_with("SCHEDULE"));
    let queues = [
        ("DELAY_ENGINE", "sqs"),
        ("DELAY_QUEUE_URL", DELAY_QUEUE_URL),
        ("CLOSE_DELAY_QUEUE_URL", CLOSE_DELAY_QUEUE_URL),
        ("EVENTS_DEAD_LETTER_ARN", DEAD_LETTERS),
    ];
    others.chain(queues).collect()
}

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

#[tokio::test]
async fn the_messages_behind_one_that_must_come_back_come_back_untried_and_wait_as_long() -> Result<()> {
    let mut function = Function::start().await?;
    let of_portal = |portal: &str| event_of_portal(portal).to_string();
    let in_group = |id: &str, body: &str| {
        let mut record = record(id, body);
        record["attributes"]["MessageGroupId"] = json!("thread");
        record
    };
    let batch = json!({ "Records": [
        in_group("1", &of_portal("1001")), in_group("2", "not readable"), in_group("3", &of_portal("1003")),
        record("4", &of_portal("1004")),
    ] });
    let answer = function.invoke(&batch).await?.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "2" }, { "itemIdentifier": "3" }] }));
    let hidden = function.aws.calls().into_iter().filter(|call| call.operation == "AmazonSQS.ChangeMessageVisibility");
    let mut hidden: Vec<_> = hidden
        .map(|call| (call.body["ReceiptHandle"].to_string(), call.body["VisibilityTimeout"].to_string()))
        .collect();
    hidden.sort();
    assert_eq!(hidden, [("\"receipt-2\"".into(), "300".into()), ("\"receipt-3\"".into(), "300".into())]);
    // An event that is tried begins with a look at the organization of its portal.
    let tried = function.aws.calls().into_iter().filter(|call| call.operation == "DynamoDB_20120810.GetItem");
    let tried: Vec<_> = tried.map(|call| call.body["Key"].to_string()).collect();
    let looked_at = |portal: &str| tried.iter().any(|key| key.contains(portal));
    assert_eq!(["1001", "1003", "1004"].map(looked_at), [true, false, true], "{tried:?}");
    Ok(())
}

#[tokio::test]
async fn what_the_queue_gave_up_is_known_by_where_it_comes_from() -> Result<()> {
    let mut function = Function::start_with(&with_delay_queues()).await?;
    let mut dead = record("dead", &event_of_an_unknown_portal().to_string());
    dead["eventSourceARN"] = json!(DEAD_LETTERS);
    let mut unreadable = record("unreadable", "nobody can record this");
    unreadable["eventSourceARN"] = json!(DEAD_LETTERS);
    let answer = function.invoke(&json!({ "Records": [dead, unreadable] })).await?.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "unreadable" }] }));
    // A receipt of the dead-letter queue is none of the events queue's.
    assert!(!function.aws.operations().contains(&"AmazonSQS.ChangeMessageVisibility".to_owned()));
    signal("TERM", function.id()?).await?;
    let (_, output) = function.end().await?;
    let counted = function::metrics(&output);
    assert_eq!(counted.first().map(|line| &line["DeadLetters"]), Some(&json!(2.0)), "{output}");
    Ok(())
}

#[tokio::test]
async fn the_five_minute_schedule_has_overdue_work_looked_for() -> Result<()> {
    let mut function = Function::start().await?;
    let answer = function.invoke(&json!({ "reconcile": true })).await?.unwrap();
    assert_eq!(answer, json!({ "woken": 0 }));
    let asked = function.aws.calls().into_iter().map(|call| call.body.to_string()).collect::<Vec<_>>();
    for shard in 0..8 {
        let shard = format!("DUE#{shard}");
        assert!(asked.iter().any(|query| query.contains(&shard)), "{shard} is looked at");
    }
    for odd in [json!({}), json!({ "reconcile": false }), json!({ "reconcile": true, "more": 1 })] {
        let refused = function.invoke(&odd).await?.unwrap_err();
        assert_eq!(refused["errorType"], "InvalidRequest", "{odd}");
    }
    Ok(())
}

#[tokio::test]
async fn what_waited_in_the_delay_queue_goes_on_into_the_events_queue_when_it_is_due() -> Result<()> {
    let mut function = Function::start_with(&with_delay_queues()).await?;
    let answer = function.invoke(&json!({ "Records": [delayed("due", "2026-11-20T10:00:05Z")] })).await?.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    let sent = function.aws.only("AmazonSQS.SendMessageBatch")?;
    assert_eq!(sent["QueueUrl"], QUEUE_URL);
    assert_eq!(sent["Entries"][0]["MessageGroupId"], "12345:thread:176347007");
    assert_eq!(sent["Entries"][0]["MessageDeduplicationId"].as_str().map(str::len), Some(64), "{sent}");

    // One whose time is further away than SQS lets a message wait goes through the delay queue again.
    let answer = function.invoke(&json!({ "Records": [delayed("early", "2099-01-01T00:00:00Z")] })).await?.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    let again = function.aws.only("AmazonSQS.SendMessage")?;
    assert_eq!((&again["QueueUrl"], &again["DelaySeconds"]), (&json!(DELAY_QUEUE_URL), &json!(900)));
    assert!(again["MessageBody"].as_str().unwrap_or_default().contains("2099-01-01T00:00:00Z"), "{again}");
    Ok(())
}

#[tokio::test]
async fn a_function_killed_in_the_middle_has_acknowledged_nothing_and_the_next_takes_the_batch() -> Result<()> {
    let batch = json!({ "Records": [record("readable", &event_of_an_unknown_portal().to_string())] });
    let mut first = Function::start().await?;
    let seen = first.aws.seen();
    seen.hold("DynamoDB_20120810.GetItem");
    tokio::select! {
        answer = first.invoke(&batch) => anyhow::bail!("answered while the table was silent: {answer:?}"),
        () = seen.called("DynamoDB_20120810.GetItem") => {}
    }
    signal("KILL", first.id()?).await?;
    seen.release();
    assert_eq!(first.aws.operations(), ["secretsmanager.GetSecretValue", "DynamoDB_20120810.GetItem"]);

    let mut second = Function::start().await?;
    assert_eq!(second.invoke(&batch).await?.unwrap(), json!({ "batchItemFailures": [] }));
    Ok(())
}

/// A return of an e-mail's thread as it waits in the delay queue, which is a standard one.
fn delayed(id: &str, due: &str) -> Value {
    let body = json!({ "schema": 1, "due": due, "message": {
        "type": "return", "org": "org_1", "portal": "12345", "thread": "176347007", "delivery": "message:b8c4d3f0a1",
    } });
    json!({
        "messageId": id,
        "receiptHandle": format!("receipt-{id}"),
        "body": body.to_string(),
        "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1795168800000" },
        "eventSource": "aws:sqs",
        "eventSourceARN": DELAYS,
    })
}

fn event_of_an_unknown_portal() -> Value {
    event_of_portal("12345")
}

/// The message that `webhook` stores for an event with a valid signature of HubSpot's.
fn event_of_portal(portal: &str) -> Value {
    json!({ "schema": 1, "message": {
        "type": "event",
        "door": { "by": "app_signature" },
        "event": {
            "portal": portal, "app": "67", "occurred_at": "2026-11-20T10:00:00Z",
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
