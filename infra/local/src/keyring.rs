//! The secrets of one data folder, made on first start and kept in a file only its owner can read.

use anyhow::{Context, anyhow};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::UrlKey;
use ring::rand::{SecureRandom, SystemRandom};
use runtime::AdminKey;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

/// The generation of the file.
const SCHEMA: u32 = 1;
/// The id of both keys. A second generation of them would need a second id.
const KEY_ID: &str = "k1";

/// The keys that seal tokens and sign webhook URLs and admin tokens, and HubSpot's client secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct LocalKeyring {
    schema: u32,
    seal: String,
    url: String,
    token: String,
    client_secret: String,
    nonce: String,
}

impl LocalKeyring {
    /// New secrets, in memory only.
    pub fn generate() -> anyhow::Result<Self> {
        Ok(Self {
            schema: SCHEMA,
            seal: random(32)?,
            url: random(32)?,
            token: random(32)?,
            client_secret: random(24)?,
            nonce: random(9)?,
        })
    }

    /// Reads the keyring at `path`, or makes one and keeps it there.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => {
                let keyring: Self = serde_json::from_slice(&bytes)
                    .with_context(|| format!("the keyring {} is not readable", path.display()))?;
                anyhow::ensure!(keyring.schema == SCHEMA, "the keyring {} is of another version", path.display());
                Ok(keyring)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let keyring = Self::generate()?;
                keyring.write(path).with_context(|| format!("the keyring {} is not writable", path.display()))?;
                Ok(keyring)
            }
            Err(error) => Err(error).with_context(|| format!("the keyring {} is not readable", path.display())),
        }
    }

    /// The file is complete or absent, because data that was sealed with a lost key cannot be read again.
    fn write(&self, path: &Path) -> anyhow::Result<()> {
        let new = path.with_extension("new");
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        Ok(())
    }

    /// The keys that the store seals with.
    pub fn store_keyring(&self) -> anyhow::Result<Arc<store::Keyring>> {
        let key = decode(&self.seal)?;
        let key = <[u8; 32]>::try_from(key).map_err(|_| anyhow!("the keyring's seal key is not 32 bytes long"))?;
        Ok(Arc::new(store::Keyring::new((KEY_ID.to_owned(), key), Vec::new())))
    }

    /// The key that signs webhook URLs.
    pub fn url_key(&self) -> anyhow::Result<UrlKey> {
        Ok(UrlKey::new(KEY_ID, decode(&self.url)?))
    }

    /// The key that signs admin tokens (HS256).
    pub fn token_key(&self) -> anyhow::Result<Vec<u8>> {
        decode(&self.token)
    }

    /// The key that verifies admin tokens.
    pub fn admin_key(&self) -> anyhow::Result<AdminKey> {
        Ok(AdminKey::hs256(KEY_ID, &self.token_key()?))
    }

    /// The secret of the HubSpot app that this machine plays.
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The nonce in the webhook URLs of new connections, until they are rotated.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }
}

impl std::fmt::Debug for LocalKeyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalKeyring(..)")
    }
}

/// Tells this start of the runner from all others.
pub fn boot_id() -> anyhow::Result<String> {
    random(9)
}

/// The seed of the simulators' ids. The simulators start empty, the bridge's data may be old: no id may come twice.
pub(crate) fn seed() -> anyhow::Result<u64> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

/// `bytes` of entropy as URL-safe text.
pub(crate) fn random(bytes: usize) -> anyhow::Result<String> {
    let mut buffer = vec![0; bytes];
    fill(&mut buffer)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(buffer))
}

#[expect(clippy::disallowed_methods, reason = "secrets and the boot id are the runner's only random numbers")]
fn fill(buffer: &mut [u8]) -> anyhow::Result<()> {
    SystemRandom::new().fill(buffer).map_err(|_| anyhow!("the system has no random numbers"))
}

fn decode(text: &str) -> anyhow::Result<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).context("a key of the keyring is not URL-safe base64")
}

#[cfg(test)]
mod tests;
