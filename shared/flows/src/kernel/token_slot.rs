//! What this process knows of each organization's tokens, and who of it looks for new ones.

use domain::OrgId;
use hubspot::AccessToken;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Connection;

/// A token with its place in the order of tokens.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) token: AccessToken,
    pub(crate) version: u64,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Held {
    pub(crate) fn of(connection: &Connection) -> Self {
        Self {
            token: AccessToken::new(connection.access_token.expose().clone()),
            version: connection.grant.token_version,
            expires_at: connection.grant.expires_at,
        }
    }
}

/// One organization's tokens in this process.
#[derive(Default)]
pub(crate) struct Flight {
    gate: tokio::sync::Mutex<()>,
    held: Mutex<Option<Held>>,
    /// HubSpot has refused the credentials: whoever comes next looks again.
    refused: AtomicBool,
}

impl Flight {
    /// One at a time looks for a new token; the others then find it.
    pub(crate) async fn gate(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.gate.lock().await
    }

    /// The newest token known here: the run's own connection may be a minute old.
    pub(crate) fn newest(&self, connection: &Connection) -> Held {
        let own = Held::of(connection);
        match self.held().as_ref() {
            Some(held) if held.version > own.version => held.clone(),
            _ => own,
        }
    }

    pub(crate) fn keep(&self, held: Held) -> Held {
        *self.held() = Some(held.clone());
        held
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn set_refused(&self, refused: bool) {
        self.refused.store(refused, Ordering::Relaxed);
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All organizations' tokens in this process.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<OrgId, Arc<Flight>>>);

impl Flights {
    pub(crate) fn of(&self, org: &OrgId) -> Arc<Flight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(org.clone()).or_default().clone()
    }
}
