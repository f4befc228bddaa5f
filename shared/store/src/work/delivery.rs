//! The row of a work: where the work stands, and the row as an entry of the log.

use crate::table::item::Word;
use crate::table::{Item, Store, StoreError, prints_only, words};
use crate::work::journal::{Journal, read_journal};
use crate::work::terms::{Outcome, OutcomeState, Won, Work};
use domain::{DedupKey, OrgId, PortalId, Reason, SessionId, ThreadId, TicketId};
use jiff::Timestamp;
use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The state of a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl FromStr for State {
    type Err = serde::de::value::Error;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::deserialize(word.into_deserializer())
    }
}

words! {
    State {
        InProgress = "in_progress", Delayed = "delayed", Retrying = "retrying", Parked = "parked",
        Done = "done", Skipped = "skipped", Failed = "failed"
    }
}

/// A work as its row has it.
#[derive(Clone)]
pub struct Delivery {
    /// Its name within the organization; for an event, the deduplication key.
    pub key: DedupKey,
    /// The work.
    pub work: Work,
    /// The name in the log, such as the subscription type.
    pub label: String,
    /// The state.
    pub state: State,
    /// The reason why it was skipped, failed or parked, or the last obstacle.
    pub reason: Option<Reason>,
    /// Runs since it came in, or since it was last replayed.
    pub attempts: u32,
    /// Of those, the runs that reported an unexpected failure.
    pub unexpected: u32,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it was last claimed, replayed or finished.
    pub updated_at: Timestamp,
    /// The next attempt, where it waits.
    pub due: Option<Timestamp>,
    /// The portal of `thread`.
    pub portal: Option<PortalId>,
    /// The conversation.
    pub thread: Option<ThreadId>,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// The session.
    pub session: Option<SessionId>,
    /// The journal of its runs.
    pub journal: Journal,
    /// The outcome or the last error in words.
    pub detail: Option<String>,
    /// The stored answer as JSON.
    pub answer: Option<String>,
    /// The event as JSON.
    pub body: Option<String>,
}

prints_only!(Delivery: work, label, state, reason, attempts, created_at, journal);

impl Store {
    /// Reads one entry of the log, strongly consistent. `key` is [`Delivery::key`], so requests and handoffs are found too.
    pub async fn delivery(&self, org: &OrgId, key: &DedupKey) -> Result<Option<Delivery>, StoreError> {
        let item = self.get("read a delivery", &Work::named(org, key).key()).await?;
        item.map(|item| Row(item).delivery()).transpose()
    }
}

/// The item of a work.
pub(crate) struct Row(pub(crate) Item);

impl Row {
    pub(crate) fn state(&self) -> Result<State, StoreError> {
        self.0.word("state")
    }

    pub(crate) fn won(&self) -> Result<Won, StoreError> {
        let row = &self.0;
        let (attempts, ended): (u32, u32) = (row.number("attempts")?, row.number("ended")?);
        let unexpected: u32 = row.number("unexpected")?;
        // `ended` counts the runs that ended in an orderly way; the others of the earlier ones never ended.
        let earlier = attempts.checked_sub(1).ok_or_else(|| row.corrupt("`attempts` is 0 in a claimed row"))?;
        let vanished =
            earlier.checked_sub(ended).ok_or_else(|| row.corrupt("`ended` is more than the runs there were"))?;
        Ok(Won {
            attempts,
            unexpected: unexpected.saturating_add(vanished),
            journal: read_journal(row)?,
            body: row.owned_if("body")?,
            created_at: row.time("created_at")?,
            delayed_before: row.flag_if("delayed_before")?.unwrap_or(false),
            replayed: row.flag_if("replayed")?.unwrap_or(false),
        })
    }

    pub(crate) fn outcome(&self) -> Result<Outcome, StoreError> {
        let row = &self.0;
        let reason = || row.parsed::<Reason>("reason");
        let state = match self.state()? {
            State::Done => OutcomeState::Done,
            State::Skipped => OutcomeState::Skipped(reason()?),
            State::Failed => OutcomeState::Failed(reason()?),
            _ => return Err(row.corrupt("`state` is not a final one")),
        };
        Ok(Outcome {
            state,
            detail: row.owned_if("detail")?,
            answer: row.owned_if("answer")?,
            steps: read_journal(row)?.into_iter().collect(),
            at: row.time("updated_at")?,
            session: row.parsed_if("session")?,
        })
    }

    pub(crate) fn delivery(&self) -> Result<Delivery, StoreError> {
        let row = &self.0;
        let work = Work::of_key(row.key()).ok_or_else(|| row.corrupt("its key is not that of a work"))?;
        Ok(Delivery {
            key: DedupKey::from_stored(work.to_string()),
            work,
            label: row.owned("label")?,
            state: self.state()?,
            reason: row.parsed_if("reason")?,
            attempts: row.number("attempts")?,
            unexpected: row.number("unexpected")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            due: row.time_if("due")?,
            portal: row.parsed_if("portal")?,
            thread: row.parsed_if("thread")?,
            ticket: row.parsed_if("ticket")?,
            session: row.parsed_if("session")?,
            journal: read_journal(row)?,
            detail: row.owned_if("detail")?,
            answer: row.owned_if("answer")?,
            body: row.owned_if("body")?,
        })
    }
}
