//! A portal belongs to one organization, and an organization has one portal.

use crate::table::{Key, Refusal, Store, StoreError, Transacted, Write, text};
use crate::tenant::connection::{Connection, whole};
use domain::{OrgId, PortalId};
use jiff::Timestamp;

/// The outcome of saving a connection.
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

/// Saving starts over where the organization's portal has changed meanwhile.
const SAVE_ATTEMPTS: u32 = 4;

impl Store {
    /// Stores a connection and its portal's link in one transaction. Doing it again changes nothing but the version.
    ///
    /// Of two organizations that connect one portal exactly one gets [`Saved::Done`]. An organization that changes
    /// its portal gives the former one free in the same transaction.
    pub async fn save_connection(&self, connection: &Connection, now: Timestamp) -> Result<Saved, StoreError> {
        let portal = text(connection.portal.as_str());
        self.save_under_portal(&connection.org, &connection.portal, |former| {
            let stored = whole(connection, &self.keyring, now)?;
            Ok(match former {
                Some(former) => stored.only_if("#portal = :former").with("former", text(former.as_str())),
                None => stored
                    .if_absent_or("attribute_not_exists(#portal) OR #portal = :portal")
                    .with("portal", portal.clone()),
            })
        })
        .await
    }

    /// The portal's link, the write of the connection, and the former portal given free, in one transaction.
    pub(crate) async fn save_under_portal(
        &self,
        org: &OrgId,
        portal: &PortalId,
        write: impl Fn(Option<&PortalId>) -> Result<Write, StoreError>,
    ) -> Result<Saved, StoreError> {
        let (owner, mut former, mut free): (_, Option<PortalId>, bool) = (text(org.as_str()), None, true);
        for _ in 0..SAVE_ATTEMPTS {
            let link = Write::update(Key::portal(portal)).set("org", owner.clone()).if_absent_or("#org = :org");
            let mut writes = vec![link.with("org", owner.clone()), write(former.as_ref())?];
            // A portal that was given up may be another organization's by now.
            writes.extend(former.as_ref().filter(|_| free).map(|former| {
                Write::delete(Key::portal(former)).if_absent_or("#org = :org").with("org", owner.clone())
            }));
            let refusals = match self.transact("save a connection", writes).await? {
                Transacted::Yes => return Ok(Saved::Done),
                Transacted::No(refusals) => refusals,
            };
            if let Some(Refusal::Failed(Some(link))) = refusals.first() {
                return Ok(Saved::PortalTaken { by: link.parsed("org")? });
            }
            free = !matches!(refusals.get(2), Some(Refusal::Failed(_)));
            if let Some(Refusal::Failed(stored)) = refusals.get(1) {
                let stored = stored.as_ref().map(|stored| stored.parsed_if("portal")).transpose()?.flatten();
                former = stored.filter(|found| found != portal);
                free = true;
            }
        }
        Err(StoreError::unavailable("save a connection", "the organization's portal changed at every attempt"))
    }

    /// The organization of a portal, strongly consistent.
    pub async fn org_of_portal(&self, portal: &PortalId) -> Result<Option<OrgId>, StoreError> {
        let item = self.get("read a portal's organization", &Key::portal(portal)).await?;
        item.map(|item| item.parsed("org")).transpose()
    }
}
