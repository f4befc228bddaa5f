//! Portals and organizations: one to one.

use crate::access::{Refusal, Transacted};
use crate::connection::{Connection, whole};
use crate::item::{Item, text};
use crate::keys::Key;
use crate::write::Write;
use crate::{Store, StoreError};
use domain::{OrgId, PortalId};
use jiff::Timestamp;

/// What became of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is stored.
    Done,
    /// Another organization is connected to the portal; nothing was stored.
    PortalTaken {
        /// That organization.
        by: OrgId,
    },
}

/// How often saving starts over because the organization's portal changed meanwhile.
const ATTEMPTS: u32 = 4;

impl Store {
    /// Stores a connection and its portal's link in one transaction. Doing it again changes nothing but the version.
    ///
    /// Of two organizations that connect one portal exactly one gets [`Saved::Done`]. An organization that changes
    /// its portal gives the former one free in the same transaction.
    pub async fn save_connection(&self, connection: &Connection, now: Timestamp) -> Result<Saved, StoreError> {
        let mut former: Option<PortalId> = None;
        for _ in 0..ATTEMPTS {
            let refusals =
                match self.transact("save a connection", self.saving(connection, former.as_ref(), now)?).await? {
                    Transacted::Yes => return Ok(Saved::Done),
                    Transacted::No(refusals) => refusals,
                };
            if let Some(Refusal::Failed(Some(link))) = refusals.first() {
                return Ok(Saved::PortalTaken { by: link.parsed("org")? });
            }
            former = match refusals.get(1) {
                Some(Refusal::Failed(Some(stored))) => {
                    Some(stored.parsed("portal")?).filter(|portal| *portal != connection.portal)
                }
                _ => None,
            };
        }
        let problem = "the organization's portal changed at every attempt".to_owned();
        Err(StoreError::Unavailable { action: "save a connection", problem })
    }

    /// Whose portal it is, strongly consistent.
    pub async fn org_of_portal(&self, portal: &PortalId) -> Result<Option<OrgId>, StoreError> {
        let item = self.get("read a portal's organization", &Key::portal(portal)).await?;
        item.map(|item: Item| item.parsed("org")).transpose()
    }

    /// The portal's link, the connection, and the former portal given free.
    fn saving(
        &self,
        connection: &Connection,
        former: Option<&PortalId>,
        now: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let (org, portal) = (text(connection.org.as_str()), text(connection.portal.as_str()));
        let link = Write::update(Key::portal(&connection.portal)).set("org", org.clone()).if_absent_or("#org = :org");
        let stored = whole(connection, &self.keyring, now)?;
        let stored = match former {
            Some(former) => stored.only_if("#portal = :former").with("former", text(former.as_str())),
            None => stored.if_absent_or("#portal = :portal").with("portal", portal),
        };
        let free = |former| Write::delete(Key::portal(former)).if_absent_or("#org = :org").with("org", org.clone());
        Ok([link.with("org", org.clone()), stored].into_iter().chain(former.map(free)).collect())
    }
}
