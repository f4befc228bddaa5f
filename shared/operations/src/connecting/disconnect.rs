//! Taking a connection away: HubSpot's events are not acted on any more, and no token stays.

use crate::audit::record_audit;
use crate::connecting::error::ConnectError;
use crate::connecting::establish::PATIENCE;
use domain::OrgId;
use flows::Bridge;
use store::{Auth, ConnectionState, Updated};

/// What an admin still has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnected {
    /// In words.
    pub todo: Vec<String>,
    /// Whether HubSpot has ended the tokens.
    pub revoked: bool,
}

/// Disconnects an organization. Sessions, links, settings and signatures stay for when it connects again.
pub async fn disconnect(bridge: &Bridge, org: &OrgId, actor: &str) -> Result<Disconnected, ConnectError> {
    let connection = bridge.store.connection(org).await?.ok_or(ConnectError::NotConnected)?;
    if connection.grant.state == ConnectionState::Disconnected {
        return Err(ConnectError::NotConnected);
    }
    let now = bridge.clock.now();
    if bridge.store.disconnect(org, &connection.portal, now).await? != Updated::Yes {
        return Err(ConnectError::NotConnected);
    }
    bridge.cache.clear();
    record_audit(bridge, org, actor, "connection.disconnected", &format!("portal {}", connection.portal)).await;
    // After this nobody uses the tokens, so it does not matter much whether HubSpot can be reached.
    let revoked = match (&bridge.app, &connection.grant.refresh_token) {
        (Some(app), Some(token)) => match bridge.hubspot.revoke(app, token.expose(), now + PATIENCE).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "a token was removed and not revoked");
                false
            }
        },
        _ => false,
    };
    let todo = match connection.auth {
        Auth::OAuth => vec![
            "In HubSpot, open Settings → Integrations → Connected Apps and uninstall OpenCX, so that it sends no more events."
                .to_owned(),
        ],
        Auth::PrivateApp => vec![
            "Remove the webhook subscriptions in HubSpot: Settings → Integrations → Private Apps → your app → Webhooks, \
             then Commit changes."
                .to_owned(),
            "Rotate or delete the private app's token in HubSpot: tokens of private apps cannot be revoked from here."
                .to_owned(),
        ],
    };
    Ok(Disconnected { todo, revoked })
}
