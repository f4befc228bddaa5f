//! A job that this run has claimed, and how it ends.

use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::ports::Ports;
use crate::kernel::tenant::Tenant;
use domain::{AiState, Reason, SessionId};
use jiff::Timestamp;
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{AiChange, AiChanged, Outcome, OutcomeState, Run, Session, Step, Won, Work};

pub(crate) struct Job<'a> {
    pub(crate) tenant: Tenant<'a>,
    pub(crate) work: Work,
    pub(crate) run: Run,
    pub(crate) won: Won,
    /// Entries of the journal that the next write takes along.
    unwritten: Mutex<Vec<(String, Step)>>,
}

/// An event's job, with the ports that events may use.
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

/// How a run of an event ends.
pub(crate) enum Next {
    Finished(Completion),
    /// The event waits: for the e-mail delay, for a quiet time, for a handoff's timeout.
    DelayedUntil(Timestamp),
}

/// What the row says at the end.
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

/// What the queue does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It deletes the message.
    Done,
    /// It shows the message again after this time.
    Later {
        /// Until then the message's group waits.
        after: Duration,
    },
}

impl<'a> Job<'a> {
    pub(crate) fn new(tenant: Tenant<'a>, work: Work, run: Run, won: Won) -> Self {
        Self { tenant, work, run, won, unwritten: Mutex::default() }
    }

    /// A run of its own for a flow within this job. It ends when this run ends.
    pub(crate) async fn nested(&self) -> Result<(Tenant<'a>, Run), FlowError> {
        let bridge = self.tenant.bridge;
        let run = Run { deadline: self.run.deadline, ..bridge.new_run() };
        Ok((self.tenant.nested(&run).await?, run))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.tenant.bridge.clock.now()
    }

    /// True where an earlier run may have done some of the work: look before acting.
    pub(crate) fn retried(&self) -> bool {
        self.won.replayed || self.won.attempts > 1 + u32::from(self.won.delayed_before)
    }

    pub(super) fn unwritten(&self) -> MutexGuard<'_, Vec<(String, Step)>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the final state, with all that is kept and not yet written.
    pub(crate) async fn finish(&self, completion: Completion, answer: Option<String>) -> Result<(), FlowError> {
        let steps = std::mem::take(&mut *self.unwritten());
        finish_claimed(self.tenant.bridge, (&self.work, &self.run), completion, steps, answer).await
    }

    /// Stops the AI on a session: here at once, then at OpenCX.
    ///
    /// A run that is not the first tells OpenCX again, because the earlier one may have ended in between.
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

    /// Stops the AI on our side. The flag says whether OpenCX has yet to hear of it.
    pub(crate) async fn silence_here(
        &self,
        session: &Session,
        at: Option<Timestamp>,
    ) -> Result<(Session, bool), FlowError> {
        let change = AiChange { to: AiState::HandedOff, occurred_at: at };
        Ok(match self.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await? {
            AiChanged::Yes(session) => (session, true),
            // The session was silent when it was read: OpenCX knows, unless an earlier run of this job ended in between.
            // Otherwise somebody was faster, or the store repeated our own change: telling twice is harmless.
            AiChanged::Already(now) => (now, self.retried() || session.ai != AiState::HandedOff),
            AiChanged::Stale(session) => (session, false),
            AiChanged::NotFound => (session.clone(), false),
        })
    }

    /// Tells OpenCX that people have the conversation.
    pub(crate) async fn silence_there(&self, session: &Session, why: &str) -> Result<(), FlowError> {
        Ok(self.tenant.opencx().await?.set_handed_off(&session.id, true, Some(why)).await?)
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
