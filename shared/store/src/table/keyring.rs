//! Secrets at rest: AES-256-GCM, with the organization and the field as associated data.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::OrgId;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::SecureRandom;
use std::fmt;

/// Sealed texts begin with the generation of their form.
const FORM: &str = "v1.";

/// A value that never prints itself.
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one place that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The keys that seal tokens: one that seals, and older ones that still open while they are being rotated out.
#[derive(Clone)]
pub struct Keyring {
    current: (String, [u8; 32]),
    older: Vec<(String, [u8; 32])>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys().map(|(id, _)| id)).finish()
    }
}

/// Why a secret could not be sealed or opened. Never says what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed with a key that is not in the keyring.
    #[error("key {0} is not in the keyring")]
    UnknownKey(String),
    /// It is no sealed text.
    #[error("the stored text is not a sealed one")]
    Malformed,
    /// It was sealed for another organization or field, or was changed.
    #[error("it does not belong to this organization and field")]
    Refused,
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    NoRandomness,
}

impl Keyring {
    /// `current` seals and opens, `older` only open. Ids are not secret; they are stored with what they sealed.
    pub fn new(current: (String, [u8; 32]), older: Vec<(String, [u8; 32])>) -> Self {
        Self { current, older }
    }

    /// Seals `plain` so that it opens only as `field` of `org`.
    #[expect(
        clippy::disallowed_methods,
        reason = "a nonce must never repeat under one key, not even in a replayed simulation"
    )]
    pub fn seal(&self, org: &OrgId, field: &str, plain: &str) -> Result<String, SealError> {
        let (id, key) = &self.current;
        let mut nonce = [0; NONCE_LEN];
        ring::rand::SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let mut sealed = plain.as_bytes().to_vec();
        let aad = Aad::from(associated(org, field));
        let used = Nonce::assume_unique_for_key(nonce);
        aead_key(key)?.seal_in_place_append_tag(used, aad, &mut sealed).map_err(|_| SealError::Refused)?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{FORM}{id}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what [`Keyring::seal`] made for the same organization and field, with whichever key it names.
    pub fn open(&self, org: &OrgId, field: &str, sealed: &str) -> Result<Secret<String>, SealError> {
        let (id, bytes) =
            sealed.strip_prefix(FORM).and_then(|rest| rest.rsplit_once('.')).ok_or(SealError::Malformed)?;
        let mut bytes = URL_SAFE_NO_PAD.decode(bytes).map_err(|_| SealError::Malformed)?;
        let (_, key) =
            self.keys().find(|(known, _)| known == id).ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(SealError::Malformed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Malformed)?;
        let aad = Aad::from(associated(org, field));
        let plain = aead_key(key)?.open_in_place(nonce, aad, body).map_err(|_| SealError::Refused)?;
        String::from_utf8(plain.to_vec()).map(Secret).map_err(|_| SealError::Malformed)
    }

    fn keys(&self) -> impl Iterator<Item = &(String, [u8; 32])> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

/// `#` cannot occur in an organization's id, so no two pairs read the same.
fn associated(org: &OrgId, field: &str) -> Vec<u8> {
    format!("sealed:v1#{org}#{field}").into_bytes()
}

fn aead_key(bytes: &[u8; 32]) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new).map_err(|_| SealError::Malformed)
}
