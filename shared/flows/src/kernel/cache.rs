//! What is read rarely because it changes rarely. Never anything that guards an act.

use crate::kernel::token_slot::{Flight, Flights};
use domain::{ChannelAccountId, InboxId, OrgId, PortalId, PropertyShape, Signature};
use hubspot::{Owner, Pipeline};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Connection, Milestone};

/// Connections are re-read after a minute, the portal's configuration after ten.
const CONNECTION_S: i64 = 60;
const PORTAL_S: i64 = 600;

/// A process's memory of connections, pipelines, owners and inboxes.
#[derive(Default)]
pub struct Cache {
    connections: Aged<OrgId, Arc<Connection>>,
    portals: Aged<PortalId, OrgId>,
    pipelines: Aged<PortalId, Arc<Vec<Pipeline>>>,
    properties: Aged<PortalId, Arc<Vec<PropertyShape>>>,
    owners: Aged<(PortalId, String), Arc<Option<Owner>>>,
    help_desks: Aged<(PortalId, InboxId), bool>,
    signatures: Aged<OrgId, Arc<Vec<Signature>>>,
    addresses: Aged<(PortalId, ChannelAccountId), Arc<Option<String>>>,
    flights: Flights,
    milestones: Mutex<HashSet<(OrgId, Milestone)>>,
}

impl Cache {
    /// Forgets everything, as saving a setting must.
    pub fn clear(&self) {
        self.connections.clear();
        self.portals.clear();
        self.pipelines.clear();
        self.properties.clear();
        self.owners.clear();
        self.help_desks.clear();
        self.signatures.clear();
        self.addresses.clear();
    }

    /// The organization's tokens as far as this process knows them. Newer ones win, so they need no age.
    pub(crate) fn flight(&self, org: &OrgId) -> Arc<Flight> {
        self.flights.of(org)
    }

    /// True once per process: whether a milestone may still have to be recorded.
    pub(crate) fn is_news(&self, org: &OrgId, milestone: Milestone) -> bool {
        self.milestones.lock().unwrap_or_else(PoisonError::into_inner).insert((org.clone(), milestone))
    }

    pub(crate) fn connection(&self, org: &OrgId, now: Timestamp) -> Option<Arc<Connection>> {
        self.connections.get(org, now, CONNECTION_S)
    }

    pub(crate) fn keep_connection(&self, connection: Connection, now: Timestamp) -> Arc<Connection> {
        let connection = Arc::new(connection);
        // Something was saved elsewhere: what was read under the old version may be the mended cause of a failure.
        if self.connections.last(&connection.org).is_some_and(|known| known.version != connection.version) {
            self.clear();
        }
        self.connections.keep(connection.org.clone(), connection.clone(), now);
        connection
    }

    pub(crate) fn org_of(&self, portal: &PortalId, now: Timestamp) -> Option<OrgId> {
        self.portals.get(portal, now, CONNECTION_S)
    }

    pub(crate) fn keep_org(&self, portal: &PortalId, org: &OrgId, now: Timestamp) {
        self.portals.keep(portal.clone(), org.clone(), now);
    }

    pub(crate) fn pipelines(&self, portal: &PortalId, now: Timestamp) -> Option<Arc<Vec<Pipeline>>> {
        self.pipelines.get(portal, now, PORTAL_S)
    }

    pub(crate) fn keep_pipelines(&self, portal: &PortalId, found: Vec<Pipeline>, now: Timestamp) -> Arc<Vec<Pipeline>> {
        let found = Arc::new(found);
        self.pipelines.keep(portal.clone(), found.clone(), now);
        found
    }

    pub(crate) fn properties(&self, portal: &PortalId, now: Timestamp) -> Option<Arc<Vec<PropertyShape>>> {
        self.properties.get(portal, now, PORTAL_S)
    }

    pub(crate) fn keep_properties(
        &self,
        portal: &PortalId,
        shapes: Vec<PropertyShape>,
        now: Timestamp,
    ) -> Arc<Vec<PropertyShape>> {
        let shapes = Arc::new(shapes);
        self.properties.keep(portal.clone(), shapes.clone(), now);
        shapes
    }

    /// What was found, which may be nobody.
    pub(crate) fn owner(&self, portal: &PortalId, key: &str, now: Timestamp) -> Option<Arc<Option<Owner>>> {
        self.owners.get(&(portal.clone(), key.to_owned()), now, PORTAL_S)
    }

    pub(crate) fn keep_owner(&self, portal: &PortalId, key: &str, owner: Option<&Owner>, now: Timestamp) {
        self.owners.keep((portal.clone(), key.to_owned()), Arc::new(owner.cloned()), now);
    }

    pub(crate) fn help_desk(&self, portal: &PortalId, inbox: &InboxId, now: Timestamp) -> Option<bool> {
        self.help_desks.get(&(portal.clone(), inbox.clone()), now, PORTAL_S)
    }

    pub(crate) fn keep_help_desk(&self, portal: &PortalId, inbox: &InboxId, is: bool, now: Timestamp) {
        self.help_desks.keep((portal.clone(), inbox.clone()), is, now);
    }
}

impl Cache {
    pub(crate) fn signatures(&self, org: &OrgId, now: Timestamp) -> Option<Arc<Vec<Signature>>> {
        self.signatures.get(org, now, CONNECTION_S)
    }

    pub(crate) fn keep_signatures(&self, org: &OrgId, found: Vec<Signature>, now: Timestamp) -> Arc<Vec<Signature>> {
        let found = Arc::new(found);
        self.signatures.keep(org.clone(), found.clone(), now);
        found
    }

    /// The address a channel account writes from, which may be unknown.
    pub(crate) fn address(
        &self,
        portal: &PortalId,
        of: &ChannelAccountId,
        now: Timestamp,
    ) -> Option<Arc<Option<String>>> {
        self.addresses.get(&(portal.clone(), of.clone()), now, PORTAL_S)
    }

    pub(crate) fn keep_address(
        &self,
        portal: &PortalId,
        of: &ChannelAccountId,
        address: Option<String>,
        now: Timestamp,
    ) {
        self.addresses.keep((portal.clone(), of.clone()), Arc::new(address), now);
    }
}

/// Values with the moment they were read.
struct Aged<K, V>(Mutex<HashMap<K, (Timestamp, V)>>);

impl<K, V> Default for Aged<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Aged<K, V> {
    fn get(&self, key: &K, now: Timestamp, max_age_s: i64) -> Option<V> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, value) = values.get(key)?;
        (now.duration_since(*read_at) < SignedDuration::from_secs(max_age_s)).then(|| value.clone())
    }

    /// However old it is.
    fn last(&self, key: &K) -> Option<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).map(|(_, value)| value.clone())
    }

    fn keep(&self, key: K, value: V, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (now, value));
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
