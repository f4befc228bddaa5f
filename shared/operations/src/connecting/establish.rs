//! A verified credential becomes the organization's connection, and may be taken back.

use crate::Desk;
use crate::audit::record_audit;
use crate::connecting::crm::{CrmSource, connect_crm};
use crate::connecting::properties::prepare_properties;
use crate::replay::replay_parked;
use crate::settings::change_settings;
use domain::{OrgId, PortalId, Settings};
use flows::Bridge;
use hubspot::{AccessToken, HubSpotError, OAuthError, Portal, TokenInfo};
use std::time::Duration;
use store::{Auth, Connection, ConnectionState, Credential, CrmAccess, NewGrant, Saved, Secret, StoreError, Updated};

/// How long HubSpot may take with everything that connecting needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

/// Why an organization was not connected. Nothing was changed. The texts are for the admin.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Private apps' tokens begin with `pat-`.
    #[error("not a private app token: it starts with pat-")]
    NotAToken,
    /// HubSpot does not know the token.
    #[error("HubSpot does not accept the token")]
    TokenRefused,
    /// Required scopes that are not granted.
    #[error("missing scopes: {}", .0.join(", "))]
    MissingScopes(Vec<&'static str>),
    /// Another organization has the portal.
    #[error("this HubSpot portal is connected to another organization; disconnect it there first")]
    PortalTaken,
    /// The operator allows OAuth only.
    #[error("this organization connects by OAuth only")]
    OAuthOnly,
    /// The deployment has no HubSpot app.
    #[error("this deployment has no HubSpot app, so there is no OAuth")]
    NoOAuth,
    /// Neither `A-123` nor `123`.
    #[error("not a HubSpot user: write A-123 or 123")]
    NotAUser,
    /// The portal has no such user.
    #[error("the portal has no active user with this id")]
    UnknownUser,
    /// There is no credential to go back to.
    #[error("there is no former connection to go back to")]
    NothingKept,
    /// The confirmation is unknown, used or too late.
    #[error("the confirmation was used or is older than 10 minutes; connect again")]
    Unconfirmed,
    /// There is no connection.
    #[error("there is no connection of this organization")]
    NotConnected,
    /// HubSpot could not be used.
    #[error("{0}")]
    HubSpot(#[from] HubSpotError),
    /// HubSpot gave no token.
    #[error("{0}")]
    OAuth(#[from] OAuthError),
    /// The store could not be used.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// What became of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Established {
    /// The organization is connected with it.
    Connected,
    /// It opens another portal than before: an admin has to confirm that.
    Confirm {
        /// The one-time id of the confirmation.
        id: String,
        /// The portal until now.
        from: PortalId,
        /// The other one.
        to: PortalId,
    },
}

/// Who connects what.
pub(crate) struct ConnectRequest<'a> {
    pub(crate) org: &'a OrgId,
    /// `owner`, `admin` or `cli`.
    pub(crate) actor: &'a str,
    /// Unguessable. It is in the webhook URL of a new organization, and is the id of a confirmation.
    pub(crate) secret: &'a str,
    pub(crate) opencx_api_key: Option<&'a Secret<String>>,
    /// An admin has confirmed another portal.
    pub(crate) confirmed: bool,
}

/// Checks scopes and portal, and connects.
pub(crate) async fn establish(
    bridge: &Desk<'_>,
    request: &ConnectRequest<'_>,
    credential: &Credential,
) -> Result<Established, ConnectError> {
    let (org, secret, now) = (request.org, request.secret, bridge.clock.now());
    let missing = domain::missing_scopes(&credential.scopes, credential.auth == Auth::OAuth);
    if !missing.is_empty() {
        return Err(ConnectError::MissingScopes(missing));
    }
    bridge.store.draft(org, secret, now).await?;
    if bridge.store.org_of_portal(&credential.portal).await?.is_some_and(|owner| owner != *org) {
        return Err(ConnectError::PortalTaken);
    }
    let earlier = bridge.store.connection(org).await?;
    if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.portal != credential.portal && !request.confirmed)
    {
        if bridge.store.keep_pending(org, secret, credential, now).await? != Updated::Yes {
            return Err(ConnectError::NotConnected);
        }
        let (from, to) = (earlier.portal.clone(), credential.portal.clone());
        return Ok(Established::Confirm { id: secret.to_owned(), from, to });
    }
    connect(bridge, request, credential, earlier.as_ref()).await?;
    Ok(Established::Connected)
}

