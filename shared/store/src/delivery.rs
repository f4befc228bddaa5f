//! One entry of the log: what a work is about and what became of it.

use crate::keys::Key;
use crate::row::Row;
use crate::words::Word;
use crate::{Journal, Store, StoreError, Work};
use domain::{DedupKey, OrgId, PortalId, Reason, SessionId, ThreadId, TicketId};
use jiff::Timestamp;
use std::fmt;

/// Where a work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A run is at it, or died at it.
    InProgress,
    /// It waits for a time.
    Delayed,
    /// It could not be done and is free for another run.
    Retrying,
    /// It waits until an admin has reconnected.
    Parked,
    /// Done.
    Done,
    /// There was nothing to do.
    Skipped,
    /// Given up.
    Failed,
}

impl State {
    /// The word that items, the API and the command line use.
    pub fn as_str(self) -> &'static str {
        self.word()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A work as its row tells of it.
#[derive(Clone)]
pub struct Delivery {
    /// Its name within the organization; for an event, its deduplication key.
    pub key: DedupKey,
    /// What it is.
    pub work: Work,
    /// What the log calls it, such as the subscription type.
    pub label: String,
    /// Where it stands.
    pub state: State,
    /// Why it was skipped, failed or parked, or what last stood in its way.
    pub reason: Option<Reason>,
    /// Runs since it came in, or since it was last replayed.
    pub attempts: u32,
    /// Of those, the runs that said they failed unexpectedly.
    pub unexpected: u32,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it was last claimed, replayed or finished.
    pub updated_at: Timestamp,
    /// When it is looked at next, where it waits.
    pub due: Option<Timestamp>,
    /// The portal of `thread`.
    pub portal: Option<PortalId>,
    /// The conversation.
    pub thread: Option<ThreadId>,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// The session.
    pub session: Option<SessionId>,
    /// What its runs did.
    pub journal: Journal,
    /// The outcome or the last error in words.
    pub detail: Option<String>,
    /// The stored answer as JSON.
    pub answer: Option<String>,
    /// The event as JSON.
    pub body: Option<String>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("work", &self.work)
            .field("label", &self.label)
            .field("state", &self.state)
            .field("reason", &self.reason)
            .field("attempts", &self.attempts)
            .field("created_at", &self.created_at)
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Reads one entry of the log, strongly consistent. `key` is [`Delivery::key`], so requests and handoffs are found too.
    pub async fn delivery(&self, org: &OrgId, key: &DedupKey) -> Result<Option<Delivery>, StoreError> {
        let item = self.get("read a delivery", &Key::work(&named(org, key))).await?;
        item.map(|item| Row::new(item).delivery()).transpose()
    }
}

/// The work of that name: the inverse of its `Display`.
pub(crate) fn named(org: &OrgId, name: &DedupKey) -> Work {
    let request = || {
        let (function, key) = name.as_str().strip_prefix("request:")?.split_once(':')?;
        Some(Work::Request { org: org.clone(), function: function.to_owned().into(), key: key.to_owned() })
    };
    let handoff = || {
        let (session, n) = name.as_str().strip_prefix("handoff:")?.rsplit_once(':')?;
        Some(Work::Handoff { org: org.clone(), session: SessionId::parse(session).ok()?, n: n.parse().ok()? })
    };
    request().or_else(handoff).unwrap_or_else(|| Work::Delivery { org: org.clone(), key: name.clone() })
}
