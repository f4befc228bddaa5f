//! `connect` as a process under a Lambda Runtime API: the console's page and its API, for callers with a valid token.

mod aws;
mod cold_start;
mod function;
mod runtime_api;

use anyhow::{Context, Result};
use domain::OrgId;
use function::{Function, metrics, signal};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The key of the secret that the tokens of admins are signed with.
const KEY: &[u8] = &[b'u'; 32];

#[tokio::test]
async fn the_page_and_its_files_come_out_of_the_binary() -> Result<()> {
    let mut function = Function::start().await?;
    let page = function.invoke(&get("/", "")).await?.unwrap();
    assert_eq!(
        (&page["statusCode"], &page["headers"]["content-type"]),
        (&json!(200), &json!("text/html; charset=utf-8"))
    );
    let html = page["body"].as_str().context("find the page")?;
    let script = html.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).context("find a script")?;
    let script = function.invoke(&get(&format!("/{}", script.trim_start_matches('/')), "")).await?.unwrap();
    assert_eq!(script["headers"]["content-type"], "text/javascript; charset=utf-8", "{script}");
    for answer in [&page, &script] {
        let policy = answer["headers"]["content-security-policy"].as_str().unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'"), "{answer}");
    }
    let health = function.invoke(&get("/health", "")).await?.unwrap();
    assert_eq!(read(&health)?["status"], "ok", "{health}");
    assert_eq!(function.invoke(&get("/nowhere", "")).await?.unwrap()["statusCode"], 404);
    // None of it needs the table.
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue"]);
    Ok(())
}

#[tokio::test]
async fn only_a_good_token_of_an_admin_opens_the_api_and_only_of_its_own_organization() -> Result<()> {
    let mut function = Function::start().await?;
    let hour = SignedDuration::from_mins(50);
    for (token, status) in [
        (String::new(), 401),
        ("no token".to_owned(), 401),
        (token("owner", hour, b"another key, also of 32 bytes...")?, 401),
        (token("owner", -SignedDuration::from_mins(10), KEY)?, 401),
        (token("viewer", hour, KEY)?, 403),
    ] {
        let answer = function.invoke(&get("/api/audit", &token)).await?.unwrap();
        assert_eq!(answer["statusCode"], status, "{answer}");
        assert_eq!(answer["headers"]["content-type"], "application/problem+json");
    }
    assert_eq!(function.aws.operations(), ["secretsmanager.GetSecretValue"]);

    let good = token("admin", hour, KEY)?;
    let answer = function.invoke(&get("/api/audit", &good)).await?.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(read(&answer)?, json!({ "entries": [], "cursor": null }));
    let listed = function.aws.only("DynamoDB_20120810.Query")?;
    assert!(listed["ExpressionAttributeValues"].to_string().contains("org_1"), "{listed}");

    signal("TERM", function.id()?).await?;
    let (status, output) = function.end().await?;
    assert!(status.success(), "{status}:\n{output}");
    assert!(output.contains("/api/audit") && !output.contains(&good), "{output}");
    Ok(())
}

#[tokio::test]
async fn a_table_out_of_reach_is_an_answer_without_its_reason() -> Result<()> {
    let mut function = Function::start().await?;
    let admin = token("admin", SignedDuration::from_mins(50), KEY)?;
    // The role may not do this here: the table refuses it.
    let answer = function.invoke(&get("/api/settings", &admin)).await?.unwrap();
    assert_eq!(answer["statusCode"], 500, "{answer}");
    assert!(!answer["body"].as_str().unwrap_or_default().contains("AccessDenied"), "{answer}");
    assert_eq!(read(&function.invoke(&get("/health", "")).await?.unwrap())?["status"], "ok");
    signal("TERM", function.id()?).await?;
    let (_, output) = function.end().await?;
    assert!(output.contains("AccessDenied"), "the log says why: {output}");
    Ok(())
}

#[tokio::test]
async fn a_function_that_is_asked_to_end_answers_what_it_was_asked() -> Result<()> {
    let mut function = Function::start().await?;
    let (seen, process) = (function.aws.seen(), function.id()?);
    let request = get("/api/audit", &token("owner", SignedDuration::from_mins(50), KEY)?);
    seen.hold("DynamoDB_20120810.Query");
    let ending = async {
        seen.called("DynamoDB_20120810.Query").await;
        let asked = signal("TERM", process).await;
        seen.release();
        asked
    };
    let (answer, asked) = tokio::join!(function.invoke(&request), ending);
    asked?;
    assert_eq!(answer?.unwrap()["statusCode"], 200);
    let (status, output) = function.end().await?;
    assert!(status.success(), "{status}:\n{output}");
    let counted = metrics(&output);
    let took = counted.iter().find(|line| line["Function"] == "connect" && line["Duration"].is_number());
    assert!(took.is_some(), "{output}");
    Ok(())
}

/// The token that the OpenCX backend signs for `role` in `org_1`.
fn token(role: &str, good_for: SignedDuration, key: &[u8]) -> Result<String> {
    let now = transport::Clock::now(&transport::SystemClock);
    Ok(runtime::sign_admin_token(&OrgId::parse("org_1")?, role, now + good_for, key)?)
}

fn read(answer: &Value) -> Result<Value> {
    Ok(serde_json::from_str(answer["body"].as_str().unwrap_or_default())?)
}

/// A request as API Gateway's HTTP API hands it to a function (payload format 2.0).
fn get(path: &str, token: &str) -> Value {
    let mut headers = BTreeMap::from([("host", "hooks.example.com".to_owned())]);
    if !token.is_empty() {
        headers.insert("authorization", format!("Bearer {token}"));
    }
    json!({
        "version": "2.0",
        "routeKey": "GET /{asset+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "hooks.example.com", "domainPrefix": "hooks",
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "browser" },
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "GET /{asset+}", "stage": "$default",
            "time": "20/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_168_800_000_i64,
        },
        "isBase64Encoded": false,
    })
}
