//! A piece of work that this run has claimed.

use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::tenant::Tenant;
use domain::{AiState, Reason, SessionId};
use jiff::Timestamp;
use std::time::Duration;
use store::{AiChange, AiChanged, Final, Outcome, Run, Session, Step, Won, Work};

pub(crate) struct Job<'a> {
    pub(crate) tenant: Tenant<'a>,
    pub(crate) work: Work,
    pub(crate) run: Run,
    pub(crate) won: Won,
}

/// How a claimed delivery ends for now.
pub(crate) enum Next {
    Finished(Completion),
    /// Come back then: the e-mail delay.
    DelayedUntil(Timestamp),
}

/// What the row says at the end. Written together with the last journal entries.
pub(crate) struct Completion {
    pub(crate) state: Final,
    pub(crate) detail: Option<String>,
    pub(crate) answer: Option<String>,
    pub(crate) steps: Vec<(String, Step)>,
    pub(crate) session: Option<SessionId>,
}

impl Completion {
    pub(crate) fn done(detail: &str) -> Self {
        Self { state: Final::Done, detail: Some(detail.to_owned()), answer: None, steps: Vec::new(), session: None }
    }

    pub(crate) fn skipped(reason: Reason) -> Self {
        Self { state: Final::Skipped(reason), detail: None, answer: None, steps: Vec::new(), session: None }
    }

    pub(crate) fn of_session(mut self, session: &SessionId) -> Self {
        self.session = Some(session.clone());
        self
    }

    pub(crate) fn with_step(mut self, name: &str, step: Step) -> Self {
        self.steps.push((name.to_owned(), step));
        self
    }
}

impl Job<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.tenant.bridge.clock.now()
    }

    /// True where an earlier run may have done some of the work: look before acting.
    pub(crate) fn retried(&self) -> bool {
        self.won.replayed || self.won.attempts > 1 + u32::from(self.won.delayed_before)
    }

    /// The journal entry of an earlier run.
    pub(crate) fn earlier(&self, step: &str) -> Option<&Step> {
        self.won.journal.get(step)
    }

    /// Writes "about to" before an effect that cannot be repeated; a later run then looks first.
    pub(crate) async fn about_to(&self, step: &str) -> Result<(), FlowError> {
        self.record(step, &Step { about_to: Some(self.now()), done: None, detail: None }).await
    }

    /// Writes what became of an effect.
    pub(crate) async fn record(&self, name: &str, step: &Step) -> Result<(), FlowError> {
        Ok(self.tenant.bridge.store.journal(&self.work, &self.run, name, step).await?)
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

    /// Stops the AI as far as we go. The answer says whether OpenCX has yet to hear of it.
    pub(crate) async fn silence_here(
        &self,
        session: &Session,
        at: Option<Timestamp>,
    ) -> Result<(Session, bool), FlowError> {
        let change = AiChange { to: AiState::HandedOff, occurred_at: at };
        Ok(match self.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await? {
            AiChanged::Yes(session) => (session, true),
            // Known to be silent before: told before, unless an earlier run of this very work ended in between.
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

/// The journal entry of an effect that is done.
pub(crate) fn done(id: &str) -> Step {
    Step { about_to: None, done: Some(id.to_owned()), detail: None }
}

/// What the queue does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Delete it.
    Done,
    /// Show it again after this time.
    Later {
        /// Until then its group waits.
        after: Duration,
    },
}

/// Writes the final state.
pub(crate) async fn finish_work(
    bridge: &Bridge,
    work: &Work,
    run: &store::Run,
    finish: Completion,
) -> Result<Settled, FlowError> {
    tracing::info!(outcome = ?finish.state, detail = finish.detail.as_deref(), "an event is finished");
    let Completion { state, detail, answer, steps, session } = finish;
    let outcome = Outcome { state, detail, answer, steps, at: bridge.clock.now(), session };
    bridge.store.complete(work, run, &outcome).await?;
    bridge.count(&outcome.state);
    Ok(Settled::Done)
}
