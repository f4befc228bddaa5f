//! An organization's connection to its HubSpot portal. Secrets are sealed at rest.

use crate::table::{Item, Key, Keyring, Secret, Store, StoreError, Write, json, number, text, texts, time, word};
use crate::tenant::credential::Auth;
use crate::tenant::custom_channel::{self, CustomChannel};
use crate::tenant::grant::{Grant, grant_of, with_grant};
use crate::tenant::milestones::Milestones;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{AppId, OrgId, PortalId, Settings};
use jiff::Timestamp;

/// Whether the portal has our ticket properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortalProperties {
    /// Nobody has tried to create them.
    Unknown,
    /// They are there.
    Ready,
    /// The portal refuses them, for this reason.
    Refused(String),
}

/// An organization's connection to its portal.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The organization.
    pub org: OrgId,
    /// Its portal; no other organization has the same.
    pub portal: PortalId,
    /// The apps whose messages are ours.
    pub apps: Vec<AppId>,
    /// HubSpot's token.
    pub access_token: Secret<String>,
    /// The private app's client secret, for signatures.
    pub client_secret: Option<Secret<String>>,
    /// OpenCX's key.
    pub opencx_api_key: Secret<String>,
    /// The kind of the token.
    pub auth: Auth,
    /// The admin's choices.
    pub settings: Settings,
    /// Part of the signed webhook URL; a URL with another one is stale.
    pub nonce: String,
    /// Whether the portal has our ticket properties.
    pub properties: PortalProperties,
    /// Rises with every change of the connection or its settings.
    pub version: u64,
    /// When the admin connected.
    pub connected_at: Timestamp,
    /// The credentials beside the access token.
    pub grant: Grant,
    /// The setup milestones.
    pub milestones: Milestones,
    /// The account that gets the conversations of OpenCX's own channels, once an admin has asked for it.
    pub custom_channel: Option<CustomChannel>,
}

/// The outcome of a change of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// It is done.
    Yes,
    /// Somebody else changed it first: read it again.
    Changed,
    /// The organization is not connected.
    NotConnected,
}

impl Connection {
    /// The account of our custom channel, if this portal has one.
    pub fn custom_account(&self) -> Option<&CustomChannel> {
        self.custom_channel.as_ref().filter(|found| found.portal == self.portal)
    }

    /// The same, if the admin wants it used and the credentials allow it. Those of private apps do not.
    pub fn published_to(&self) -> Option<&CustomChannel> {
        self.custom_account().filter(|_| self.settings.custom_channels && self.auth == Auth::OAuth)
    }
}

impl Store {
    /// Reads an organization's connection, strongly consistent, with its secrets opened. An organization that was disconnected
    /// still has one; one that was never connected has at most a [`crate::Draft`].
    pub async fn connection(&self, org: &OrgId) -> Result<Option<Connection>, StoreError> {
        let item = self.get("read a connection", &Key::connection(org)).await?;
        let Some(item) = item.filter(|item| matches!(item.text_if("portal"), Ok(Some(_)) | Err(_))) else {
            return Ok(None);
        };
        read(&item, &self.keyring).map(Some)
    }

    /// Writes settings that were made from those of `version`. Of two admins who saved from the same, one gets [`Updated::Changed`].
    pub async fn update_settings(
        &self,
        org: &OrgId,
        version: u64,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let key = Key::connection(org);
        let settings = json(&key, "settings", settings)?;
        let write = Write::update(key)
            .set("settings", settings.clone())
            .set("updated_at", time(now))
            .add("version", 1)
            .only_if("#version = :version")
            .with("version", number(version));
        let own = |item: &Item| {
            let (next, at) = (number(version + 1), time(now));
            item.is("version", &next) && item.is("updated_at", &at) && item.is("settings", &settings)
        };
        self.change_unless("save settings", write, own).await
    }

    /// Records whether a portal has our ticket properties, if the organization is still connected to it.
    pub async fn set_properties(
        &self,
        org: &OrgId,
        portal: &PortalId,
        properties: &PortalProperties,
    ) -> Result<Updated, StoreError> {
        let write = with_properties(Write::update(Key::connection(org)), properties);
        let write = write.only_if("#portal = :portal").with("portal", text(portal.as_str()));
        self.change("record ticket properties", write).await
    }

