//! An organization's connection to its HubSpot portal. Secrets are sealed at rest.

use crate::access::Written;
use crate::custom_channel::{self, CustomChannel};
use crate::firsts::Firsts;
use crate::grant::{Grant, grant_of, with_grant};
use crate::item::{Item, number, text, texts, time, word};
use crate::keys::Key;
use crate::write::Write;
use crate::{Keyring, Secret, Store, StoreError};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{AppId, OrgId, PortalId, Settings};
use jiff::Timestamp;

/// How the bridge proves itself to HubSpot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// The token of a private app (legacy).
    PrivateApp,
    /// Tokens of our public app.
    OAuth,
}

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

/// What an organization is connected with.
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
    /// What kind of token it is.
    pub auth: Auth,
    /// What the admin chose.
    pub settings: Settings,
    /// Part of the signed webhook URL; a URL with another one is stale.
    pub nonce: String,
    /// Whether the portal has our ticket properties.
    pub properties: PortalProperties,
    /// Rises with every change of the connection or its settings.
    pub version: u64,
    /// When the admin connected.
    pub connected_at: Timestamp,
    /// What is known of the credentials beside the access token.
    pub grant: Grant,
    /// What has happened at least once.
    pub firsts: Firsts,
    /// Where the conversations of OpenCX's own channels go, once an admin has wished it.
    pub custom_channel: Option<CustomChannel>,
}

/// What became of a change of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// It is done.
    Yes,
    /// Somebody else changed it first: read it again.
    Changed,
    /// The organization is not connected.
    NotConnected,
}

impl Store {
    /// Reads an organization's connection, strongly consistent, with its secrets opened. One that was disconnected is still
    /// there; one that never was has at most a [`crate::Draft`].
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
        let write = Write::update(Key::connection(org))
            .set("settings", text(settings_json(org, settings)?))
            .set("updated_at", time(now))
            .add("version", 1)
            .only_if("#version = :version")
            .with("version", number(version));
        self.change("save settings", write).await
    }

    /// Records whether a portal has our ticket properties, if the organization is still connected to it.
    pub async fn set_properties(
        &self,
        org: &OrgId,
        portal: &PortalId,
        properties: &PortalProperties,
    ) -> Result<Updated, StoreError> {
        let write = with_properties(Write::update(Key::connection(org)), properties);
        self.change(
            "record ticket properties",
            write.only_if("#portal = :portal").with("portal", text(portal.as_str())),
        )
        .await
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
        self.change("rotate a webhook URL", write).await
    }

    pub(crate) async fn change(&self, action: &'static str, write: Write) -> Result<Updated, StoreError> {
        Ok(match self.update(action, write, ReturnValue::None).await? {
            Written::Yes(_) => Updated::Yes,
            Written::No(Some(_)) => Updated::Changed,
            Written::No(None) => Updated::NotConnected,
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
        .set("settings", text(settings_json(org, &connection.settings)?))
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

pub(crate) fn settings_json(org: &OrgId, settings: &Settings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|_| {
        let Key { pk, sk } = Key::connection(org);
        StoreError::Corrupt { pk, sk, problem: "the settings cannot be written as JSON".to_owned() }
    })
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
        settings: serde_json::from_str(item.text("settings")?)
            .map_err(|_| item.corrupt("`settings` cannot be read"))?,
        nonce: item.text("nonce")?.to_owned(),
        properties: match item.text("properties")? {
            "unknown" => PortalProperties::Unknown,
            "ready" => PortalProperties::Ready,
            "refused" => PortalProperties::Refused(item.text("properties_refused")?.to_owned()),
            _ => return Err(item.corrupt("`properties` is not a known state")),
        },
        version: item.number("version")?,
        connected_at: item.time("connected_at")?,
        grant: grant_of(item, &org, keyring)?,
        firsts: Firsts::of(item)?,
        custom_channel: custom_channel::of(item)?,
        org: org.clone(),
    })
}
