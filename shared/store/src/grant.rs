//! The credentials of a connection through their life: granted, replaced, kept for going back, taken away.

use crate::access::{Refusal, Transacted, Written};
use crate::connection::{PortalProperties, settings_json, with_properties};
use crate::credential::{Credential, opened, sealed};
use crate::item::{Item, text, texts, time, word};
use crate::keys::Key;
use crate::portal::Saved;
use crate::write::Write;
use crate::{Keyring, Secret, Store, StoreError, Updated};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{AppId, OrgId, PortalId, Settings};
use jiff::{SignedDuration, Timestamp};

/// How long a change of portal waits for its confirmation.
const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_mins(10);

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

/// What is known of a connection's credentials beside the access token.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// Whether they are good.
    pub state: ConnectionState,
    /// Why they are not, in words for the admin.
    pub reconnect_reason: Option<String>,
    /// What OAuth refreshes with.
    pub refresh_token: Option<Secret<String>>,
    /// When the access token ends; a private app's does not.
    pub expires_at: Option<Timestamp>,
    /// Rises with every change of tokens, and never falls.
    pub token_version: u64,
    /// What HubSpot granted.
    pub scopes: Vec<String>,
    /// The portal's domain.
    pub portal_name: Option<String>,
    /// The credential before this one, until this one has worked.
    pub kept: Option<Credential>,
    /// When the webhook URL was last replaced.
    pub nonce_rotated_at: Option<Timestamp>,
    /// Another portal that waits for the admin's word.
    pub pending: Option<PendingPortal>,
}

/// Another portal than before was found; it is connected once the admin has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPortal {
    /// The other portal.
    pub portal: PortalId,
    /// Confirms it, once.
    pub id: String,
    /// Until then.
    pub until: Timestamp,
}

/// A credential that takes the place of whatever the organization had.
pub struct NewGrant<'a> {
    /// The organization; its [`Draft`] must be there.
    pub org: &'a OrgId,
    /// The new credential.
    pub credential: &'a Credential,
    /// Other apps whose messages are ours.
    pub other_apps: &'a [AppId],
    /// The one it replaces, for going back.
    pub kept: Option<&'a Credential>,
    /// Whether the portal has our properties.
    pub properties: &'a PortalProperties,
    /// OpenCX's key, where a new one is given.
    pub opencx_api_key: Option<&'a Secret<String>>,
}

/// What an organization has chosen before it is connected, or while it is.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What the admin chose.
    pub settings: Settings,
    /// Part of the signed webhook URL.
    pub nonce: String,
    /// When it was last replaced.
    pub nonce_rotated_at: Option<Timestamp>,
    /// Whether there is a key for OpenCX.
    pub opencx_api_key_set: bool,
    /// Rises with every change.
    pub version: u64,
}

impl Store {
    /// Reads what the organization has chosen; one that is new begins with the defaults and `nonce`.
    pub async fn draft(&self, org: &OrgId, nonce: &str, now: Timestamp) -> Result<Draft, StoreError> {
        if let Some(item) = self.get("read the settings", &Key::connection(org)).await? {
            return draft_of(&item);
        }
        let write = Write::update(Key::connection(org))
            .set("org", text(org.as_str()))
            .keep("settings", text(settings_json(org, &Settings::default())?))
            .keep("nonce", text(nonce))
            .keep("version", crate::item::number(0_u8))
            .keep("token_version", crate::item::number(0_u8))
            .set("updated_at", time(now))
            .in_any_case();
        match self.update("begin with the settings", write, ReturnValue::AllNew).await? {
            Written::Yes(attributes) => draft_of(&Item::read(attributes)?),
            Written::No(_) => {
                let problem = "a newer version of this code wrote the item".to_owned();
                Err(StoreError::Aws { action: "begin with the settings", problem })
            }
        }
    }

