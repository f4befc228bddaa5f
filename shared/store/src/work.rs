//! Work that is claimed before it is done: deliveries, requests and handoffs.

use crate::{Journal, Step};
use domain::{DedupKey, OrgId, PortalId, Reason, SessionId, ThreadId, TicketId};
use jiff::Timestamp;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Something that happens once, however often it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Work {
    /// An event from HubSpot.
    Delivery {
        /// The organization.
        org: OrgId,
        /// The event's identity within it.
        key: DedupKey,
    },
    /// An invocation by the OpenCX backend, or a callback of a workflow.
    Request {
        /// The organization.
        org: OrgId,
        /// Which function; without `#`.
        function: Cow<'static, str>,
        /// What makes two requests the same.
        key: String,
    },
    /// The `n`-th handoff of a session.
    Handoff {
        /// The organization.
        org: OrgId,
        /// The session.
        session: SessionId,
        /// The session's `handoff_epoch`.
        n: u64,
    },
}

impl Work {
    /// Whose work it is.
    pub fn org(&self) -> &OrgId {
        match self {
            Self::Delivery { org, .. } | Self::Request { org, .. } | Self::Handoff { org, .. } => org,
        }
    }
}

/// Its name within the organization.
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery { key, .. } => write!(f, "{key}"),
            Self::Request { function, key, .. } => write!(f, "request:{function}:{key}"),
            Self::Handoff { session, n, .. } => write!(f, "handoff:{session}:{n}"),
        }
    }
}

/// One attempt at a work, by one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Unique over all processes.
    pub id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// From then on another run may claim the work.
    pub deadline: Timestamp,
}

/// What the first claim of a work writes into its row. Later claims leave what is there.
#[derive(Clone)]
pub struct Seed {
    /// When the work came in.
    pub created_at: Timestamp,
    /// The event as JSON, for runs that come without it.
    pub body: Option<String>,
    /// What it is about.
    pub index: Index,
    /// How long the row is kept. Handoffs are kept as long as their session.
    pub retention: Duration,
    /// What the log calls it, such as the subscription type.
    pub label: String,
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed")
            .field("created_at", &self.created_at)
            .field("index", &self.index)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// What a work is about. The first of thread, ticket and session says whose story it is listed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// The conversation.
    pub thread: Option<(PortalId, ThreadId)>,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// The session.
    pub session: Option<SessionId>,
}

/// Who got the work.
#[derive(Debug)]
pub enum Claim {
    /// This run, until its deadline.
    Won(Won),
    /// It has been done before.
    Done(Outcome),
    /// Another run is at it.
    Busy {
        /// Its deadline.
        until: Timestamp,
    },
    /// It is too early.
    Delayed {
        /// When it is due.
        until: Timestamp,
    },
    /// It waits until an admin has reconnected.
    Parked,
}

/// A claimed work and what earlier runs left.
pub struct Won {
    /// Runs so far, this one included.
    pub attempts: u32,
    /// Runs that failed unexpectedly or never ended.
    pub unexpected: u32,
    /// What earlier runs did.
    pub journal: Journal,
    /// The event as JSON, where a claim brought it.
    pub body: Option<String>,
    /// When the work came in.
    pub created_at: Timestamp,
    /// An earlier run delayed it.
    pub delayed_before: bool,
    /// An operator had it done again: effects may be there that this row's attempts do not tell of.
    pub replayed: bool,
}

impl fmt::Debug for Won {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Won")
            .field("attempts", &self.attempts)
            .field("unexpected", &self.unexpected)
            .field("journal", &self.journal)
            .field("created_at", &self.created_at)
            .field("delayed_before", &self.delayed_before)
            .field("replayed", &self.replayed)
            .finish_non_exhaustive()
    }
}

/// How a work ended for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Final {
    /// Done.
    Done,
    /// There was nothing to do, for this reason.
    Skipped(Reason),
    /// It will never work, for this reason.
    Failed(Reason),
}

/// The end of a work.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub state: Final,
    /// In words, for the log.
    pub detail: Option<String>,
    /// The stored answer as JSON, for repeats of the same request.
    pub answer: Option<String>,
    /// The last journal entries, written with it; read back, the whole journal.
    pub steps: Vec<(String, Step)>,
    /// When it ended.
    pub at: Timestamp,
    /// The session it turned out to be about.
    pub session: Option<SessionId>,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("state", &self.state)
            .field("steps", &self.steps)
            .field("at", &self.at)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// A claim that is given back because the work could not be done now.
#[derive(Clone)]
pub struct Release {
    /// When the next look is promised. Any run may claim it earlier.
    pub due: Timestamp,
    /// What stands in the way.
    pub reason: Reason,
    /// Counts towards giving up early.
    pub unexpected: bool,
    /// The error in words, for the log.
    pub message: String,
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Release")
            .field("due", &self.due)
            .field("reason", &self.reason)
            .field("unexpected", &self.unexpected)
            .finish_non_exhaustive()
    }
}
