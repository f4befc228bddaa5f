//! The identity by which two deliveries are the same event.

use serde::{Deserialize, Serialize};

/// The identity of an event or command within an organization.
///
/// [`crate::HubSpotEvent::dedup_key`] makes printable ASCII of less than 500 bytes, which fits into a key of the store with its organization;
/// words of people are in it as a hash only. [`DedupKey::from_stored`] checks nothing: an invented key names no row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DedupKey(String);

impl DedupKey {
    pub(crate) fn of(event: String) -> Self {
        Self(event)
    }

    /// A key that was stored or typed; [`crate::HubSpotEvent::dedup_key`] makes new ones.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is of a message in a conversation.
    pub fn is_of_message(&self) -> bool {
        self.0.starts_with("message:")
    }

    /// Whether it is of an event by which a person's data were deleted: the record of that stays.
    pub fn tells_of_deletion(&self) -> bool {
        self.0.starts_with("privacy")
    }

    /// Lower-case hex SHA-256 of the key within its organization: a queue's deduplication id.
    pub fn digest(&self, scope: &str) -> String {
        hex(ring::digest::digest(&ring::digest::SHA256, format!("{scope}#{}", self.0).as_bytes()).as_ref())
    }
}

impl std::fmt::Display for DedupKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// 16 hex digits: enough to tell two values of one property at one millisecond apart.
pub(crate) fn short_hash(text: &str) -> String {
    let mut hash = hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    hash.truncate(16);
    hash
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
