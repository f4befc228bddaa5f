//! A thread and its session: created once, linked once.

use crate::session::objects::{contact_link, owned_by, thread_link, ticket_link};
use crate::session::state::Session;
use crate::table::{Item, Key, Refusal, Store, StoreError, Transacted, Write, text, time};
use crate::tenant::custom_channel::CustomChannel;
use crate::work::terms::Run;
use domain::{ContactId, OrgId, PortalId, SessionId, ThreadId};
use jiff::Timestamp;

/// A thread's link to its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadLink {
    /// The organization.
    pub org: OrgId,
    /// Its session.
    pub session: Option<SessionId>,
    /// When the first run was about to create its session.
    pub begun_at: Option<Timestamp>,
    /// Its session before that.
    pub previous: Option<SessionId>,
}

/// The answer to a run that wants to create a thread's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// This run, until its deadline.
    Won {
        /// When the first of the earlier runs was about to: it may have created the session.
        begun_before: Option<Timestamp>,
    },
    /// The session is there.
    Linked(SessionId),
    /// Another run is at it.
    Busy {
        /// Its deadline.
        until: Timestamp,
    },
}

/// Whether a session became the thread's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Linked {
    /// It is the thread's session.
    Yes,
    /// Another run has the right to create the session now.
    LostRun,
    /// The thread has another session.
    Other(SessionId),
}

impl Store {
    /// Reads a thread's link, strongly consistent.
    pub async fn link_of_thread(&self, portal: &PortalId, thread: &ThreadId) -> Result<Option<ThreadLink>, StoreError> {
        let item = self.get("read a thread's link", &Key::thread(portal, thread)).await?;
        item.map(|item| read(&item)).transpose()
    }

    /// Takes the right to create a thread's session.
    ///
    /// Of any number of runs one gets it until its deadline passes; the same run gets it again. A thread that another
    /// organization had linked before the portal changed hands begins anew.
    pub async fn begin_session(
        &self,
        org: &OrgId,
        portal: &PortalId,
        thread: &ThreadId,
        run: &Run,
    ) -> Result<Begin, StoreError> {
        let action = "begin a thread's session";
        let refusal = match self.update_to_item(action, self.beginning(org, portal, thread, run)).await? {
            Ok(item) => {
                let first = item.number::<u32>("begun")? == 1;
                return Ok(Begin::Won { begun_before: if first { None } else { Some(item.time("begun_at")?) } });
            }
            Err(None) => return Ok(Begin::Busy { until: run.started_at }),
            Err(Some(item)) => item,
        };
        let link = read(&refusal)?;
        if link.org != *org {
            let write = self.beginning(org, portal, thread, run).replacing();
            let write = write.if_absent_or("#org = :former").with("former", text(link.org.as_str()));
            let won = self.write(action, write).await?;
            return Ok(if won { Begin::Won { begun_before: None } } else { Begin::Busy { until: run.started_at } });
        }
        match link.session {
            Some(session) => Ok(Begin::Linked(session)),
            None => Ok(Begin::Busy { until: refusal.time("deadline")? }),
        }
    }

    /// Makes a created session the thread's, in one transaction with the session's item and its ticket's link.
    ///
    /// Only the run that holds the right of [`Store::begin_session`] can. A session that OpenCX made known first
    /// (a handoff can be faster) keeps its state and gets the thread.
    pub async fn link_session(&self, session: &Session, run: &Run) -> Result<Linked, StoreError> {
        let (Some(portal), Some(thread)) = (&session.portal, &session.thread) else {
            return Ok(Linked::LostRun);
        };
        let writes = |of_session: Write| {
            let condition = "#org = :org AND attribute_not_exists(#session) AND #run = :run";
            let link = thread_link(portal, thread, &session.org, &session.id).only_if(condition);
            let link = link.with("org", text(session.org.as_str())).with("run", text(&run.id));
            let (ticket, contact) = (session.ticket.as_ref(), session.contact.as_ref());
            let ticket = ticket.map(|ticket| ticket_link(portal, ticket, &session.org, &session.id));
            let contact = contact.map(|contact| contact_link(portal, contact, &session.org, &session.id));
            [link, of_session].into_iter().chain(ticket).chain(contact).collect::<Vec<_>>()
        };
        let action = "link a session";
        let mut outcome = self.transact(action, writes(session.whole().if_absent())).await?;
        if let Transacted::No(refusals) = &outcome
            && let [Refusal::Passed, Refusal::Failed(Some(_)), ..] = refusals.as_slice()
        {
            let known = Write::update(Key::session(&session.org, &session.id))
                .set("portal", text(portal.as_str()))
                .set("thread", text(thread.as_str()))
                .keep_if("ticket", session.ticket.as_ref().map(|id| text(id.as_str())))
                .keep_if("contact", session.contact.as_ref().map(|id| text(id.as_str())))
                .only_if("attribute_not_exists(#thread) OR #thread = :thread")
                .with("thread", text(thread.as_str()));
            outcome = self.transact(action, writes(known)).await?;
        }
        match outcome {
            Transacted::Yes => Ok(Linked::Yes),
            Transacted::No(refusals) => refused(refusals, session),
        }
    }

