//! `/api/crm`: the context panel's own, read-only connection.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use lambda_http::http::{Method, StatusCode};
use operations::{CrmRefused, CrmSource};
use serde::Deserialize;
use serde_json::json;
use store::{CrmAccess, Secret};

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["crm"]) => Box::pin(show(call)),
        (&Method::PUT, ["crm"]) => Box::pin(save(call)),
        (&Method::DELETE, ["crm"]) => Box::pin(remove(call)),
        (&Method::POST, ["crm", "test"]) => Box::pin(super::connection::examine(call, &["crm", "connection"])),
        _ => return None,
    })
}

async fn show(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = call.connect.bridge.store.crm_connection(&call.admin.org).await;
    let found = found.map_err(|error| Problem::internal("read the CRM connection", &error))?;
    let auth = found.as_ref().map(|crm| match crm.access {
        CrmAccess::Own(_) => "private_app",
        CrmAccess::Integration => "shared",
    });
    let portal = found.as_ref().map(|crm| &crm.portal);
    let none: [&str; 0] = [];
    Ok(Reply::json(&json!({ "connected": found.is_some(), "auth": auth, "portal_id": portal, "missing_scopes": none })))
}

#[derive(Deserialize)]
struct CrmRequest {
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    use_integration: bool,
}

async fn save(call: &Call<'_>) -> Result<Reply, Problem> {
    let form: CrmRequest = call.json()?;
    let source = match form.access_token.as_deref().map(str::trim) {
        None if form.use_integration => CrmSource::Integration,
        Some(token) if !form.use_integration && token.starts_with("pat-") => {
            CrmSource::Token(Secret::new(token.to_owned()))
        }
        Some(_) if !form.use_integration => {
            return Err(Problem::field("access_token", "not a private app token: it starts with pat-"));
        }
        _ => return Err(Problem::field("access_token", "either an access token, or the integration's own connection")),
    };
    let (bridge, org) = (&call.connect.bridge, &call.admin.org);
    operations::connect_crm(bridge, org, source).await.map_err(refused)?;
    bridge.cache.clear();
    operations::record_audit(bridge, org, call.admin.role, "crm.connected", "CRM connection").await;
    show(call).await
}

fn refused(refused: CrmRefused) -> Problem {
    match refused {
        CrmRefused::Token => Problem::field("access_token", "HubSpot does not accept the token"),
        CrmRefused::MissingScopes(scopes) => {
            let detail = format!("missing scopes: {}", scopes.join(", "));
            Problem::field("access_token", detail).with("missing_scopes", scopes)
        }
        CrmRefused::NotConnected => Problem::new(StatusCode::CONFLICT, "connect HubSpot first"),
        CrmRefused::Unavailable => {
            Problem::new(StatusCode::BAD_GATEWAY, "HubSpot could not be reached; try again in a minute")
        }
    }
}

async fn remove(call: &Call<'_>) -> Result<Reply, Problem> {
    let (bridge, org) = (&call.connect.bridge, &call.admin.org);
    let removed = bridge.store.delete_crm_connection(org).await;
    removed.map_err(|error| Problem::internal("remove the CRM connection", &error))?;
    bridge.cache.clear();
    operations::record_audit(bridge, org, call.admin.role, "crm.disconnected", "CRM connection").await;
    show(call).await
}
