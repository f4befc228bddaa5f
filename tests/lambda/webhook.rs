//! `webhook` as a process under a Lambda Runtime API: HubSpot's events in, SQS out.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::Result;
use domain::{OrgId, UrlKey};
use function::{Function, QUEUE_URL, metrics, signal};
use serde_json::{Value, json};

#[tokio::test]
async fn a_delivery_through_the_signed_url_is_in_the_queue() -> Result<()> {
    let mut function = Function::start().await?;
    let answer = function.invoke(&delivery(&signed_by(&[b'u'; 32])?)).await?.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(body(&answer)?, json!({ "accepted": 1, "ignored": 0 }));

    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue", "AmazonSQS.SendMessageBatch"]);
    let sent = function.aws.only("AmazonSQS.SendMessageBatch")?;
    assert_eq!(sent["QueueUrl"], QUEUE_URL);
    let entries = sent["Entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{sent}");
    assert!(entries[0]["MessageGroupId"].is_string() && entries[0]["MessageDeduplicationId"].is_string(), "{sent}");
    let stored: Value = serde_json::from_str(entries[0]["MessageBody"].as_str().unwrap())?;
    assert_eq!(stored["message"]["door"], json!({ "by": "signed_url", "org": "org_1", "nonce": "n1" }));
    assert_eq!(stored["message"]["event"]["portal"], "12345");

    signal("TERM", function.id()?).await?;
    let (status, output) = function.end().await?;
    assert!(status.success(), "{status}:\n{output}");
    let counted = metrics(&output);
    assert_eq!(counted.len(), 1, "{output}");
    assert_eq!((&counted[0]["Function"], &counted[0]["Accepted"]), (&json!("webhook"), &json!(1.0)), "{output}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_accepted_before_the_queue_has_it() -> Result<()> {
    let mut function = Function::start().await?;
    let (seen, process, delivery) = (function.aws.seen(), function.id()?, delivery(&signed_by(&[b'u'; 32])?));
    seen.hold("AmazonSQS.SendMessageBatch");
    let ending = async {
        seen.called("AmazonSQS.SendMessageBatch").await;
        signal("TERM", process).await?;
        seen.release();
        anyhow::Ok(())
    };
    // It was asked to end while it waited: it answers all the same.
    let (answer, asked) = tokio::join!(function.invoke(&delivery), ending);
    asked?;
    assert_eq!(answer?.unwrap()["statusCode"], 200);
    assert!(function.end().await?.0.success());
    Ok(())
}

#[tokio::test]
async fn a_url_that_another_key_signed_is_refused() -> Result<()> {
    let mut function = Function::start().await?;
    let answer = function.invoke(&delivery(&signed_by(b"another")?)).await?.unwrap();
    assert_eq!(answer["statusCode"], 401, "{answer}");
    assert_eq!(answer["headers"]["content-type"], "application/problem+json");
    assert_eq!(body(&answer)?["status"], 401);
    // Nothing of the delivery is stored; diagnostics hears that somebody was turned away.
    let told = function.aws.only("AmazonSQS.SendMessageBatch")?;
    let told: Value = serde_json::from_str(told["Entries"][0]["MessageBody"].as_str().unwrap_or_default())?;
    assert_eq!(told["message"]["type"], "door_report", "{told}");
    Ok(())
}

#[tokio::test]
async fn a_warm_function_reads_its_secret_no_second_time() -> Result<()> {
    let mut function = Function::start().await?;
    for _ in 0..3 {
        let answer = function.invoke(&delivery("not-signed")).await?.unwrap();
        assert_eq!(answer["statusCode"], 401, "{answer}");
    }
    // And it tells diagnostics of those it turned away at most once a minute.
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue", "AmazonSQS.SendMessageBatch"]);
    Ok(())
}

/// The key that the secret calls `u1` is 32 times `u`.
fn signed_by(key: &[u8]) -> Result<String> {
    Ok(domain::sign(&OrgId::parse("org_1")?, "n1", &UrlKey::new("u1", key)))
}

fn body(answer: &Value) -> Result<Value> {
    Ok(serde_json::from_str(answer["body"].as_str().unwrap_or_default())?)
}

/// A delivery of one event as API Gateway's HTTP API hands it to a function (payload format 2.0).
fn delivery(key: &str) -> Value {
    let path = format!("/webhooks/hubspot/org_1/{key}");
    let events = json!([{
        "eventId": 1, "subscriptionId": 2, "portalId": 12345, "appId": 67, "occurredAt": 1_795_168_800_000_i64,
        "subscriptionType": "conversation.newMessage", "attemptNumber": 0, "objectId": 176_347_007,
        "messageId": "b8c4d3f0a1", "messageType": "MESSAGE", "changeFlag": "NEW_MESSAGE",
    }]);
    json!({
        "version": "2.0",
        "routeKey": "POST /webhooks/hubspot/{org}/{key}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "hooks.example.com", "user-agent": "HubSpot Connect 2.0" },
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "hooks.example.com", "domainPrefix": "hooks",
            "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "HubSpot" },
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "POST /webhooks/hubspot/{org}/{key}", "stage": "$default",
            "time": "20/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_168_800_000_i64,
        },
        "pathParameters": { "org": "org_1", "key": key },
        "body": events.to_string(),
        "isBase64Encoded": false,
    })
}