    /// Records the account that OpenCX's channels have, if the organization is still connected to its portal.
    pub async fn set_custom_channel(&self, org: &OrgId, channel: &CustomChannel) -> Result<Updated, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("custom_channel", custom_channel::written(channel))
            .only_if("#portal = :portal")
            .with("portal", text(channel.portal.as_str()));
        self.change("record a custom channel's account", write).await
    }

    /// Replaces the webhook URL's nonce. Of two callers who saw the same one, one gets [`Updated::Changed`].
    pub async fn rotate_nonce(&self, org: &OrgId, from: &str, to: &str, now: Timestamp) -> Result<Updated, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("nonce", text(to))
            .set("nonce_rotated_at", time(now))
            .set("updated_at", time(now))
            .add("version", 1)
            .only_if("#nonce = :from")
            .with("from", text(from));
        self.change_unless("rotate a webhook URL", write, |item| item.is("nonce", &text(to))).await
    }

    /// Does a change of an item that an organization has once.
    pub(crate) async fn change(&self, action: &'static str, write: Write) -> Result<Updated, StoreError> {
        self.change_unless(action, write, |_| false).await
    }

    /// The same, for a change that the SDK may repeat after a lost answer: `own` knows the item that this write has left.
    pub(crate) async fn change_unless(
        &self,
        action: &'static str,
        write: Write,
        own: impl Fn(&Item) -> bool,
    ) -> Result<Updated, StoreError> {
        Ok(match self.update(action, write, ReturnValue::None).await? {
            Ok(_) => Updated::Yes,
            Err(Some(item)) if own(&item) => Updated::Yes,
            Err(Some(_)) => Updated::Changed,
            Err(None) => Updated::NotConnected,
        })
    }
}

/// The write of all of a connection, secrets sealed.
pub(crate) fn whole(connection: &Connection, keyring: &Keyring, now: Timestamp) -> Result<Write, StoreError> {
    let org = &connection.org;
    let seal = |field, secret: &Secret<String>| keyring.seal(org, field, secret.expose()).map(text);
    let client_secret = connection.client_secret.as_ref().map(|secret| seal("client_secret", secret)).transpose()?;
    let write = Write::update(Key::connection(org))
        .set("org", text(org.as_str()))
        .set("portal", text(connection.portal.as_str()))
        .set("apps", texts(&connection.apps))
        .set("access_token", seal("access_token", &connection.access_token)?)
        .put("client_secret", client_secret)
        .set("opencx_api_key", seal("opencx_api_key", &connection.opencx_api_key)?)
        .set("auth", word(connection.auth))
        .set("settings", json(&Key::connection(org), "settings", &connection.settings)?)
        .set("nonce", text(&connection.nonce))
        .add("version", 1)
        .set("connected_at", time(connection.connected_at))
        .set("updated_at", time(now))
        .put("custom_channel", connection.custom_channel.as_ref().map(custom_channel::written));
    with_grant(with_properties(write, &connection.properties), org, &connection.grant, keyring)
}

pub(crate) fn with_properties(write: Write, properties: &PortalProperties) -> Write {
    let (state, why) = match properties {
        PortalProperties::Unknown => ("unknown", None),
        PortalProperties::Ready => ("ready", None),
        PortalProperties::Refused(why) => ("refused", Some(text(why))),
    };
    write.set("properties", text(state)).put("properties_refused", why)
}

fn read(item: &Item, keyring: &Keyring) -> Result<Connection, StoreError> {
    let org: OrgId = item.parsed("org")?;
    let open_if =
        |field| item.text_if(field)?.map(|sealed| Ok::<_, StoreError>(keyring.open(&org, field, sealed)?)).transpose();
    let apps = item
        .texts("apps")?
        .into_iter()
        .map(|app| app.parse().map_err(|_| item.corrupt("`apps` holds something that is no app id")));
    Ok(Connection {
        portal: item.parsed("portal")?,
        apps: apps.collect::<Result<_, _>>()?,
        // A disconnected organization has no token, and one that is not live yet may have no key.
        access_token: open_if("access_token")?.unwrap_or_else(|| Secret::new(String::new())),
        client_secret: open_if("client_secret")?,
        opencx_api_key: open_if("opencx_api_key")?.unwrap_or_else(|| Secret::new(String::new())),
        auth: item.word("auth")?,
        settings: item.json("settings")?,
        nonce: item.owned("nonce")?,
        properties: match item.text("properties")? {
            "unknown" => PortalProperties::Unknown,
            "ready" => PortalProperties::Ready,
            "refused" => PortalProperties::Refused(item.owned("properties_refused")?),
            _ => return Err(item.corrupt("`properties` is not a known state")),
        },
        version: item.number("version")?,
        connected_at: item.time("connected_at")?,
        grant: grant_of(item, &org, keyring)?,
        milestones: Milestones::of(item)?,
        custom_channel: custom_channel::of(item)?,
        org: org.clone(),
    })
}
