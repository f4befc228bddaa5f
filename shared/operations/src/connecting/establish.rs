//! A verified credential becomes the organization's connection.

use crate::Desk;
use crate::audit::record_audit;
use crate::connecting::crm::{CrmSource, connect_crm};
use crate::connecting::error::ConnectError;
use crate::connecting::properties::prepare_properties;
use crate::reconcile::replay_parked;
use crate::settings::change_settings;
use domain::{AppId, OrgId, PortalId, Settings};
use flows::Bridge;
use hubspot::AccessToken;
use std::time::Duration;
use store::{Auth, Connection, ConnectionState, Credential, CrmAccess, NewGrant, Saved, Secret, Updated};

/// How long HubSpot may take with what connecting needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

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

/// Who wants what.
pub(crate) struct Wish<'a> {
    pub(crate) org: &'a OrgId,
    /// `owner`, `admin` or `cli`.
    pub(crate) actor: &'a str,
    /// Unguessable; the webhook URL of a new organization, and the id of a confirmation.
    pub(crate) secret: &'a str,
    pub(crate) opencx_api_key: Option<&'a Secret<String>>,
    /// An admin has confirmed another portal.
    pub(crate) confirmed: bool,
}

/// Checks scopes and portal, and connects.
pub(crate) async fn establish(
    bridge: &Desk<'_>,
    wish: &Wish<'_>,
    credential: &Credential,
) -> Result<Established, ConnectError> {
    let now = bridge.clock.now();
    let missing = domain::missing_scopes(&credential.scopes, credential.auth == Auth::OAuth);
    if !missing.is_empty() {
        return Err(ConnectError::MissingScopes(missing));
    }
    bridge.store.draft(wish.org, wish.secret, now).await?;
    if bridge.store.org_of_portal(&credential.portal).await?.is_some_and(|owner| owner != *wish.org) {
        return Err(ConnectError::PortalTaken);
    }
    let earlier = bridge.store.connection(wish.org).await?;
    if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.portal != credential.portal && !wish.confirmed) {
        if bridge.store.keep_pending(wish.org, wish.secret, credential, now).await? != Updated::Yes {
            return Err(ConnectError::NotConnected);
        }
        let (from, to) = (earlier.portal.clone(), credential.portal.clone());
        return Ok(Established::Confirm { id: wish.secret.to_owned(), from, to });
    }
    save(bridge, wish, credential, earlier.as_ref()).await?;
    Ok(Established::Connected)
}

async fn save(
    bridge: &Desk<'_>,
    wish: &Wish<'_>,
    credential: &Credential,
    earlier: Option<&Connection>,
) -> Result<(), ConnectError> {
    let now = bridge.clock.now();
    let token = AccessToken::new(credential.access_token.expose().clone());
    let properties = prepare_properties(&bridge.hubspot.portal(&token, now + PATIENCE)).await?;
    let same = earlier.filter(|earlier| earlier.portal == credential.portal);
    // Another kind of credential for the same portal: the one before is kept until this one has worked.
    let kept = same.filter(|earlier| earlier.auth != credential.auth).and_then(former);
    let apps: Vec<AppId> = same.map(|earlier| earlier.apps.clone()).unwrap_or_default();
    let migrated = kept.is_some();
    let new = NewGrant {
        org: wish.org,
        credential,
        other_apps: &apps,
        kept: kept.as_ref(),
        properties: &properties,
        opencx_api_key: wish.opencx_api_key,
    };
    if let Saved::PortalTaken { .. } = bridge.store.grant(&new, now).await? {
        return Err(ConnectError::PortalTaken);
    }
    bridge.cache.clear();
    if earlier.is_some_and(|earlier| earlier.portal != credential.portal) {
        change_settings(bridge, wish.org, forget_portal).await?;
        renew_panel(bridge, wish.org).await?;
    }
    let action = if migrated { "connection.migrated" } else { "connection.connected" };
    record_audit(bridge, wish.org, wish.actor, action, &format!("portal {}", credential.portal)).await;
    go_on(bridge, wish.org).await;
    Ok(())
}

/// Users, inboxes and pipelines are the former portal's: nobody is answered until an admin has chosen anew.
fn forget_portal(settings: &mut Settings) {
    let Settings { enabled, ai_user, default_user, inboxes, pipeline_id, open_stage_id, closed_stage_id, .. } =
        settings;
    *enabled = false;
    (settings.custom_channels, settings.custom_channels_inbox) = (false, None);
    (*ai_user, *default_user, *inboxes) = (None, None, None);
    (*pipeline_id, *open_stage_id, *closed_stage_id) = (None, None, None);
    (settings.fallback_assignee, settings.handoff_timeout_minutes) = (None, None);
}

/// A context panel that shares this connection reads another portal now, and learns its labels; where it cannot, it is off.
async fn renew_panel(bridge: &Bridge, org: &OrgId) -> Result<(), ConnectError> {
    let panel = bridge.store.crm_connection(org).await?;
    if panel.is_some_and(|panel| matches!(panel.access, CrmAccess::Integration))
        && let Err(error) = connect_crm(bridge, org, CrmSource::Integration).await
    {
        tracing::warn!(error = %error, "the context panel is disconnected: it cannot read the other portal");
        bridge.store.delete_crm_connection(org).await?;
    }
    Ok(())
}

/// What waited for good credentials is processed.
pub(crate) async fn go_on(bridge: &Desk<'_>, org: &OrgId) {
    match replay_parked(bridge, org).await {
        Ok(0) => {}
        Ok(replayed) => tracing::info!(org.id = %org, replayed, "events that waited for a reconnect are processed"),
        Err(error) => tracing::warn!(%error, "what waits for a reconnect was not replayed; it can be from the log"),
    }
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
