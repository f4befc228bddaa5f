//! `handoff`, `reply`, `resolve`, `close` and `sync` as processes under a Lambda Runtime API: each is invoked with a request of its own.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::{Result, bail};
use function::{Function, metrics, signal};
use runtime_api::Answer;
use serde_json::{Value, json};

#[tokio::test]
async fn a_request_without_its_fields_is_refused_and_the_field_named() -> Result<()> {
    let mut function = Function::start().await?;
    let (kind, message) = error(function.invoke(&json!({})).await?)?;
    assert_eq!(kind, "InvalidRequest");
    assert!(message.contains("org_id"), "{message}");
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue"]);
    Ok(())
}

#[tokio::test]
async fn an_organization_nobody_connected_is_told_so() -> Result<()> {
    let mut function = Function::start().await?;
    let (kind, _) = error(function.invoke(&request()?).await?)?;
    assert_eq!(kind, "NotConnected");
    let read = function.aws.only("DynamoDB_20120810.GetItem")?;
    assert_eq!(read["TableName"], "opencx-hubspot");
    assert!(read["Key"].to_string().contains("org_nobody"), "{read}");
    let mut expected = vec!["secretsmanager.GetSecretValue", "DynamoDB_20120810.GetItem"];
    if env!("CARGO_PKG_NAME") == "close" {
        // That the reconciler need not look so soon again.
        expected.push("DynamoDB_20120810.UpdateItem");
    }
    assert_eq!(function.aws.operations(), expected);
    Ok(())
}

#[tokio::test]
async fn a_failed_invocation_leaves_the_function_ready_for_the_next() -> Result<()> {
    let mut function = Function::start().await?;
    for expected in ["InvalidRequest", "NotConnected", "InvalidRequest"] {
        let event = if expected == "NotConnected" { request()? } else { json!({}) };
        assert_eq!(error(function.invoke(&event).await?)?.0, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_function_that_is_asked_to_end_finishes_what_it_has_begun() -> Result<()> {
    let mut function = Function::start().await?;
    let (seen, process) = (function.aws.seen(), function.id()?);
    seen.hold("DynamoDB_20120810.GetItem");
    let request = request()?;
    let ending = async {
        seen.called("DynamoDB_20120810.GetItem").await;
        let asked = signal("TERM", process).await;
        seen.release();
        asked
    };
    let (answer, asked) = tokio::join!(function.invoke(&request), ending);
    asked?;
    assert_eq!(error(answer?)?.0, "NotConnected");
    let (status, output) = function.end().await?;
    assert!(status.success(), "{status}:\n{output}");
    let counted = metrics(&output);
    let refused = counted.iter().find(|line| line["Reason"] == "NotConnected");
    assert_eq!(refused.map(|line| &line["FunctionErrors"]), Some(&json!(1.0)), "{output}");
    Ok(())
}

/// With `DelayEngine=sqs` closes come in batches; they may be early, because SQS lets no message wait over 15 minutes.
#[tokio::test]
async fn closes_of_the_delay_queue_wait_on_or_are_done_and_what_failed_comes_back() -> Result<()> {
    if env!("CARGO_PKG_NAME") != "close" {
        return Ok(());
    }
    let queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/closes";
    let variables = function::VARIABLES.into_iter().filter(|(name, _)| !name.starts_with("SCHEDULE"));
    let variables: Vec<_> = variables.chain([("DELAY_ENGINE", "sqs"), ("CLOSE_DELAY_QUEUE_URL", queue)]).collect();
    let mut function = Function::start_with(&variables).await?;
    let record = |id: &str, due: &str| {
        let body = json!({ "due": due, "close": request().unwrap() }).to_string();
        json!({ "messageId": id, "receiptHandle": id, "body": body, "eventSource": "aws:sqs", "attributes": {} })
    };
    let batch = json!({ "Records": [record("early", "2099-01-01T00:00:00Z"), record("due", "2026-11-20T10:00:15Z")] });
    // Nobody connected the organization, so the one that is due fails.
    assert_eq!(function.invoke(&batch).await?.unwrap(), json!({ "batchItemFailures": [{ "itemIdentifier": "due" }] }));
    let waits = function.aws.only("AmazonSQS.SendMessage")?;
    assert_eq!((&waits["QueueUrl"], &waits["DelaySeconds"]), (&json!(queue), &json!(900)));
    Ok(())
}

/// A good request of the function under test, for an organization that is not there.
fn request() -> Result<Value> {
    Ok(match env!("CARGO_PKG_NAME") {
        "handoff" => json!({
            "org_id": "org_nobody",
            "session": { "id": "s-1", "channel": "web" },
            "reason": { "code": "user_requested_human_assistance", "text": "wants a person" },
        }),
        "reply" => json!({
            "org_id": "org_nobody",
            "session_id": "s-1",
            "message": { "id": "m-1", "text": "Hello", "sender": "ai" },
        }),
        "resolve" => json!({ "org_id": "org_nobody", "session_id": "s-1", "status": "closed_resolved" }),
        "close" => json!({ "org_id": "org_nobody", "session_id": "s-1", "lifecycle_epoch": 1 }),
        "sync" => json!({ "org_id": "org_nobody", "session_id": "s-1", "custom_data": { "plan": "pro" } }),
        other => bail!("{other} has no request here"),
    })
}

/// `errorType` and `errorMessage`.
fn error(answer: Answer) -> Result<(String, String)> {
    let Err(error) = answer else { bail!("the function answered {answer:?} instead of an error") };
    let text = |field: &str| error.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok((text("errorType"), text("errorMessage")))
}
