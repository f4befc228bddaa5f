//! The organization's webhook URL: signed, not stored.

use crate::OrgId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

/// A key that signs webhook URLs. Two may be live while one replaces the other.
#[derive(Clone)]
pub struct UrlKey {
    id: String,
    key: hmac::Key,
}

impl UrlKey {
    /// `id` appears in the URL; `secret` never does.
    pub fn new(id: impl Into<String>, secret: impl AsRef<[u8]>) -> Self {
        Self { id: id.into(), key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()) }
    }
}

debug_only!(UrlKey { id });

/// The last part of a URL is not one that we signed for this organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook URL is not one of this organization's")]
pub struct UrlError;

/// The last part of the organization's URL: `<key id>.<nonce>.<mac>`.
///
/// A nonce is 1 to 100 letters, digits, `-` or `_`, as base64url has them; with another one the result verifies nowhere.
pub fn sign(org: &OrgId, nonce: &str, key: &UrlKey) -> String {
    let mac = hmac::sign(&key.key, signed(org, nonce).as_bytes());
    format!("{}.{nonce}.{}", key.id, URL_SAFE_NO_PAD.encode(mac))
}

/// The nonce of a URL that one of `keys` signed for `org`. Takes the same time for every wrong MAC.
pub fn verify(org: &OrgId, text: &str, keys: &[UrlKey]) -> Result<String, UrlError> {
    let mut parts = text.split('.');
    let (Some(id), Some(nonce), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(UrlError);
    };
    if !is_nonce(nonce) {
        return Err(UrlError);
    }
    let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| UrlError)?;
    let signed = signed(org, nonce);
    let by = |key: &&UrlKey| key.id == id && hmac::verify(&key.key, signed.as_bytes(), &mac).is_ok();
    keys.iter().find(by).map(|_| nonce.to_owned()).ok_or(UrlError)
}

/// Without a colon, so that no two pairs of organization and nonce are signed as the same text.
fn is_nonce(nonce: &str) -> bool {
    (1..=100).contains(&nonce.len()) && nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn signed(org: &OrgId, nonce: &str) -> String {
    format!("webhook-url:v1:{org}:{nonce}")
}

#[cfg(test)]
mod tests;
