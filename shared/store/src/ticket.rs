//! A ticket and its session.

use crate::access::{Refusal, Transacted};
use crate::item::text;
use crate::keys::Key;
use crate::write::Write;
use crate::{Store, StoreError};
use domain::{ContactId, OrgId, PortalId, SessionId, TicketId};

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
        let mut writes = vec![of_session, linking(portal, ticket, org, session)];
        writes.extend(contact.map(|contact| crate::contact::linking(portal, contact, org, session)));
        match self.transact(action, writes).await? {
            Transacted::Yes => Ok(()),
            Transacted::No(refusals) => Err(match refusals.first() {
                Some(Refusal::Failed(_)) => StoreError::Corrupt {
                    pk: key.pk,
                    sk: key.sk,
                    problem: "the session of a ticket is gone".to_owned(),
                },
                _ => StoreError::Unavailable {
                    action,
                    problem: "the transaction was refused without a reason".to_owned(),
                },
            }),
        }
    }

    /// Whose ticket it is, strongly consistent.
    pub async fn session_of_ticket(
        &self,
        portal: &PortalId,
        ticket: &TicketId,
    ) -> Result<Option<(OrgId, SessionId)>, StoreError> {
        let item = self.get("read a ticket's link", &Key::ticket(portal, ticket)).await?;
        item.map(|item| Ok((item.parsed("org")?, item.parsed("session")?))).transpose()
    }
}

impl Store {
    /// Has a ticket's session go on with `winner`, into which HubSpot merged it. The answer is that session.
    ///
    /// A session that has another ticket by now keeps it; the link of the ticket that is gone goes in any case.
    pub async fn follow_merge(
        &self,
        portal: &PortalId,
        gone: &TicketId,
        winner: &TicketId,
    ) -> Result<Option<(OrgId, SessionId)>, StoreError> {
        let Some((org, session)) = self.session_of_ticket(portal, gone).await? else { return Ok(None) };
        let of_session = Write::update(Key::session(&org, &session))
            .set("ticket", text(winner.as_str()))
            .only_if("#ticket = :gone")
            .with("gone", text(gone.as_str()));
        let forget = || forgetting(portal, gone, &org, &session);
        let action = "follow a merged ticket";
        match self.transact(action, vec![of_session, forget(), linking(portal, winner, &org, &session)]).await? {
            Transacted::Yes => Ok(Some((org, session))),
            Transacted::No(_) => {
                self.transact(action, vec![forget()]).await?;
                Ok(None)
            }
        }
    }

    /// Forgets a ticket that HubSpot has deleted; its session stays, without ticket. The answer is that session.
    pub async fn unlink_ticket(
        &self,
        portal: &PortalId,
        ticket: &TicketId,
    ) -> Result<Option<(OrgId, SessionId)>, StoreError> {
        let Some((org, session)) = self.session_of_ticket(portal, ticket).await? else { return Ok(None) };
        let of_session = Write::update(Key::session(&org, &session))
            .remove("ticket")
            .only_if("#ticket = :ticket")
            .with("ticket", text(ticket.as_str()));
        let forget = || forgetting(portal, ticket, &org, &session);
        let action = "unlink a ticket";
        match self.transact(action, vec![of_session, forget()]).await? {
            Transacted::Yes => Ok(Some((org, session))),
            // The session is gone or has another ticket by now.
            Transacted::No(_) => {
                self.transact(action, vec![forget()]).await?;
                Ok(None)
            }
        }
    }
}

/// Removes a ticket's link, if it is still to that session.
fn forgetting(portal: &PortalId, ticket: &TicketId, org: &OrgId, session: &SessionId) -> Write {
    Write::delete(Key::ticket(portal, ticket))
        .only_if("#org = :org AND #session = :session")
        .with("org", text(org.as_str()))
        .with("session", text(session.as_str()))
}

/// The write that makes a session the ticket's.
pub(crate) fn linking(portal: &PortalId, ticket: &TicketId, org: &OrgId, session: &SessionId) -> Write {
    Write::update(Key::ticket(portal, ticket))
        .set("org", text(org.as_str()))
        .set("session", text(session.as_str()))
        .in_any_case()
}
