//! The credentials of a connection through their life: granted, replaced, kept for going back, taken away.

use crate::table::{
    Item, Key, Keyring, Refusal, Secret, Store, StoreError, Transacted, Write, json, number, text, texts, time, word,
};
use crate::tenant::connection::{PortalProperties, Updated, with_properties};
use crate::tenant::credential::{Credential, opened, sealed};
use crate::tenant::grant::ConnectionState;
use crate::tenant::portal::Saved;
use domain::{AppId, OrgId, PortalId, Settings};
use jiff::{SignedDuration, Timestamp};

/// A change of portal waits this long for its confirmation.
const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// A credential that replaces the former one, if there was one.
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

/// The choices of an organization, before it is connected and while it is.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The admin's choices.
    pub settings: Settings,
    /// Part of the signed webhook URL.
    pub nonce: String,
    /// When the nonce was last replaced.
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
            .keep("settings", json(&Key::connection(org), "settings", &Settings::default())?)
            .keep("nonce", text(nonce))
            .keep("version", number(0_u8))
            .keep("token_version", number(0_u8))
            .set("updated_at", time(now))
            .in_any_case();
        match self.update_to_item("begin with the settings", write).await? {
            Ok(item) => draft_of(&item),
            Err(_) => Err(StoreError::by_newer_code("begin with the settings")),
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
            .remove(gone.into_iter().chain(LEASE).chain(PENDING))
            .only_if("#portal = :portal")
            .with("portal", text(portal.as_str()));
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
        let (action, key) = ("confirm another portal", Key::connection(org));
        let Some(item) = self.get(action, &key).await? else { return Ok(None) };
        let write = Write::update(key).remove(PENDING).only_if("#pending_id = :id AND #pending_until > :now");
        let write = write.with("id", text(id)).with("now", time(now));
        // A transaction, because the SDK's repeat after a lost answer must not find the confirmation used up.
        match self.transact(action, vec![write]).await? {
            Transacted::Yes => opened(&item, org, &self.keyring, "pending"),
            Transacted::No(_) => Ok(None),
        }
    }
}

const LEASE: [&str; 2] = ["refresh_holder", "refresh_until"];
const PENDING: [&str; 4] = ["pending_id", "pending_until", "pending_portal", "pending"];

fn draft_of(item: &Item) -> Result<Draft, StoreError> {
    Ok(Draft {
        settings: item.json("settings")?,
        nonce: item.owned("nonce")?,
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
        .add("token_version", 1)
        .remove(["client_secret", "reconnect_reason"].into_iter().chain(LEASE).chain(PENDING));
    Ok(with_properties(write, new.properties))
}
