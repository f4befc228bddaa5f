//! A connection's credentials beside the access token: state, refresh token, scopes, and the credential before.

use crate::table::{Item, Keyring, Secret, StoreError, Write, text, texts, time, word, words};
use crate::tenant::credential::{Credential, opened, sealed};
use domain::{OrgId, PortalId};
use jiff::Timestamp;

/// Whether the credentials are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConnectionState {
    /// As far as anybody knows.
    #[default]
    Connected,
    /// HubSpot refuses them; events wait until an admin has connected again.
    ReconnectRequired,
    /// An admin has disconnected: there are none.
    Disconnected,
}

words! {
    ConnectionState { Connected = "connected", ReconnectRequired = "reconnect_required", Disconnected = "disconnected" }
}

/// A connection's credentials beside the access token.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// Whether they are good.
    pub state: ConnectionState,
    /// If they are not, the reason, in words for the admin.
    pub reconnect_reason: Option<String>,
    /// The refresh token of OAuth.
    pub refresh_token: Option<Secret<String>>,
    /// When the access token ends; a private app's does not.
    pub expires_at: Option<Timestamp>,
    /// Rises with every change of tokens, and never falls.
    pub token_version: u64,
    /// The scopes that HubSpot granted.
    pub scopes: Vec<String>,
    /// The portal's domain.
    pub portal_name: Option<String>,
    /// The credential before this one, until this one has worked.
    pub kept: Option<Credential>,
    /// When the webhook URL was last replaced.
    pub nonce_rotated_at: Option<Timestamp>,
    /// Another portal that waits for the admin's confirmation.
    pub pending: Option<PendingPortal>,
}

/// The consent was for another portal than before. It is connected once the admin has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPortal {
    /// The other portal.
    pub portal: PortalId,
    /// Confirms it, once.
    pub id: String,
    /// Until then.
    pub until: Timestamp,
}

/// The grant's part of a write of the whole connection.
pub(crate) fn with_grant(write: Write, org: &OrgId, grant: &Grant, keyring: &Keyring) -> Result<Write, StoreError> {
    let seal = |field, secret: &Secret<String>| keyring.seal(org, field, secret.expose()).map(text);
    Ok(write
        .set("state", word(grant.state))
        .put("reconnect_reason", grant.reconnect_reason.as_ref().map(text))
        .put("refresh_token", grant.refresh_token.as_ref().map(|it| seal("refresh_token", it)).transpose()?)
        .put("token_expires_at", grant.expires_at.map(time))
        .set("scopes", texts(&grant.scopes))
        .put("portal_name", grant.portal_name.as_ref().map(text))
        .put("kept", grant.kept.as_ref().map(|kept| sealed(keyring, org, "kept", kept)).transpose()?)
        .add("token_version", 1))
}

/// The grant as it is stored; items from before there were grants have none of it.
pub(crate) fn grant_of(item: &Item, org: &OrgId, keyring: &Keyring) -> Result<Grant, StoreError> {
    let pending =
        match (item.parsed_if("pending_portal")?, item.owned_if("pending_id")?, item.time_if("pending_until")?) {
            (Some(portal), Some(id), Some(until)) => Some(PendingPortal { portal, id, until }),
            _ => None,
        };
    let refresh =
        item.text_if("refresh_token")?.map(|sealed| keyring.open(org, "refresh_token", sealed)).transpose()?;
    let scopes = if item.has("scopes") { item.texts("scopes")? } else { Vec::new() };
    Ok(Grant {
        state: item.word_if("state")?.unwrap_or_default(),
        reconnect_reason: item.owned_if("reconnect_reason")?,
        refresh_token: refresh,
        expires_at: item.time_if("token_expires_at")?,
        token_version: item.number_if("token_version")?.unwrap_or(0),
        scopes: scopes.into_iter().map(str::to_owned).collect(),
        portal_name: item.owned_if("portal_name")?,
        kept: opened(item, org, keyring, "kept")?,
        nonce_rotated_at: item.time_if("nonce_rotated_at")?,
        pending,
    })
}
