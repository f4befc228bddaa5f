//! The token cache of one organization in this process. One task looks for a new token; the others wait for it.

use hubspot::AccessToken;
use jiff::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::Connection;

/// A token. A higher version is newer.
#[derive(Debug, Clone)]
pub(crate) struct CachedToken {
    pub(crate) token: AccessToken,
    pub(crate) version: u64,
    pub(crate) expires_at: Option<Timestamp>,
}

impl CachedToken {
    pub(crate) fn of(connection: &Connection) -> Self {
        Self {
            token: AccessToken::new(connection.access_token.expose().clone()),
            version: connection.grant.token_version,
            expires_at: connection.grant.expires_at,
        }
    }
}

#[derive(Default)]
pub(crate) struct TokenSlot {
    gate: tokio::sync::Mutex<()>,
    cached: Mutex<Option<CachedToken>>,
    /// HubSpot has refused the credentials. The next call reads the connection again.
    refused: AtomicBool,
}

impl TokenSlot {
    /// Lets one task at a time look for a new token.
    pub(crate) async fn gate(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.gate.lock().await
    }

    /// The newest token that this process knows. The connection of a run may be a minute old.
    pub(crate) fn newest(&self, connection: &Connection) -> CachedToken {
        let own = CachedToken::of(connection);
        match self.cached().as_ref() {
            Some(cached) if cached.version > own.version => cached.clone(),
            _ => own,
        }
    }

    pub(crate) fn keep(&self, token: CachedToken) -> CachedToken {
        *self.cached() = Some(token.clone());
        token
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn set_refused(&self, refused: bool) {
        self.refused.store(refused, Ordering::Relaxed);
    }

    fn cached(&self) -> MutexGuard<'_, Option<CachedToken>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
