//! `context` as a process under a Lambda Runtime API: an address in, the panel out, and nothing written.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::Result;
use function::{Function, metrics, signal};
use serde_json::{Value, json};

#[tokio::test]
async fn an_organization_without_a_crm_connection_gets_an_empty_panel_that_says_why() -> Result<()> {
    let mut function = Function::start().await?;
    let panel = function.invoke(&request()).await?.unwrap();
    assert_eq!(panel["status"], "not_connected", "{panel}");
    assert_eq!((&panel["contact"], &panel["company"]), (&Value::Null, &Value::Null), "{panel}");
    assert_eq!((&panel["deals"], &panel["tickets"]), (&json!([]), &json!([])), "{panel}");
    let read = function.aws.only("DynamoDB_20120810.GetItem")?;
    assert_eq!(read["Key"], json!({ "pk": { "S": "ORG#org_nobody" }, "sk": { "S": "CRM" } }));
    // It looks anew each time, and at nothing else.
    assert_eq!(function.invoke(&request()).await?.unwrap(), panel);
    let reads = ["secretsmanager.GetSecretValue", "DynamoDB_20120810.GetItem", "DynamoDB_20120810.GetItem"];
    assert_eq!(function.aws.operations(), reads);
    Ok(())
}

#[tokio::test]
async fn a_request_without_an_address_is_refused_and_the_field_named() -> Result<()> {
    let mut function = Function::start().await?;
    let refused = function.invoke(&json!({ "org_id": "org_nobody" })).await?.unwrap_err();
    assert_eq!(refused["errorType"], "InvalidRequest", "{refused}");
    assert!(refused["errorMessage"].as_str().unwrap_or_default().contains("email"), "{refused}");
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue"]);
    assert_eq!(function.invoke(&request()).await?.unwrap()["status"], "not_connected");
    signal("TERM", function.id()?).await?;
    let (status, output) = function.end().await?;
    assert!(status.success(), "{status}:\n{output}");
    let refused = metrics(&output).into_iter().find(|line| line["Reason"] == "InvalidRequest");
    assert_eq!(refused.map(|line| line["FunctionErrors"].clone()), Some(json!(1.0)), "{output}");
    assert!(!output.contains("ada@example.com"), "{output}");
    Ok(())
}

#[tokio::test]
async fn a_function_that_is_asked_to_end_shows_the_panel_it_was_asked_for() -> Result<()> {
    let mut function = Function::start().await?;
    let (seen, process, request) = (function.aws.seen(), function.id()?, request());
    seen.hold("DynamoDB_20120810.GetItem");
    let ending = async {
        seen.called("DynamoDB_20120810.GetItem").await;
        let asked = signal("TERM", process).await;
        seen.release();
        asked
    };
    let (panel, asked) = tokio::join!(function.invoke(&request), ending);
    asked?;
    assert_eq!(panel?.unwrap()["status"], "not_connected");
    assert!(function.end().await?.0.success());
    Ok(())
}

fn request() -> Value {
    json!({ "org_id": "org_nobody", "email": "ada@example.com" })
}
