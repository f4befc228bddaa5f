//! A contact and its sessions, by which what is held of a person is found.

use crate::access::Transacted;
use crate::item::text;
use crate::keys::Key;
use crate::write::Write;
use crate::{Store, StoreError};
use domain::{ContactId, OrgId, PortalId, SessionId};

impl Store {
    /// Records whose session it is, on the session and with the contact.
    pub async fn link_contact(
        &self,
        org: &OrgId,
        session: &SessionId,
        portal: &PortalId,
        contact: &ContactId,
    ) -> Result<(), StoreError> {
        let of_session = Write::update(Key::session(org, session)).set("contact", text(contact.as_str())).if_there();
        match self.transact("link a contact", vec![of_session, linking(portal, contact, org, session)]).await? {
            // A session that is gone needs no contact.
            Transacted::Yes | Transacted::No(_) => Ok(()),
        }
    }

    /// The sessions of a contact, at most 1,000.
    pub async fn sessions_of_contact(
        &self,
        portal: &PortalId,
        contact: &ContactId,
    ) -> Result<Vec<(OrgId, SessionId)>, StoreError> {
        let query = self.client.query().table_name(&*self.table).consistent_read(true);
        let query = query
            .key_condition_expression("pk = :contact AND begins_with(sk, :sessions)")
            .expression_attribute_values(":contact", text(Key::contact_partition(portal, contact)))
            .expression_attribute_values(":sessions", text("SESSION#"))
            .limit(1_000);
        let answer = query.send().await.map_err(|error| StoreError::of_sdk("list a contact's sessions", &error))?;
        let read = |entry| {
            let item = crate::item::Item::read(entry)?;
            Ok((item.parsed("org")?, item.parsed("session")?))
        };
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }
}

/// The write by which a contact's session is found.
pub(crate) fn linking(portal: &PortalId, contact: &ContactId, org: &OrgId, session: &SessionId) -> Write {
    Write::update(Key::of_contact(portal, contact, org, session))
        .set("org", text(org.as_str()))
        .set("session", text(session.as_str()))
        .in_any_case()
}
