//! `/api/connection` and `/api/webhook-url`: how the organization is connected, and under which URL HubSpot reaches it.

use crate::Reply;
use crate::call::Call;
use crate::problem::Problem;
use lambda_http::http::StatusCode;
use operations::PrivateApp;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Auth, Connection, ConnectionState, Draft, Milestone, Secret, Updated};

/// The steps of the setup that stay done once they have happened: id, milestone, title, hint.
const MILESTONES: [(&str, Milestone, &str, &str); 4] = [
    ("event_received", Milestone::Event, "HubSpot sends events", "Write a message in a chat or an inbox of HubSpot."),
    ("ai_answered", Milestone::Answer, "The AI has answered", "Go live, and write as a customer."),
    (
        "ticket_opened",
        Milestone::Ticket,
        "A handoff opened a ticket",
        "Ask for a person: a ticket with opencx_handedoff, summary and transcript appears.",
    ),
    ("rep_reply", Milestone::RepReply, "A rep's reply was recorded", "Reply publicly to the conversation in HubSpot."),
];

/// The connection as the page shows it. No secret is in it.
pub(super) async fn show(call: &Call<'_>) -> Result<Reply, Problem> {
    let draft = call.draft().await?;
    let found = call.store().connection(call.org()).await?;
    let found = found.as_ref();
    let grant = found.map(|found| &found.grant);
    let connected = found.filter(|found| found.grant.state != ConnectionState::Disconnected);
    let (auth, auth_label) = connected.map(|found| auth(found.auth)).unzip();
    let lost = connected.map(|found| domain::lost_features(&found.grant.scopes)).unwrap_or_default();
    let pending = grant.and_then(|grant| grant.pending.as_ref()).filter(|pending| pending.until > call.now);
    Ok(Reply::json(&json!({
        "org": call.org(),
        "state": state(call, found),
        "auth": auth,
        "auth_label": auth_label,
        "portal_id": found.map(|found| &found.portal),
        "portal_name": grant.and_then(|grant| grant.portal_name.as_ref()),
        "apps": connected.map(|found| &*found.apps).unwrap_or_default(),
        "granted_scopes": connected.map(|found| &*found.grant.scopes).unwrap_or_default(),
        "missing_optional": features(&lost),
        "connected_at": connected.map(|found| found.connected_at),
        "reconnect_reason": grant.and_then(|grant| grant.reconnect_reason.as_ref()),
        "oauth_available": call.bridge().app.is_some(),
        "oauth_only": draft.settings.oauth_only,
        "rollback_available": grant.is_some_and(|grant| grant.kept.is_some()),
        "webhook_url": call.connect.webhook_url(call.org(), &draft.nonce),
        "webhook_url_rotated_at": draft.nonce_rotated_at,
        "app_webhook_url": format!("{}/webhooks/hubspot", call.connect.public_url),
        "live": draft.settings.enabled,
        "version": draft.version,
        "scopes": { "required": domain::REQUIRED_SCOPES, "optional": features(&domain::OPTIONAL_SCOPES) },
        "subscriptions": domain::SUBSCRIPTIONS.map(subscription),
        "checklist": checklist(&draft, connected),
        "pending_portal": pending.map(|pending| json!({ "portal_id": pending.portal, "confirm": pending.id })),
    })))
}

/// A subscription to objects names them, one to changes the property.
fn subscription((kind, of): (&str, Option<&str>)) -> Value {
    let (property, object) = if kind.starts_with("object.") { (None, of) } else { (of, None) };
    json!({ "type": kind, "property": property, "object": object })
}

fn features(scopes: &[(&str, &str)]) -> Vec<Value> {
    scopes.iter().map(|(scope, feature)| json!({ "scope": scope, "feature": feature })).collect()
}

