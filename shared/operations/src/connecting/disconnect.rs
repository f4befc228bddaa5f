//! A connection is taken away: HubSpot's events are ignored from now on, and no token stays.

use crate::audit::record_audit;
use crate::connecting::establish::{ConnectError, PATIENCE};
use domain::OrgId;
use flows::Bridge;
use store::{Auth, ConnectionState, Updated};

/// What an admin still has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnected {
    /// In words.
    pub todo: &'static [&'static str],
    /// Whether HubSpot has ended the tokens.
    pub revoked: bool,
}

/// Disconnects an organization. Sessions, links, settings and signatures stay for when it connects again.
pub async fn disconnect(bridge: &Bridge, org: &OrgId, actor: &str) -> Result<Disconnected, ConnectError> {
    let connection = bridge.store.connection(org).await?.ok_or(ConnectError::NotConnected)?;
    let now = bridge.clock.now();
    if connection.grant.state == ConnectionState::Disconnected
        || bridge.store.disconnect(org, &connection.portal, now).await? != Updated::Yes
    {
        return Err(ConnectError::NotConnected);
    }
    bridge.cache.clear();
    record_audit(bridge, org, actor, "connection.disconnected", &format!("portal {}", connection.portal)).await;
    // Nobody uses the tokens any more, so it matters little whether HubSpot can be reached.
    let mut revoked = false;
    if let (Some(app), Some(token)) = (&bridge.app, &connection.grant.refresh_token) {
        match bridge.hubspot.revoke(app, token.expose(), now + PATIENCE).await {
            Ok(()) => revoked = true,
            Err(error) => tracing::warn!(%error, "a token was removed and not revoked"),
        }
    }
    let todo: &[&str] = match connection.auth {
        Auth::OAuth => &[
            "In HubSpot, open Settings → Integrations → Connected Apps and uninstall OpenCX, so that it sends no more events.",
        ],
        Auth::PrivateApp => &[
            "Remove the webhook subscriptions in HubSpot: Settings → Integrations → Private Apps → your app → Webhooks, \
             then Commit changes.",
            "Rotate or delete the private app's token in HubSpot: tokens of private apps cannot be revoked from here.",
        ],
    };
    Ok(Disconnected { todo, revoked })
}
