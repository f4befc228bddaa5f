//! `/api/crm`: the context panel's own, read-only connection.

use crate::Reply;
use crate::call::Call;
use crate::problem::Problem;
use operations::CrmSource;
use serde::Deserialize;
use serde_json::json;
use store::{CrmAccess, Secret};

pub(super) async fn show(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = call.store().crm_connection(call.org()).await?;
    let auth = found.as_ref().map(|crm| match crm.access {
        CrmAccess::Own(_) => "private_app",
        CrmAccess::Integration => "shared",
    });
    let portal = found.as_ref().map(|crm| &crm.portal);
    Ok(Reply::json(&json!({ "connected": found.is_some(), "auth": auth, "portal_id": portal, "missing_scopes": [] })))
}

#[derive(Deserialize)]
struct CrmRequest {
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    use_integration: bool,
}

pub(super) async fn save(call: &Call<'_>) -> Result<Reply, Problem> {
    let form: CrmRequest = call.json()?;
    let refused = |detail| Err(Problem::field("access_token", detail));
    let source = match (form.access_token.as_deref().map(str::trim), form.use_integration) {
        (None, true) => CrmSource::Integration,
        (Some(token), false) if token.starts_with("pat-") => CrmSource::Token(Secret::new(token.to_owned())),
        (Some(_), false) => return refused("not a private app token: it starts with pat-"),
        _ => return refused("either an access token, or the integration's own connection"),
    };
    operations::connect_crm(call.bridge(), call.org(), source).await?;
    call.bridge().cache.clear();
    call.record("crm.connected", "CRM connection").await;
    show(call).await
}

pub(super) async fn remove(call: &Call<'_>) -> Result<Reply, Problem> {
    call.store().delete_crm_connection(call.org()).await?;
    call.bridge().cache.clear();
    call.record("crm.disconnected", "CRM connection").await;
    show(call).await
}