fn state(call: &Call<'_>, found: Option<&Connection>) -> &'static str {
    match found.map(|found| (found.grant.state, found.auth)) {
        None => "not_connected",
        Some((ConnectionState::Disconnected, _)) => "disconnected",
        Some((ConnectionState::ReconnectRequired, _)) => "reconnect_required",
        Some((ConnectionState::Connected, Auth::PrivateApp)) if call.bridge().app.is_some() => "action_recommended",
        Some((ConnectionState::Connected, _)) => "connected",
    }
}

/// The word for programs, and the one for people.
fn auth(auth: Auth) -> (&'static str, &'static str) {
    match auth {
        Auth::OAuth => ("oauth", "OAuth"),
        Auth::PrivateApp => ("private_app", "Private App (legacy)"),
    }
}

/// The setup checklist. The first two entries show the present state.
fn checklist(draft: &Draft, connected: Option<&Connection>) -> Vec<Value> {
    let step = |id: &str, done: bool, at: Option<jiff::Timestamp>, title: &str, hint: &str| json!({ "id": id, "done": done, "at": at, "title": title, "hint": hint });
    let good = connected.filter(|found| found.grant.state == ConnectionState::Connected);
    let (at, hint) = (good.map(|found| found.connected_at), "Connect with HubSpot, and approve the permissions.");
    let (sender, choose) = (draft.settings.ai_user.is_some(), "Choose the HubSpot user the AI answers as.");
    let mut steps = vec![
        step("connected", good.is_some(), at, "HubSpot is connected", hint),
        step("ai_sender", sender, None, "The AI has a sender", choose),
    ];
    steps.extend(MILESTONES.map(|(id, milestone, title, hint)| {
        let at = connected.and_then(|found| found.milestones.at(milestone));
        step(id, at.is_some(), at, title, hint)
    }));
    steps
}

#[derive(Deserialize)]
struct PrivateAppRequest {
    access_token: String,
    /// `"A-123"`, `"123"` or `123`.
    default_user_id: Value,
    #[serde(default)]
    opencx_api_key: Option<String>,
}

pub(super) async fn private_app(call: &Call<'_>) -> Result<Reply, Problem> {
    let form: PrivateAppRequest = call.json()?;
    let key = form.opencx_api_key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()).map(Secret::new);
    let user = form.default_user_id.as_str().map_or_else(|| form.default_user_id.to_string(), str::to_owned);
    let app = PrivateApp {
        org: call.org(),
        actor: call.admin.role,
        access_token: &form.access_token,
        default_user: &user,
        opencx_api_key: key.as_ref(),
        secret: &(call.connect.random)(),
    };
    operations::connect_private_app(&call.connect.desk(), &app).await?;
    show(call).await
}

pub(super) async fn disconnect(call: &Call<'_>) -> Result<Reply, Problem> {
    let done = operations::disconnect(call.bridge(), call.org(), call.admin.role).await?;
    Ok(Reply::json(&json!({ "todo": done.todo, "revoked": done.revoked })))
}

pub(super) async fn roll_back(call: &Call<'_>) -> Result<Reply, Problem> {
    operations::roll_back(&call.connect.desk(), call.org(), call.admin.role).await?;
    show(call).await
}

#[derive(Deserialize)]
struct ConfirmRequest {
    confirm: String,
}

pub(super) async fn confirm(call: &Call<'_>) -> Result<Reply, Problem> {
    let form: ConfirmRequest = call.json()?;
    operations::confirm_portal(&call.connect.desk(), call.org(), &form.confirm, call.admin.role).await?;
    show(call).await
}

pub(super) async fn webhook_url(call: &Call<'_>) -> Result<Reply, Problem> {
    let draft = call.draft().await?;
    Ok(Reply::json(&json!({ "url": call.connect.webhook_url(call.org(), &draft.nonce) })))
}

/// From now on the log shows HubSpot's calls of the former URL as stale.
pub(super) async fn rotate(call: &Call<'_>) -> Result<Reply, Problem> {
    let (draft, new) = (call.draft().await?, (call.connect.random)());
    if call.store().rotate_nonce(call.org(), &draft.nonce, &new, call.now).await? != Updated::Yes {
        return Err(Problem::new(StatusCode::CONFLICT, "somebody else has just replaced the webhook URL"));
    }
    call.bridge().cache.clear();
    call.record("webhook_url.rotated", "webhook URL").await;
    let url = call.connect.webhook_url(call.org(), &new);
    Ok(Reply::json(&json!({ "webhook_url": url, "rotated_at": call.now })))
}