    /// Forgets a thread that HubSpot has deleted; its session stays, without thread.
    ///
    /// A link that was made meanwhile stays: the condition is that the link is the one that was read.
    pub async fn unlink_thread(&self, portal: &PortalId, thread: &ThreadId) -> Result<(), StoreError> {
        let Some(link) = self.link_of_thread(portal, thread).await? else { return Ok(()) };
        let (org, action) = (&link.org, "unlink a thread");
        let forget = || Write::delete(Key::thread(portal, thread));
        let Some(session) = &link.session else {
            let write = forget().only_if("#org = :org AND attribute_not_exists(#session)");
            return self.write(action, write.with("org", text(org.as_str()))).await.map(drop);
        };
        let of_session = Write::update(Key::session(org, session)).remove(["thread"]);
        let of_session = of_session.only_if("#thread = :thread").with("thread", text(thread.as_str()));
        let writes = vec![owned_by(forget(), org, session), of_session];
        if let Transacted::No(refusals) = self.transact(action, writes).await?
            && let [Refusal::Passed, Refusal::Failed(_)] = refusals.as_slice()
        {
            // The session is gone or has another thread by now.
            self.write(action, owned_by(forget(), org, session)).await?;
        }
        Ok(())
    }

    /// Lets a thread have a new session in the place of `former`. Of two callers one does; the other finds it done.
    ///
    /// The former session keeps the thread's id: what OpenCX says on it still reaches the customer.
    pub async fn begin_anew(
        &self,
        org: &OrgId,
        portal: &PortalId,
        thread: &ThreadId,
        former: &SessionId,
    ) -> Result<(), StoreError> {
        let write = Write::update(Key::thread(portal, thread))
            .remove(["session", "run", "boot", "deadline", "begun", "begun_at"])
            .set("previous", text(former.as_str()))
            .only_if("#org = :org AND #session = :former")
            .with("org", text(org.as_str()))
            .with("former", text(former.as_str()));
        self.write("let a thread begin anew", write).await.map(drop)
    }

    /// Makes the thread that HubSpot has begun for a session's messages the session's, in one transaction.
    ///
    /// A session with a thread of HubSpot's own channels keeps it, and a thread that has another session keeps that; the
    /// answer says whether the session has this thread now.
    pub async fn adopt_thread(
        &self,
        session: &Session,
        channel: &CustomChannel,
        thread: &ThreadId,
        contact: Option<&ContactId>,
    ) -> Result<bool, StoreError> {
        let (portal, id) = (&channel.portal, &session.id);
        let link = thread_link(portal, thread, &session.org, id)
            .if_absent_or("#org = :org AND (attribute_not_exists(#session) OR #session = :session)")
            .with("org", text(session.org.as_str()))
            .with("session", text(id.as_str()));
        let of_session = Write::update(Key::session(&session.org, id))
            .set("portal", text(portal.as_str()))
            .set("thread", text(thread.as_str()))
            .set("custom_account", text(channel.account.as_str()))
            .keep_if("contact", contact.map(|contact| text(contact.as_str())))
            .only_if(
                "#org = :org AND (attribute_not_exists(#thread) OR #thread = :thread OR attribute_exists(#custom_account) \
                 OR attribute_not_exists(#portal) OR #portal <> :portal)",
            )
            .with("org", text(session.org.as_str()))
            .with("thread", text(thread.as_str()))
            .with("portal", text(portal.as_str()));
        let contact = contact.map(|contact| contact_link(portal, contact, &session.org, id));
        let writes = [link, of_session].into_iter().chain(contact).collect();
        match self.transact("adopt a thread", writes).await? {
            Transacted::Yes => Ok(true),
            Transacted::No(refusals) if refusals.iter().any(|refusal| matches!(refusal, Refusal::Failed(_))) => {
                Ok(false)
            }
            Transacted::No(_) => Err(StoreError::no_reason("adopt a thread")),
        }
    }

    fn beginning(&self, org: &OrgId, portal: &PortalId, thread: &ThreadId, run: &Run) -> Write {
        let (write, dead) = self.of_dead_boot(Write::update(Key::thread(portal, thread)), "boot");
        write
            .set("org", text(org.as_str()))
            .set("run", text(&run.id))
            .put("boot", self.boot())
            .set("deadline", time(run.deadline))
            .add("begun", 1)
            .keep("begun_at", time(run.started_at))
            .if_absent_or(&format!(
                "#org = :org AND attribute_not_exists(#session) AND \
                 (attribute_not_exists(#run) OR #run = :run OR #deadline <= :now OR {dead})"
            ))
            .with("org", text(org.as_str()))
            .with("run", text(&run.id))
            .with("now", time(run.started_at))
    }
}

fn refused(refusals: Vec<Refusal>, session: &Session) -> Result<Linked, StoreError> {
    let mut refusals = refusals.into_iter();
    match (refusals.next(), refusals.next()) {
        (Some(Refusal::Failed(Some(item))), _) => match read(&item)? {
            ThreadLink { session: Some(id), org, .. } if id == session.id && org == session.org => Ok(Linked::Yes),
            ThreadLink { session: Some(id), org, .. } if org == session.org => Ok(Linked::Other(id)),
            _ => Ok(Linked::LostRun),
        },
        (Some(Refusal::Failed(None)), _) => Ok(Linked::LostRun),
        (_, Some(Refusal::Failed(Some(item)))) => Err(item.corrupt("the session belongs to another thread")),
        _ => Err(StoreError::no_reason("link a session")),
    }
}

fn read(item: &Item) -> Result<ThreadLink, StoreError> {
    Ok(ThreadLink {
        org: item.parsed("org")?,
        session: item.parsed_if("session")?,
        begun_at: item.time_if("begun_at")?,
        previous: item.parsed_if("previous")?,
    })
}
