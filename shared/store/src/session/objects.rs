//! The links from HubSpot's objects to a session: threads, tickets, contacts.

use crate::table::{Item, Key, Refusal, Store, StoreError, Transacted, Write, read_page, text};
use domain::{ContactId, OrgId, PortalId, SessionId, ThreadId, TicketId};

/// The organization and the id of a session.
type Owner = (OrgId, SessionId);

impl Store {
    /// Links a ticket and a session both ways, in one transaction. The session's latest ticket is the one that closes
    /// with it; a ticket that had another session belongs to this one from now on.
    #[expect(clippy::too_many_arguments, reason = "five ids of five types; a struct would only repeat their names")]
    pub async fn link_ticket(
        &self,
        org: &OrgId,
        session: &SessionId,
        portal: &PortalId,
        ticket: &TicketId,
        contact: Option<&ContactId>,
    ) -> Result<(), StoreError> {
        let key = Key::session(org, session);
        let of_session = Write::update(key.clone())
            .set("portal", text(portal.as_str()))
            .set("ticket", text(ticket.as_str()))
            .set_if("contact", contact.map(|contact| text(contact.as_str())))
            .if_there();
        let action = "link a ticket";
        let mut writes = vec![of_session, ticket_link(portal, ticket, org, session)];
        writes.extend(contact.map(|contact| contact_link(portal, contact, org, session)));
        match self.transact(action, writes).await? {
            Transacted::Yes => Ok(()),
            Transacted::No(refusals) => Err(match refusals.first() {
                Some(Refusal::Failed(_)) => StoreError::corrupt(key, "the session of a ticket is gone"),
                _ => StoreError::no_reason(action),
            }),
        }
    }

    /// The session of a ticket, strongly consistent.
    pub async fn session_of_ticket(&self, portal: &PortalId, ticket: &TicketId) -> Result<Option<Owner>, StoreError> {
        let item = self.get("read a ticket's link", &Key::ticket(portal, ticket)).await?;
        item.as_ref().map(owner).transpose()
    }

    /// Gives the session of a merged ticket the ticket `winner`, into which HubSpot merged it. The answer is that session.
    ///
    /// A session that has another ticket by now keeps it; the link of the ticket that is gone goes in any case.
    pub async fn follow_merge(
        &self,
        portal: &PortalId,
        gone: &TicketId,
        winner: &TicketId,
    ) -> Result<Option<Owner>, StoreError> {
        self.leave_ticket("follow a merged ticket", portal, gone, Some(winner)).await
    }

    /// Forgets a ticket that HubSpot has deleted; its session stays, without ticket. The answer is that session.
    pub async fn unlink_ticket(&self, portal: &PortalId, ticket: &TicketId) -> Result<Option<Owner>, StoreError> {
        self.leave_ticket("unlink a ticket", portal, ticket, None).await
    }

    async fn leave_ticket(
        &self,
        action: &'static str,
        portal: &PortalId,
        gone: &TicketId,
        next: Option<&TicketId>,
    ) -> Result<Option<Owner>, StoreError> {
        let Some((org, session)) = self.session_of_ticket(portal, gone).await? else { return Ok(None) };
        let of_session = Write::update(Key::session(&org, &session))
            .put("ticket", next.map(|next| text(next.as_str())))
            .only_if("#ticket = :gone")
            .with("gone", text(gone.as_str()));
        let forget = || owned_by(Write::delete(Key::ticket(portal, gone)), &org, &session);
        let link = next.map(|next| ticket_link(portal, next, &org, &session));
        let writes = [of_session, forget()].into_iter().chain(link).collect();
        if let Transacted::Yes = self.transact(action, writes).await? {
            return Ok(Some((org, session)));
        }
        // The session is gone or has another ticket by now.
        self.write(action, forget()).await?;
        Ok(None)
    }

    /// Records a session's contact, on the session and with the contact.
    pub async fn link_contact(
        &self,
        org: &OrgId,
        session: &SessionId,
        portal: &PortalId,
        contact: &ContactId,
    ) -> Result<(), StoreError> {
        let of_session = Write::update(Key::session(org, session)).set("contact", text(contact.as_str())).if_there();
        // A session that is gone needs no contact.
        self.transact("link a contact", vec![of_session, contact_link(portal, contact, org, session)]).await.map(drop)
    }

    /// Removes a contact's link to a session that is gone.
    pub async fn unlink_contact(
        &self,
        org: &OrgId,
        session: &SessionId,
        portal: &PortalId,
        contact: &ContactId,
    ) -> Result<(), StoreError> {
        let key = Key::of_contact(portal, contact, org, session);
        self.write("unlink a contact", Write::delete(key).in_any_case()).await.map(drop)
    }

    /// The sessions of a contact, at most 1,000.
    pub async fn sessions_of_contact(&self, portal: &PortalId, contact: &ContactId) -> Result<Vec<Owner>, StoreError> {
        let partition = Key::contact_partition(portal, contact);
        let values = [(":contact", &*partition), (":sessions", "SESSION#")];
        let query = self.query(None, "pk = :contact AND begins_with(sk, :sessions)", values);
        let found = read_page("list a contact's sessions", query.consistent_read(true).limit(1_000)).await?;
        found.into_iter().map(|entry| owner(&Item::read(entry)?)).collect()
    }
}

fn owner(link: &Item) -> Result<Owner, StoreError> {
    Ok((link.parsed("org")?, link.parsed("session")?))
}

/// Makes a write happen only where the item belongs to that session.
pub(crate) fn owned_by(write: Write, org: &OrgId, session: &SessionId) -> Write {
    write
        .only_if("#org = :org AND #session = :session")
        .with("org", text(org.as_str()))
        .with("session", text(session.as_str()))
}

/// The write that makes a session the thread's; it has no condition yet.
pub(crate) fn thread_link(portal: &PortalId, thread: &ThreadId, org: &OrgId, session: &SessionId) -> Write {
    link(Key::thread(portal, thread), org, session)
}

/// The write that makes a session the ticket's.
pub(crate) fn ticket_link(portal: &PortalId, ticket: &TicketId, org: &OrgId, session: &SessionId) -> Write {
    link(Key::ticket(portal, ticket), org, session).in_any_case()
}

/// The write through which a contact's session is found.
pub(crate) fn contact_link(portal: &PortalId, contact: &ContactId, org: &OrgId, session: &SessionId) -> Write {
    link(Key::of_contact(portal, contact, org, session), org, session).in_any_case()
}

fn link(key: Key, org: &OrgId, session: &SessionId) -> Write {
    Write::update(key).set("org", text(org.as_str())).set("session", text(session.as_str()))
}
