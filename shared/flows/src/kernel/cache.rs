//! What changes rarely, kept in memory for a while. It never decides whether an effect is allowed.

use crate::kernel::token_slot::TokenSlot;
use domain::{ChannelAccountId, InboxId, OrgId, PortalId, PropertyShape, Signature};
use hubspot::{Owner, Pipeline};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Connection, Milestone};

/// Seconds until a connection is read again.
const CONNECTION_S: i64 = 60;
/// Seconds until the configuration of a portal is read again.
const PORTAL_S: i64 = 600;

/// A process's memory of connections, pipelines, owners and inboxes.
#[derive(Default)]
pub struct Cache {
    pub(super) connections: Aged<OrgId, Arc<Connection>, CONNECTION_S>,
    pub(super) orgs: Aged<PortalId, OrgId, CONNECTION_S>,
    pub(super) pipelines: Aged<PortalId, Arc<Vec<Pipeline>>, PORTAL_S>,
    pub(super) properties: Aged<PortalId, Arc<Vec<PropertyShape>>, PORTAL_S>,
    /// By the name that settings and requests use. `None`: nobody has this name.
    pub(super) owners: Aged<(PortalId, String), Option<Owner>, PORTAL_S>,
    pub(super) help_desks: Aged<(PortalId, InboxId), bool, PORTAL_S>,
    pub(crate) signatures: Aged<OrgId, Arc<Vec<Signature>>, CONNECTION_S>,
    /// The address that a channel account writes from. `None`: the account has none.
    pub(crate) addresses: Aged<(PortalId, ChannelAccountId), Option<String>, PORTAL_S>,
    token_slots: Mutex<HashMap<OrgId, Arc<TokenSlot>>>,
    milestones: Mutex<HashSet<(OrgId, Milestone)>>,
}

impl Cache {
    /// Forgets everything that an admin can change.
    pub fn clear(&self) {
        self.connections.clear();
        self.orgs.clear();
        self.pipelines.clear();
        self.properties.clear();
        self.owners.clear();
        self.help_desks.clear();
        self.signatures.clear();
        self.addresses.clear();
    }

    /// Keeps a connection. A new version of it drops everything else: a setting or HubSpot's configuration may have
    /// changed, and the old values may be the cause of a failure.
    pub(super) fn keep_connection(&self, connection: Connection, now: Timestamp) -> Arc<Connection> {
        let connection = Arc::new(connection);
        let former = self.connections.lock().get(&connection.org).map(|(_, known)| known.version);
        if former.is_some_and(|version| version != connection.version) {
            self.clear();
        }
        self.connections.keep(connection.org.clone(), connection.clone(), now);
        connection
    }

    /// The organization's tokens. They have no age: a newer token replaces an older one.
    pub(super) fn token_slot(&self, org: &OrgId) -> Arc<TokenSlot> {
        let mut slots = self.token_slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(org.clone()).or_default().clone()
    }

    /// True for the first call in this process: the milestone may not be recorded yet.
    pub(super) fn is_news(&self, org: &OrgId, milestone: Milestone) -> bool {
        self.milestones.lock().unwrap_or_else(PoisonError::into_inner).insert((org.clone(), milestone))
    }
}

/// Values with the time at which they were read. A value counts for `MAX_AGE_S` seconds.
pub(crate) struct Aged<K, V, const MAX_AGE_S: i64>(Mutex<HashMap<K, (Timestamp, V)>>);

impl<K, V, const MAX_AGE_S: i64> Default for Aged<K, V, MAX_AGE_S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone, const MAX_AGE_S: i64> Aged<K, V, MAX_AGE_S> {
    /// The kept value, or the one that `read` returns.
    pub(crate) async fn get_or_read<E>(
        &self,
        key: K,
        now: Timestamp,
        read: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        if let Some(known) = self.get(&key, now) {
            return Ok(known);
        }
        let value = read.await?;
        self.keep(key, value.clone(), now);
        Ok(value)
    }

    pub(super) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let values = self.lock();
        let (read_at, value) = values.get(key)?;
        (now.duration_since(*read_at) < SignedDuration::from_secs(MAX_AGE_S)).then(|| value.clone())
    }

    pub(super) fn keep(&self, key: K, value: V, now: Timestamp) {
        self.lock().insert(key, (now, value));
    }

    fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, (Timestamp, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
