//! A claimed job and its end.

use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::ports::Ports;
use crate::kernel::tenant::Tenant;
use domain::{AiState, HubSpotEvent, Reason, SessionId};
use jiff::Timestamp;
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{AiChange, AiChanged, Index, Outcome, OutcomeState, Run, Seed, Session, Step, Won, Work};

/// Rows of an organization that is not connected are kept this long.
const DEFAULT_RETENTION_DAYS: u32 = 30;

pub(crate) struct Job<'a> {
    pub(crate) tenant: Tenant<'a>,
    pub(crate) work: Work,
    pub(crate) run: Run,
    pub(crate) won: Won,
    /// Journal entries that the next write stores.
    unwritten: Mutex<Vec<(String, Step)>>,
}

/// The job of an event, with both ports.
pub(crate) struct EventJob<'a> {
    pub(crate) job: Job<'a>,
    pub(crate) ports: Ports<'a>,
}

impl<'a> Deref for EventJob<'a> {
    type Target = Job<'a>;

    fn deref(&self) -> &Job<'a> {
        &self.job
    }
}

/// The end of one run of an event.
pub(crate) enum Next {
    Finished(Completion),
    /// The event waits: for the e-mail delay, the debounce time or the timeout of a handoff.
    DelayedUntil(Timestamp),
}

/// The final state of a job, as its row shows it.
pub(crate) struct Completion {
    pub(crate) state: OutcomeState,
    pub(crate) detail: Option<String>,
    pub(crate) session: Option<SessionId>,
}

impl Completion {
    pub(crate) fn done(detail: &str) -> Self {
        Self { state: OutcomeState::Done, detail: Some(detail.to_owned()), session: None }
    }

    pub(crate) fn skipped(reason: Reason) -> Self {
        Self { state: OutcomeState::Skipped(reason), detail: None, session: None }
    }

    pub(crate) fn failed(reason: Reason, detail: &str) -> Self {
        Self { state: OutcomeState::Failed(reason), ..Self::done(detail) }
    }

    pub(crate) fn of_session(self, session: &SessionId) -> Self {
        Self { session: Some(session.clone()), ..self }
    }
}

/// The order to the queue for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Delete the message.
    Done,
    /// Show the message again after some time.
    Later {
        /// The message's group waits this long.
        after: Duration,
    },
}

impl<'a> Job<'a> {
    pub(crate) fn new(tenant: Tenant<'a>, work: Work, run: Run, won: Won) -> Self {
        Self { tenant, work, run, won, unwritten: Mutex::default() }
    }

    /// A nested run for another flow. It has the deadline of this run.
    pub(crate) async fn nested(&self) -> Result<(Tenant<'a>, Run), FlowError> {
        let bridge = self.tenant.bridge;
        let run = Run { deadline: self.run.deadline, ..bridge.new_run() };
        Ok((self.tenant.nested(&run).await?, run))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.tenant.bridge.clock.now()
    }

    /// True where an earlier run may have done a part of the job.
    pub(crate) fn retried(&self) -> bool {
        self.won.replayed || self.won.attempts > 1 + u32::from(self.won.delayed_before)
    }

    pub(super) fn unwritten(&self) -> MutexGuard<'_, Vec<(String, Step)>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the final state and all journal entries that are not written yet.
    pub(crate) async fn finish(&self, completion: Completion, answer: Option<String>) -> Result<(), FlowError> {
        let steps = std::mem::take(&mut *self.unwritten());
        finish_claimed(self.tenant.bridge, (&self.work, &self.run), completion, steps, answer).await
    }

    /// Stops the AI on a session: first in our store, then at OpenCX.
    ///
    /// A later run tells OpenCX again, because the earlier run may have died in between.
    pub(crate) async fn silence(
        &self,
        session: &Session,
        at: Option<Timestamp>,
        why: &str,
    ) -> Result<Session, FlowError> {
        let (session, tell) = self.silence_here(session, at).await?;
        if tell {
            self.silence_there(&session, why).await?;
        }
        Ok(session)
    }

    /// Stops the AI in our store. The flag is true if OpenCX must be told.
    pub(crate) async fn silence_here(
        &self,
        session: &Session,
        at: Option<Timestamp>,
    ) -> Result<(Session, bool), FlowError> {
        let change = AiChange { to: AiState::HandedOff, occurred_at: at };
        Ok(match self.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await? {
            AiChanged::Yes(session) => (session, true),
            // OpenCX knows if the AI was silent when this run read the session, unless an earlier run of this job died in
            // between. In all other cases OpenCX is told. Telling OpenCX twice does no harm.
            AiChanged::Already(now) => (now, self.retried() || session.ai != AiState::HandedOff),
            AiChanged::Stale(session) => (session, false),
            AiChanged::NotFound => (session.clone(), false),
        })
    }

    /// Tells OpenCX that people have taken the conversation.
    pub(crate) async fn silence_there(&self, session: &Session, why: &str) -> Result<(), FlowError> {
        Ok(self.tenant.opencx().await?.set_handed_off(&session.id, true, Some(why)).await?)
    }
}

/// The first content of an event's row.
pub(crate) fn seed_of(
    event: Option<&HubSpotEvent>,
    created_at: Timestamp,
    body: Option<String>,
    retention_days: Option<u32>,
) -> Seed {
    let thread = event.and_then(|event| Some((event.portal.clone(), event.kind.thread()?.clone())));
    let days = retention_days.unwrap_or(DEFAULT_RETENTION_DAYS).max(1);
    Seed {
        created_at,
        body,
        index: Index { thread, ticket: event.and_then(|event| event.kind.ticket().cloned()), session: None },
        retention: Duration::from_secs(u64::from(days) * 86_400),
        label: event.map_or_else(String::new, |event| event.kind.name().to_owned()),
    }
}

/// Writes the final state of a claimed job.
pub(crate) async fn finish_claimed(
    bridge: &Bridge,
    (work, run): (&Work, &Run),
    completion: Completion,
    steps: Vec<(String, Step)>,
    answer: Option<String>,
) -> Result<(), FlowError> {
    let Completion { state, detail, session } = completion;
    tracing::info!(outcome = ?state, detail = detail.as_deref(), "a job is finished");
    let outcome = Outcome { state, detail, answer, steps, at: bridge.clock.now(), session };
    bridge.store.complete(work, run, &outcome).await?;
    bridge.count(&outcome.state);
    Ok(())
}
