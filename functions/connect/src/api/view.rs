//! The connection as the page shows it. No secret is in it.

use crate::call::Call;
use crate::problem::Problem;
use serde_json::{Value, json};
use store::{Auth, Connection, ConnectionState, Draft, Milestone};

pub(super) async fn connection(call: &Call<'_>) -> Result<Value, Problem> {
    let draft = call.draft().await?;
    let found = call.connect.bridge.store.connection(&call.admin.org).await;
    let found = found.map_err(|error| Problem::internal("read the connection", &error))?;
    let found = found.as_ref();
    let grant = found.map(|found| &found.grant);
    let connected = found.filter(|found| found.grant.state != ConnectionState::Disconnected);
    let lost = connected.map(|found| domain::lost_features(&found.grant.scopes)).unwrap_or_default();
    let pending = grant.and_then(|grant| grant.pending.as_ref()).filter(|pending| pending.until > call.now);
    Ok(json!({
        "org": call.admin.org,
        "state": state(call, found),
        "auth": connected.map(|found| auth(found.auth)),
        "auth_label": connected.map(|found| label(found.auth)),
        "portal_id": found.map(|found| &found.portal),
        "portal_name": grant.and_then(|grant| grant.portal_name.as_ref()),
        "apps": connected.map(|found| found.apps.clone()).unwrap_or_default(),
        "granted_scopes": connected.map(|found| found.grant.scopes.clone()).unwrap_or_default(),
        "missing_optional": features(&lost),
        "connected_at": connected.map(|found| found.connected_at),
        "reconnect_reason": grant.and_then(|grant| grant.reconnect_reason.as_ref()),
        "oauth_available": call.connect.bridge.app.is_some(),
        "oauth_only": draft.settings.oauth_only,
        "rollback_available": grant.and_then(|grant| grant.kept.as_ref()).is_some(),
        "webhook_url": call.connect.webhook_url(&call.admin.org, &draft.nonce),
        "webhook_url_rotated_at": draft.nonce_rotated_at,
        "app_webhook_url": format!("{}/webhooks/hubspot", call.connect.public_url),
        "live": draft.settings.enabled,
        "version": draft.version,
        "scopes": { "required": domain::REQUIRED_SCOPES, "optional": features(&domain::OPTIONAL_SCOPES) },
        "subscriptions": domain::SUBSCRIPTIONS.map(subscription),
        "checklist": checklist(&draft, connected),
        "pending_portal": pending.map(|pending| json!({ "portal_id": pending.portal, "confirm": pending.id })),
    }))
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
        Some((ConnectionState::Connected, Auth::PrivateApp)) if call.connect.bridge.app.is_some() => {
            "action_recommended"
        }
        Some((ConnectionState::Connected, _)) => "connected",
    }
}

fn auth(auth: Auth) -> &'static str {
    match auth {
        Auth::OAuth => "oauth",
        Auth::PrivateApp => "private_app",
    }
}

fn label(auth: Auth) -> &'static str {
    match auth {
        Auth::OAuth => "OAuth",
        Auth::PrivateApp => "Private App (legacy)",
    }
}

/// What turns green as it happens. The first two are as they are now, the others once they have happened.
fn checklist(draft: &Draft, connected: Option<&Connection>) -> Value {
    let step = |id: &str, done: bool, at: Option<jiff::Timestamp>, title: &str, hint: &str| json!({ "id": id, "done": done, "at": at, "title": title, "hint": hint });
    let first = |id: &str, milestone: Milestone, title: &str, hint: &str| {
        let at = connected.and_then(|found| found.milestones.at(milestone));
        step(id, at.is_some(), at, title, hint)
    };
    let good = connected.filter(|found| found.grant.state == ConnectionState::Connected);
    let at = good.map(|found| found.connected_at);
    json!([
        step(
            "connected",
            good.is_some(),
            at,
            "HubSpot is connected",
            "Connect with HubSpot, and approve the permissions."
        ),
        step(
            "ai_sender",
            draft.settings.ai_user.is_some(),
            None,
            "The AI has a sender",
            "Choose the HubSpot user the AI answers as.",
        ),
        first(
            "event_received",
            Milestone::Event,
            "HubSpot sends events",
            "Write a message in a chat or an inbox of HubSpot."
        ),
        first("ai_answered", Milestone::Answer, "The AI has answered", "Go live, and write as a customer."),
        first(
            "ticket_opened",
            Milestone::Ticket,
            "A handoff opened a ticket",
            "Ask for a person: a ticket with opencx_handedoff, summary and transcript appears.",
        ),
        first(
            "rep_reply",
            Milestone::RepReply,
            "A rep's reply was recorded",
            "Reply publicly to the conversation in HubSpot."
        ),
    ])
}
