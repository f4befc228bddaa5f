//! The one secret of a deployment: keyring, URL keys, client secrets and admin keys, read once at cold start.

use crate::admin_token::{AdminKey, AdminKeys};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{ChannelId, UrlKey};
use serde::Deserialize;
use std::sync::Arc;
use store::Keyring;

/// The secret's content, as JSON in Secrets Manager.
#[derive(Deserialize)]
struct Wire {
    /// Newest first: the first seals, all open.
    keyring: Vec<WireKey>,
    /// Newest first: the first signs, all verify.
    url_keys: Vec<WireKey>,
    /// Client secrets of the HubSpot app; two while one is being rotated.
    #[serde(default)]
    hubspot_client_secrets: Vec<String>,
    /// The client id of the HubSpot app; without it there is no OAuth.
    #[serde(default)]
    hubspot_client_id: Option<String>,
    /// The custom channel registered for the HubSpot app; without it OpenCX's own channels stay out of HubSpot.
    #[serde(default)]
    hubspot_custom_channel_id: Option<String>,
    /// The keys that verify admin tokens.
    #[serde(default)]
    admin_keys: Vec<WireAdminKey>,
}

#[derive(Deserialize)]
struct WireAdminKey {
    id: String,
    /// `HS256` or `EdDSA`.
    alg: String,
    /// In base64: the shared secret, at least 32 bytes, or the 32 bytes of the public key.
    key: String,
}

#[derive(Deserialize)]
struct WireKey {
    id: String,
    /// 32 bytes in base64.
    key: String,
}

/// The opened secret.
pub struct BundleSecret {
    /// Seals and opens tokens.
    pub keyring: Arc<Keyring>,
    /// Signs and verifies webhook URLs.
    pub url_keys: Vec<UrlKey>,
    /// Verifies HubSpot's signatures.
    pub hubspot_client_secrets: Vec<String>,
    /// Names our HubSpot app.
    pub hubspot_client_id: Option<String>,
    /// Carries OpenCX's own channels into HubSpot.
    pub hubspot_custom_channel_id: Option<ChannelId>,
    /// Verify admin tokens.
    pub admin_keys: AdminKeys,
}

/// The secret cannot be used. Never says what it holds.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not the JSON it should be.
    #[error("the secret is not the expected JSON")]
    Malformed,
    /// A key that is not 32 bytes in base64.
    #[error("key {0} of the secret is not 32 bytes in base64")]
    BadKey(String),
    /// No keys at all.
    #[error("the secret's {0} is empty")]
    Empty(&'static str),
    /// An admin key that is too short, of the wrong size, or of an algorithm that is not supported.
    #[error(
        "admin key {0} of the secret is neither an HS256 secret of 32 bytes or more nor an EdDSA public key of 32 bytes"
    )]
    BadAdminKey(String),
}

impl BundleSecret {
    /// Reads the secret's JSON.
    pub fn parse(json: &str) -> Result<Self, SecretError> {
        let wire: Wire = serde_json::from_str(json).map_err(|_| SecretError::Malformed)?;
        let mut keys =
            wire.keyring.iter().map(|key| Ok((key.id.clone(), bytes(key)?))).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(SecretError::Empty("keyring"));
        }
        let current = keys.remove(0);
        let url_keys = wire
            .url_keys
            .iter()
            .map(|key| Ok(UrlKey::new(key.id.clone(), bytes(key)?)))
            .collect::<Result<Vec<_>, _>>()?;
        if url_keys.is_empty() {
            return Err(SecretError::Empty("url_keys"));
        }
        Ok(Self {
            keyring: Arc::new(Keyring::new(current, keys)),
            url_keys,
            hubspot_client_secrets: wire.hubspot_client_secrets,
            hubspot_client_id: wire.hubspot_client_id.filter(|id| !id.trim().is_empty()),
            hubspot_custom_channel_id: wire.hubspot_custom_channel_id.and_then(|id| ChannelId::parse(id.trim()).ok()),
            admin_keys: AdminKeys::new(wire.admin_keys.into_iter().map(admin_key).collect::<Result<_, _>>()?),
        })
    }
}

fn bytes(key: &WireKey) -> Result<[u8; 32], SecretError> {
    let decoded = STANDARD.decode(&key.key).map_err(|_| SecretError::BadKey(key.id.clone()))?;
    decoded.try_into().map_err(|_| SecretError::BadKey(key.id.clone()))
}

fn admin_key(key: WireAdminKey) -> Result<AdminKey, SecretError> {
    let bytes = STANDARD.decode(&key.key).unwrap_or_default();
    match (key.alg.as_str(), <&[u8; 32]>::try_from(bytes.as_slice())) {
        ("HS256", _) if bytes.len() >= 32 => Ok(AdminKey::hs256(key.id, &bytes)),
        ("EdDSA", Ok(public)) => Ok(AdminKey::eddsa(key.id, public)),
        _ => Err(SecretError::BadAdminKey(key.id)),
    }
}
