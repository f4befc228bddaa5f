//! The one secret of a deployment: keyring, URL keys and client secrets, read once at cold start.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::UrlKey;
use serde::Deserialize;
use std::sync::Arc;
use store::Keyring;

/// What the secret holds, as JSON in Secrets Manager.
#[derive(Deserialize)]
struct Wire {
    /// Newest first: the first seals, all open.
    keyring: Vec<WireKey>,
    /// Newest first: the first signs, all verify.
    url_keys: Vec<WireKey>,
    /// Client secrets of the HubSpot app; two while one is being rotated.
    #[serde(default)]
    hubspot_client_secrets: Vec<String>,
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
}

/// The secret cannot be used. Never says what it holds.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not the JSON it should be.
    #[error("read the secret: it is not the expected JSON")]
    Malformed,
    /// A key that is not 32 bytes in base64.
    #[error("read the secret: key {0} is not 32 bytes in base64")]
    BadKey(String),
    /// No keys at all.
    #[error("read the secret: {0} is empty")]
    Empty(&'static str),
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
        })
    }
}

fn bytes(key: &WireKey) -> Result<[u8; 32], SecretError> {
    let decoded = STANDARD.decode(&key.key).map_err(|_| SecretError::BadKey(key.id.clone()))?;
    decoded.try_into().map_err(|_| SecretError::BadKey(key.id.clone()))
}
