//! Back to the credential before the last migration, which is kept until the new one has worked.

use crate::Desk;
use crate::audit::record_audit;
use crate::connecting::error::ConnectError;
use crate::connecting::establish::{PATIENCE, go_on};
use crate::connecting::private_app::token_info;
use domain::OrgId;
use hubspot::AccessToken;
use store::{Auth, NewGrant, Saved};

/// Connects with the kept credential again.
pub async fn roll_back(bridge: &Desk<'_>, org: &OrgId, actor: &str) -> Result<(), ConnectError> {
    let connection = bridge.store.connection(org).await?.ok_or(ConnectError::NotConnected)?;
    let kept = connection.grant.kept.as_ref().ok_or(ConnectError::NothingKept)?;
    if connection.settings.oauth_only && kept.auth == Auth::PrivateApp {
        return Err(ConnectError::OAuthOnly);
    }
    let now = bridge.clock.now();
    if kept.auth == Auth::PrivateApp {
        let token = AccessToken::new(kept.access_token.expose().clone());
        token_info(&bridge.hubspot.portal(&token, now + PATIENCE)).await?;
    }
    let new = NewGrant {
        org,
        credential: kept,
        other_apps: &connection.apps,
        kept: None,
        properties: &connection.properties,
        opencx_api_key: None,
    };
    if let Saved::PortalTaken { .. } = bridge.store.grant(&new, now).await? {
        return Err(ConnectError::PortalTaken);
    }
    bridge.cache.clear();
    record_audit(bridge, org, actor, "connection.rolled_back", &format!("portal {}", kept.portal)).await;
    go_on(bridge, org).await;
    Ok(())
}
