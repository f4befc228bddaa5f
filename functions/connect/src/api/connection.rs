//! `/api/connection` and `/api/webhook-url`: how the organization is connected, and under which URL HubSpot reaches it.

use super::view;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use crate::{Reply, refusal};
use lambda_http::http::{Method, StatusCode};
use operations::{CheckState, PrivateApp, Subject};
use serde::Deserialize;
use serde_json::json;
use std::fmt;
use store::{Secret, Updated};

/// The subjects of a connection test.
const CREDENTIALS: [&str; 5] = ["connection", "token", "scopes", "portal", "ai_user"];

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["connection"]) => Box::pin(show(call)),
        (&Method::PUT, ["connection", "private-app"]) => Box::pin(private_app(call)),
        (&Method::DELETE, ["connection"]) => Box::pin(disconnect(call)),
        (&Method::POST, ["connection", "test"]) => Box::pin(examine(call, &CREDENTIALS)),
        (&Method::POST, ["connection", "rollback"]) => Box::pin(roll_back(call)),
        (&Method::POST, ["connection", "confirm-portal"]) => Box::pin(confirm(call)),
        (&Method::GET, ["webhook-url"]) => Box::pin(webhook_url(call)),
        (&Method::POST, ["webhook-url", "rotate"]) => Box::pin(rotate(call)),
        _ => return None,
    })
}

async fn show(call: &Call<'_>) -> Result<Reply, Problem> {
    Ok(Reply::json(&view::connection(call).await?))
}

#[derive(Deserialize)]
struct PrivateAppRequest {
    access_token: String,
    default_user_id: UserId,
    #[serde(default)]
    opencx_api_key: Option<String>,
}

/// `"A-123"`, `"123"` or `123`.
struct UserId(String);

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = UserId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("A-123 or 123")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<UserId, E> {
                Ok(UserId(text.to_owned()))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<UserId, E> {
                Ok(UserId(number.to_string()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

async fn private_app(call: &Call<'_>) -> Result<Reply, Problem> {
    let form: PrivateAppRequest = call.json()?;
    let key = form.opencx_api_key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()).map(Secret::new);
    let app = PrivateApp {
        org: &call.admin.org,
        actor: call.admin.role,
        access_token: &form.access_token,
        default_user: &form.default_user_id.0,
        opencx_api_key: key.as_ref(),
        secret: &(call.connect.random)(),
    };
    operations::connect_private_app(&call.connect.desk(), &app).await.map_err(|error| refusal::problem(&error))?;
    show(call).await
}

async fn disconnect(call: &Call<'_>) -> Result<Reply, Problem> {
    let done = operations::disconnect(&call.connect.bridge, &call.admin.org, call.admin.role).await;
    let done = done.map_err(|error| refusal::problem(&error))?;
    Ok(Reply::json(&json!({ "todo": done.todo, "revoked": done.revoked })))
}

/// The findings of the diagnostics about `subjects`.
pub(super) async fn examine(call: &Call<'_>, subjects: &[&str]) -> Result<Reply, Problem> {
    // It asks for many things at once, which makes a large future.
    let found = Box::pin(operations::diagnose(&call.connect.desk(), &call.admin.org, &Subject::Org)).await;
    let mut checks = found.map_err(|error| Problem::internal("examine the connection", &error))?.checks;
    checks.retain(|check| subjects.contains(&check.id));
    let ok = checks.iter().all(|check| check.state != CheckState::Failed);
    Ok(Reply::json(&json!({ "ok": ok, "checks": checks })))
}

async fn roll_back(call: &Call<'_>) -> Result<Reply, Problem> {
    let back = operations::roll_back(&call.connect.desk(), &call.admin.org, call.admin.role).await;
    back.map_err(|error| refusal::problem(&error))?;
    show(call).await
}

#[derive(Deserialize)]
struct ConfirmRequest {
    confirm: String,
}

async fn confirm(call: &Call<'_>) -> Result<Reply, Problem> {
    let form: ConfirmRequest = call.json()?;
    let done = operations::confirm_portal(&call.connect.desk(), &call.admin.org, &form.confirm, call.admin.role).await;
    done.map_err(|error| refusal::problem(&error))?;
    show(call).await
}

async fn webhook_url(call: &Call<'_>) -> Result<Reply, Problem> {
    let draft = call.draft().await?;
    Ok(Reply::json(&json!({ "url": call.connect.webhook_url(&call.admin.org, &draft.nonce) })))
}

/// From now on HubSpot's calls of the former URL are taken as stale, and visibly so.
async fn rotate(call: &Call<'_>) -> Result<Reply, Problem> {
    let (draft, new) = (call.draft().await?, (call.connect.random)());
    let bridge = &call.connect.bridge;
    let rotated = bridge.store.rotate_nonce(&call.admin.org, &draft.nonce, &new, call.now).await;
    if rotated.map_err(|error| Problem::internal("replace the webhook URL", &error))? != Updated::Yes {
        return Err(Problem::new(StatusCode::CONFLICT, "somebody else has just replaced the webhook URL"));
    }
    bridge.cache.clear();
    operations::record_audit(bridge, &call.admin.org, call.admin.role, "webhook_url.rotated", "webhook URL").await;
    let url = call.connect.webhook_url(&call.admin.org, &new);
    Ok(Reply::json(&json!({ "webhook_url": url, "rotated_at": call.now })))
}
