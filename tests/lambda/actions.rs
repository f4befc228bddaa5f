//! `actions` as a process under a Lambda Runtime API: a workflow's execution in, output fields out.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::Result;
use function::{Function, metrics, signal};
use hubspot::{SignedRequest, sign_v2, sign_v3};
use serde_json::{Value, json};

#[tokio::test]
async fn a_portal_nobody_connected_gets_an_answer_that_its_workflow_can_branch_on() -> Result<()> {
    let mut function = Function::start().await?;
    let answer = function.invoke(&execution("pause-ai", &body(), Signer::V2("client-secret"))).await?.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let fields = &read(&answer)?["outputFields"];
    assert_eq!(fields["opencx_result"], "not_connected", "{answer}");
    assert_eq!(fields["hs_execution_state"], "SUCCESS", "{answer}");
    let read = function.aws.only("DynamoDB_20120810.GetItem")?;
    assert!(read["Key"].to_string().contains("12345"), "{read}");
    Ok(())
}

#[tokio::test]
async fn only_what_hubspot_signed_is_taken() -> Result<()> {
    let mut function = Function::start().await?;
    for signer in [Signer::Nobody, Signer::V2("another"), Signer::V3("another"), Signer::V3Late("client-secret")] {
        let answer = function.invoke(&execution("resume-ai", &body(), signer)).await?.unwrap();
        assert_eq!(answer["statusCode"], 401, "{answer}");
        assert_eq!(answer["headers"]["content-type"], "application/problem+json");
    }
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue"]);
    let seen = function.aws.seen();
    seen.hold("DynamoDB_20120810.GetItem");
    let taken = execution("resume-ai", &body(), Signer::V3("client-secret"));
    let release = async {
        seen.called("DynamoDB_20120810.GetItem").await;
        seen.release();
    };
    let (answer, ()) = tokio::join!(function.invoke(&taken), release);
    assert_eq!(answer?.unwrap()["statusCode"], 200);
    signal("TERM", function.id()?).await?;
    let (_, output) = function.end().await?;
    let refused = metrics(&output).into_iter().filter(|line| line["Reason"] == "bad_signature").count();
    assert_eq!(refused, 4, "{output}");
    Ok(())
}

#[tokio::test]
async fn an_action_that_is_none_and_a_body_that_is_none_are_named() -> Result<()> {
    let mut function = Function::start().await?;
    for (action, body, problem) in [
        ("praise-ai", body(), "there is no such action"),
        ("pause-ai", "{}".to_owned(), "callbackId: it is missing"),
        ("pause-ai", "no JSON".to_owned(), "its body is no JSON object"),
    ] {
        let answer = function.invoke(&execution(action, &body, Signer::V2("client-secret"))).await?.unwrap();
        assert_eq!(answer["statusCode"], 400, "{answer}");
        assert!(read(&answer)?["detail"].as_str().unwrap_or_default().contains(problem), "{answer}");
    }
    Ok(())
}

fn read(answer: &Value) -> Result<Value> {
    Ok(serde_json::from_str(answer["body"].as_str().unwrap_or_default())?)
}

fn body() -> String {
    json!({
        "callbackId": "ap-12345-1-7-0",
        "origin": { "portalId": 12345, "actionDefinitionId": 10_646_377, "actionDefinitionVersion": 1 },
        "context": { "source": "WORKFLOWS", "workflowId": 192_814_114 },
        "object": { "objectId": 903, "objectType": "TICKET", "properties": {} },
        "inputFields": {},
    })
    .to_string()
}

#[derive(Clone, Copy)]
enum Signer {
    Nobody,
    V2(&'static str),
    V3(&'static str),
    /// Signed ten minutes ago.
    V3Late(&'static str),
}

/// An execution as API Gateway's HTTP API hands it to a function (payload format 2.0).
fn execution(action: &str, body: &str, signer: Signer) -> Value {
    let path = format!("/actions/hubspot/{action}");
    let url = format!("https://hooks.example.com{path}");
    let what = SignedRequest { method: "POST", url: &url, body: body.as_bytes() };
    let now = transport::Clock::now(&transport::SystemClock).as_millisecond();
    let v3 = |secret, at: i64| json!({ "x-hubspot-signature-v3": sign_v3(&what, at, secret), "x-hubspot-request-timestamp": at.to_string() });
    let mut headers = match signer {
        Signer::Nobody => json!({}),
        Signer::V2(secret) => json!({ "x-hubspot-signature": sign_v2(&what, secret) }),
        Signer::V3(secret) => v3(secret, now),
        Signer::V3Late(secret) => v3(secret, now - 600_000),
    };
    if let Some(headers) = headers.as_object_mut() {
        headers.insert("content-type".to_owned(), json!("application/json"));
        headers.insert("host".to_owned(), json!("hooks.example.com"));
    }
    json!({
        "version": "2.0",
        "routeKey": "POST /actions/hubspot/{action}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "hooks.example.com", "domainPrefix": "hooks",
            "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "HubSpot" },
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "POST /actions/hubspot/{action}", "stage": "$default",
            "time": "20/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_168_800_000_i64,
        },
        "pathParameters": { "action": action },
        "body": body,
        "isBase64Encoded": false,
    })
}