async fn connect(
    bridge: &Desk<'_>,
    request: &ConnectRequest<'_>,
    credential: &Credential,
    earlier: Option<&Connection>,
) -> Result<(), ConnectError> {
    let properties = prepare_properties(&portal(bridge, credential)).await?;
    let same = earlier.filter(|earlier| earlier.portal == credential.portal);
    // Another kind of credential for the same portal: the former one is kept until this one has worked.
    let kept = same.filter(|earlier| earlier.auth != credential.auth).and_then(former);
    let new = NewGrant {
        org: request.org,
        credential,
        other_apps: same.map_or(&[], |earlier| &earlier.apps),
        kept: kept.as_ref(),
        properties: &properties,
        opencx_api_key: request.opencx_api_key,
    };
    grant(bridge, &new).await?;
    if earlier.is_some() && same.is_none() {
        change_settings(bridge, request.org, forget_portal).await?;
        renew_panel(bridge, request.org).await?;
    }
    let action = if kept.is_some() { "connection.migrated" } else { "connection.connected" };
    go_on(bridge, &new, request.actor, action).await;
    Ok(())
}

/// Connects with the credential before the last migration, which is kept until the new one has worked.
pub async fn roll_back(bridge: &Desk<'_>, org: &OrgId, actor: &str) -> Result<(), ConnectError> {
    let connection = bridge.store.connection(org).await?.ok_or(ConnectError::NotConnected)?;
    let credential = connection.grant.kept.as_ref().ok_or(ConnectError::NothingKept)?;
    if credential.auth == Auth::PrivateApp {
        if connection.settings.oauth_only {
            return Err(ConnectError::OAuthOnly);
        }
        token_info(&portal(bridge, credential)).await?;
    }
    let (other_apps, properties) = (&*connection.apps, &connection.properties);
    let new = NewGrant { org, credential, other_apps, kept: None, properties, opencx_api_key: None };
    grant(bridge, &new).await?;
    go_on(bridge, &new, actor, "connection.rolled_back").await;
    Ok(())
}

/// HubSpot says what a private app's token is good for.
pub(crate) async fn token_info(portal: &Portal) -> Result<TokenInfo, ConnectError> {
    match portal.token_info().await {
        Err(HubSpotError::NotFound | HubSpotError::Unauthorized { .. }) => Err(ConnectError::TokenRefused),
        info => Ok(info?),
    }
}

fn portal(bridge: &Bridge, credential: &Credential) -> Portal {
    let token = AccessToken::new(credential.access_token.expose().clone());
    bridge.hubspot.portal(&token, bridge.clock.now() + PATIENCE)
}

async fn grant(bridge: &Bridge, new: &NewGrant<'_>) -> Result<(), ConnectError> {
    if let Saved::PortalTaken { .. } = bridge.store.grant(new, bridge.clock.now()).await? {
        return Err(ConnectError::PortalTaken);
    }
    bridge.cache.clear();
    Ok(())
}

/// Records the new connection. Events that waited for good credentials are processed.
async fn go_on(bridge: &Desk<'_>, new: &NewGrant<'_>, actor: &str, action: &str) {
    record_audit(bridge, new.org, actor, action, &format!("portal {}", new.credential.portal)).await;
    match replay_parked(bridge, new.org).await {
        Ok(0) => {}
        Ok(replayed) => tracing::info!(org.id = %new.org, replayed, "events that waited for a reconnect are processed"),
        Err(error) => tracing::warn!(%error, "what waits for a reconnect was not replayed; it can be from the log"),
    }
}

/// Users, inboxes and pipelines are the former portal's: nobody is answered until an admin has chosen anew.
fn forget_portal(settings: &mut Settings) {
    (settings.enabled, settings.custom_channels, settings.custom_channels_inbox) = (false, false, None);
    (settings.ai_user, settings.default_user, settings.inboxes) = (None, None, None);
    (settings.pipeline_id, settings.open_stage_id, settings.closed_stage_id) = (None, None, None);
    (settings.fallback_assignee, settings.handoff_timeout_minutes) = (None, None);
}

/// A context panel that shares this connection reads the new portal now. Where it cannot, it is switched off.
async fn renew_panel(bridge: &Bridge, org: &OrgId) -> Result<(), ConnectError> {
    let panel = bridge.store.crm_connection(org).await?;
    if panel.is_some_and(|panel| matches!(panel.access, CrmAccess::Integration))
        && let Err(error) = connect_crm(bridge, org, CrmSource::Integration).await
    {
        tracing::warn!(%error, "the context panel is disconnected: it cannot read the other portal");
        bridge.store.delete_crm_connection(org).await?;
    }
    Ok(())
}

/// The credential of a connection that still has one.
fn former(connection: &Connection) -> Option<Credential> {
    if connection.grant.state == ConnectionState::Disconnected || connection.access_token.expose().is_empty() {
        return None;
    }
    Some(Credential {
        auth: connection.auth,
        portal: connection.portal.clone(),
        app: connection.apps.first()?.clone(),
        access_token: connection.access_token.clone(),
        refresh_token: connection.grant.refresh_token.clone(),
        expires_at: connection.grant.expires_at,
        scopes: connection.grant.scopes.clone(),
        portal_name: connection.grant.portal_name.clone(),
    })
}
