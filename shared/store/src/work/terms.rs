//! The words of this folder: a work, a run, what a claim says, how a work ends.

use crate::table::{Key, prints_only};
use crate::work::journal::{Journal, Step};
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
        /// Two requests with the same key are the same.
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
    /// The organization that it belongs to.
    pub fn org(&self) -> &OrgId {
        match self {
            Self::Delivery { org, .. } | Self::Request { org, .. } | Self::Handoff { org, .. } => org,
        }
    }

    /// The key of the event, where it is one.
    pub(crate) fn event(&self) -> Option<&DedupKey> {
        match self {
            Self::Delivery { key, .. } => Some(key),
            Self::Request { .. } | Self::Handoff { .. } => None,
        }
    }

    /// The work of a name within the organization: the inverse of its `Display`.
    pub(crate) fn named(org: &OrgId, name: &DedupKey) -> Self {
        let request = || {
            let (function, key) = name.as_str().strip_prefix("request:")?.split_once(':')?;
            Some(Self::Request { org: org.clone(), function: function.to_owned().into(), key: key.to_owned() })
        };
        let handoff = || {
            let (session, n) = name.as_str().strip_prefix("handoff:")?.rsplit_once(':')?;
            Some(Self::Handoff { org: org.clone(), session: SessionId::parse(session).ok()?, n: n.parse().ok()? })
        };
        request().or_else(handoff).unwrap_or_else(|| Self::Delivery { org: org.clone(), key: name.clone() })
    }

    /// The key of its row.
    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Delivery { org, key } => Key::new(format!("DELIVERY#{org}#{key}"), "DELIVERY"),
            Self::Request { org, function, key } => Key::new(format!("REQUEST#{org}#{function}#{key}"), "REQUEST"),
            Self::Handoff { org, session, n } => Key::new(format!("HANDOFF#{org}#{session}#{n}"), "HANDOFF"),
        }
    }

    /// The work whose row has this key. Organizations and sessions have no `#` in their ids; the rest comes last.
    pub(crate) fn of_key(key: &Key) -> Option<Self> {
        let (kind, rest) = key.pk.split_once('#')?;
        let (org, rest) = rest.split_once('#')?;
        let org = OrgId::parse(org).ok()?;
        match kind {
            "DELIVERY" => Some(Self::Delivery { org, key: DedupKey::from_stored(rest) }),
            "REQUEST" => {
                let (function, key) = rest.split_once('#')?;
                Some(Self::Request { org, function: function.to_owned().into(), key: key.to_owned() })
            }
            "HANDOFF" => {
                let (session, n) = rest.split_once('#')?;
                Some(Self::Handoff { org, session: SessionId::parse(session).ok()?, n: n.parse().ok()? })
            }
            _ => None,
        }
    }
}

/// The name within the organization.
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

/// The attributes that the first claim of a work writes into its row. Later claims leave them.
#[derive(Clone)]
pub struct Seed {
    /// When the work came in.
    pub created_at: Timestamp,
    /// The event as JSON, for runs that come without it.
    pub body: Option<String>,
    /// The objects that it is about.
    pub index: Index,
    /// How long the row is kept. Handoffs are kept as long as their session.
    pub retention: Duration,
    /// The name in the log, such as the subscription type.
    pub label: String,
}

prints_only!(Seed: created_at, index, label);

/// The objects that a work is about. It is listed in the story of its thread; without one, of its ticket, then of its session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// The conversation.
    pub thread: Option<(PortalId, ThreadId)>,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// The session.
    pub session: Option<SessionId>,
}

/// The outcome of a claim.
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
    /// The journal of earlier runs.
    pub journal: Journal,
    /// The event as JSON, where a claim brought it.
    pub body: Option<String>,
    /// When the work came in.
    pub created_at: Timestamp,
    /// An earlier run delayed it.
    pub delayed_before: bool,
    /// An operator had it done again: earlier attempts, which this row no longer counts, may have left effects.
    pub replayed: bool,
}

prints_only!(Won: attempts, unexpected, journal, created_at, delayed_before, replayed);

/// How a work ended for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutcomeState {
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
    pub state: OutcomeState,
    /// In words, for the log.
    pub detail: Option<String>,
    /// The stored answer as JSON, for repeats of the same request.
    pub answer: Option<String>,
    /// The last journal entries, written with it; read back, the whole journal.
    pub steps: Vec<(String, Step)>,
    /// When it ended.
    pub at: Timestamp,
    /// The session that it led to.
    pub session: Option<SessionId>,
}

prints_only!(Outcome: state, steps, at, session);

/// A claim that is given back because the work could not be done now.
#[derive(Clone)]
pub struct Release {
    /// When the next look is promised. Any run may claim it earlier.
    pub due: Timestamp,
    /// The obstacle.
    pub reason: Reason,
    /// The failure was not expected; after some of these the work is given up.
    pub unexpected: bool,
    /// The error in words, for the log.
    pub message: String,
}

prints_only!(Release: due, reason, unexpected);