    /// Stores OpenCX's key.
    pub async fn save_api_key(&self, org: &OrgId, key: &Secret<String>, now: Timestamp) -> Result<Updated, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("opencx_api_key", text(self.keyring.seal(org, "opencx_api_key", key.expose())?))
            .set("updated_at", time(now))
            .add("version", 1)
            .if_there();
        self.change("save OpenCX's key", write).await
    }

    /// Connects with a new credential: the portal's link, the connection, and the former portal given free, in one
    /// transaction. Settings, signatures, links and the webhook URL stay.
    pub async fn grant(&self, new: &NewGrant<'_>, now: Timestamp) -> Result<Saved, StoreError> {
        let portal = text(new.credential.portal.as_str());
        self.save_under_portal(new.org, &new.credential.portal, |former| {
            let write = granted(new, &self.keyring, now)?;
            Ok(match former {
                Some(former) => write.only_if("#portal = :former").with("former", text(former.as_str())),
                None => {
                    write.only_if("attribute_not_exists(#portal) OR #portal = :portal").with("portal", portal.clone())
                }
            })
        })
        .await
    }

    /// Takes the credentials away and gives the portal free. Links, settings and the webhook URL stay.
    pub async fn disconnect(&self, org: &OrgId, portal: &PortalId, now: Timestamp) -> Result<Updated, StoreError> {
        let gone = ["access_token", "client_secret", "refresh_token", "token_expires_at", "kept", "reconnect_reason"];
        let write = Write::update(Key::connection(org))
            .set("state", word(ConnectionState::Disconnected))
            .set("updated_at", time(now))
            .add("version", 1)
            .add("token_version", 1)
            .only_if("#portal = :portal")
            .with("portal", text(portal.as_str()));
        let write = gone.into_iter().chain(LEASE).chain(PENDING).fold(write, Write::remove);
        let free = Write::delete(Key::portal(portal)).if_absent_or("#org = :org").with("org", text(org.as_str()));
        Ok(match self.transact("disconnect", vec![write, free]).await? {
            Transacted::Yes => Updated::Yes,
            Transacted::No(refusals) => match refusals.first() {
                Some(Refusal::Failed(None)) => Updated::NotConnected,
                _ => Updated::Changed,
            },
        })
    }

    /// Keeps a credential of another portal until the admin has confirmed it with `id`.
    pub async fn keep_pending(
        &self,
        org: &OrgId,
        id: &str,
        credential: &Credential,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("pending_id", text(id))
            .set("pending_until", time(now + CONFIRM_WITHIN))
            .set("pending_portal", text(credential.portal.as_str()))
            .set("pending", sealed(&self.keyring, org, "pending", credential)?)
            .if_there();
        self.change("keep another portal's credential", write).await
    }

    /// Uses up a confirmation: the credential that waited for it.
    pub async fn take_pending(&self, org: &OrgId, id: &str, now: Timestamp) -> Result<Option<Credential>, StoreError> {
        let write = Write::update(Key::connection(org))
            .only_if("#pending_id = :id AND #pending_until > :now")
            .with("id", text(id))
            .with("now", time(now));
        let write = PENDING.into_iter().fold(write, Write::remove);
        match self.update("confirm another portal", write, ReturnValue::AllOld).await? {
            Written::Yes(before) => opened(&Item::read(before)?, org, &self.keyring, "pending"),
            Written::No(_) => Ok(None),
        }
    }
}

const LEASE: [&str; 2] = ["refresh_holder", "refresh_until"];
const PENDING: [&str; 4] = ["pending_id", "pending_until", "pending_portal", "pending"];

fn draft_of(item: &Item) -> Result<Draft, StoreError> {
    Ok(Draft {
        settings: serde_json::from_str(item.text("settings")?)
            .map_err(|_| item.corrupt("`settings` cannot be read"))?,
        nonce: item.text("nonce")?.to_owned(),
        nonce_rotated_at: item.time_if("nonce_rotated_at")?,
        opencx_api_key_set: item.text_if("opencx_api_key")?.is_some(),
        version: item.number("version")?,
    })
}

fn granted(new: &NewGrant<'_>, keyring: &Keyring, now: Timestamp) -> Result<Write, StoreError> {
    let (org, credential) = (new.org, new.credential);
    let seal = |field, secret: &Secret<String>| keyring.seal(org, field, secret.expose()).map(text);
    let mut apps = vec![credential.app.clone()];
    apps.extend(new.other_apps.iter().filter(|app| **app != credential.app).cloned());
    let write = Write::update(Key::connection(org))
        .set("portal", text(credential.portal.as_str()))
        .set("apps", texts(&apps))
        .set("auth", word(credential.auth))
        .set("state", word(ConnectionState::Connected))
        .set("access_token", seal("access_token", &credential.access_token)?)
        .put("refresh_token", credential.refresh_token.as_ref().map(|it| seal("refresh_token", it)).transpose()?)
        .put("token_expires_at", credential.expires_at.map(time))
        .set("scopes", texts(&credential.scopes))
        .put("portal_name", credential.portal_name.as_ref().map(text))
        .put("kept", new.kept.map(|kept| sealed(keyring, org, "kept", kept)).transpose()?)
        .set_if("opencx_api_key", new.opencx_api_key.map(|key| seal("opencx_api_key", key)).transpose()?)
        .set("connected_at", time(now))
        .set("updated_at", time(now))
        .add("version", 1)
        .add("token_version", 1);
    let write =
        ["client_secret", "reconnect_reason"].into_iter().chain(LEASE).chain(PENDING).fold(write, Write::remove);
    Ok(with_properties(write, new.properties))
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

/// The grant as it is stored; items of the time before have none of it.
pub(crate) fn grant_of(item: &Item, org: &OrgId, keyring: &Keyring) -> Result<Grant, StoreError> {
    let pending = match (item.parsed_if("pending_portal")?, item.text_if("pending_id")?, item.time_if("pending_until")?)
    {
        (Some(portal), Some(id), Some(until)) => Some(PendingPortal { portal, id: id.to_owned(), until }),
        _ => None,
    };
    let refresh =
        item.text_if("refresh_token")?.map(|sealed| keyring.open(org, "refresh_token", sealed)).transpose()?;
    let scopes = if item.has("scopes") { item.texts("scopes")? } else { Vec::new() };
    Ok(Grant {
        state: item.word_if("state")?.unwrap_or_default(),
        reconnect_reason: item.text_if("reconnect_reason")?.map(str::to_owned),
        refresh_token: refresh,
        expires_at: item.time_if("token_expires_at")?,
        token_version: item.number_if("token_version")?.unwrap_or(0),
        scopes: scopes.into_iter().map(str::to_owned).collect(),
        portal_name: item.text_if("portal_name")?.map(str::to_owned),
        kept: opened(item, org, keyring, "kept")?,
        nonce_rotated_at: item.time_if("nonce_rotated_at")?,
        pending,
    })
}
