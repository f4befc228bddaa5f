//! `handoff`, `reply`, `resolve`, `close` and `sync` as processes under a Lambda Runtime API: each is invoked with a request of its own.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::{Result, bail};
use function::Function;
use runtime_api::Answer;
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
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue", "DynamoDB_20120810.GetItem"]);
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
