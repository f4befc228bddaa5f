//! How a claim ends: the work is done, comes back later, waits for people, or is done again.

use crate::table::keys::{due_of, in_order, parked_of, story_of_session};
use crate::table::{Store, StoreError, Write, number, text, time, word};
use crate::work::delivery::State;
use crate::work::journal::{Step, write_step};
use crate::work::terms::{Outcome, OutcomeState, Release, Run, Work};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{DedupKey, OrgId, Reason};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The outcome of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// It is free to be claimed.
    Yes,
    /// There is no such delivery.
    NotFound,
    /// A run is at it, or it is delayed and comes by itself.
    Running,
}

impl Store {
    /// Writes one step, if the work is still this run's. If another run has claimed it, the answer is
    /// [`StoreError::LostRun`], and the caller must not act.
    pub async fn journal(&self, work: &Work, run: &Run, name: &str, step: &Step) -> Result<(), StoreError> {
        self.journal_all(work, run, &[(name.to_owned(), step.clone())]).await
    }

    /// Writes several steps in one write, under the same condition.
    pub async fn journal_all(&self, work: &Work, run: &Run, steps: &[(String, Step)]) -> Result<(), StoreError> {
        let steps = steps.iter().map(|(name, step)| (name.as_str(), step));
        let write = with_steps(mine(work, run), steps);
        if self.write("write a journal", write).await? { Ok(()) } else { Err(StoreError::LostRun) }
    }

    /// Ends a work for good, with its last journal entries in the same write. Only its run can.
    pub async fn complete(&self, work: &Work, run: &Run, outcome: &Outcome) -> Result<(), StoreError> {
        let (state, reason) = match &outcome.state {
            OutcomeState::Done => (State::Done, None),
            OutcomeState::Skipped(reason) => (State::Skipped, Some(reason)),
            OutcomeState::Failed(reason) => (State::Failed, Some(reason)),
        };
        let key = work.key();
        let write = mine(work, run)
            .set("state", word(state))
            .put("reason", reason.map(|reason| text(reason.to_string())))
            .put("detail", outcome.detail.as_deref().map(text))
            .put("answer", outcome.answer.as_deref().map(text))
            .set("updated_at", time(outcome.at))
            .add("ended", 1)
            .set_if("session", outcome.session.as_ref().map(|session| text(session.as_str())))
            .remove(["gsi3pk", "gsi3sk"]);
        let write = match &outcome.session {
            // A work that was about nothing when it was claimed is listed with the session that it led to.
            Some(session) => write
                .keep("gsi2pk", text(story_of_session(work.org(), session)))
                .keep("gsi2sk", text(in_order(outcome.at, &key))),
            None => write,
        };
        let steps = outcome.steps.iter().map(|(name, step)| (name.as_str(), step));
        self.end("complete a work", with_steps(write, steps), run, state).await
    }

    /// Gives a claim back: the work is free at once, and overdue after `due`. Only its run can.
    pub async fn release(&self, work: &Work, run: &Run, release: &Release) -> Result<(), StoreError> {
        let write = mine(work, run)
            .set("state", word(State::Retrying))
            .set("due", time(release.due))
            .set("reason", text(release.reason.to_string()))
            .set("detail", text(&release.message))
            .add("ended", 1)
            .add("unexpected", u32::from(release.unexpected));
        self.end("release a work", waiting(write, work, release.due), run, State::Retrying).await
    }

    /// Gives a claim back until a time: nobody can claim the work before. Only its run can.
    pub async fn delay(&self, work: &Work, run: &Run, until: Timestamp) -> Result<(), StoreError> {
        let write = mine(work, run)
            .set("state", word(State::Delayed))
            .set("due", time(until))
            .set("delayed_before", AttributeValue::Bool(true))
            .add("ended", 1);
        self.end("delay a work", waiting(write, work, until), run, State::Delayed).await
    }

    /// Puts a work aside until an admin has reconnected and it is replayed. Only its run can.
    pub async fn park(&self, work: &Work, run: &Run, reason: &Reason) -> Result<(), StoreError> {
        let key = work.key();
        let write =
            mine(work, run).set("state", word(State::Parked)).set("reason", text(reason.to_string())).add("ended", 1);
        let write = match work {
            Work::Delivery { org, .. } => {
                write.set("gsi3pk", text(parked_of(org))).set("gsi3sk", text(in_order(run.started_at, &key)))
            }
            Work::Request { .. } | Work::Handoff { .. } => write,
        };
        self.end("park a work", write, run, State::Parked).await
    }

    /// Frees a delivery that has ended, is parked or is retrying, so that a new run does it again.
    ///
    /// The journal stays, so effects that are done stay done; attempts count from the beginning. A living run keeps its
    /// delivery. A row past its retention counts as gone, even if DynamoDB still has it.
    pub async fn replay(&self, org: &OrgId, key: &DedupKey, now: Timestamp) -> Result<Replayed, StoreError> {
        let work = Work::Delivery { org: org.clone(), key: key.clone() };
        let (write, dead) = self.of_dead_boot(Write::update(work.key()), "boot");
        let ended = "#state IN (:done, :skipped, :failed, :parked, :retrying)";
        let died = format!("#state = :in_progress AND (#deadline <= :now OR {dead})");
        let write = write
            .set("state", word(State::Retrying))
            .set("due", time(now))
            .set("updated_at", time(now))
            .set("replayed", AttributeValue::Bool(true))
            .set("attempts", number(0))
            .set("ended", number(0))
            .set("unexpected", number(0))
            .only_if(&format!("#expires_at > :now_s AND ({ended} OR ({died}))"))
            .with("done", word(State::Done))
            .with("skipped", word(State::Skipped))
            .with("failed", word(State::Failed))
            .with("parked", word(State::Parked))
            .with("retrying", word(State::Retrying))
            .with("in_progress", word(State::InProgress))
            .with("now", time(now))
            .with("now_s", number(now.as_second()));
        match self.update("replay a delivery", waiting(write, &work, now), ReturnValue::None).await? {
            Ok(_) => Ok(Replayed::Yes),
            Err(Some(item)) if item.number::<i64>("expires_at")? > now.as_second() => Ok(Replayed::Running),
            Err(_) => Ok(Replayed::NotFound),
        }
    }

    async fn end(&self, action: &'static str, write: Write, run: &Run, state: State) -> Result<(), StoreError> {
        match self.update(action, write, ReturnValue::None).await? {
            Ok(_) => Ok(()),
            // The SDK repeats a write whose answer was lost; then this very run has ended the work already.
            Err(Some(old)) if old.word::<State>("state")? == state && old.is("run", &text(&run.id)) => Ok(()),
            Err(_) => Err(StoreError::LostRun),
        }
    }
}

/// A write of a work's row, under the condition that this run holds it.
pub(crate) fn mine(work: &Work, run: &Run) -> Write {
    Write::update(work.key())
        .only_if("#state = :in_progress AND #run = :run")
        .with("in_progress", word(State::InProgress))
        .with("run", text(&run.id))
}

/// Writes steps into the row's journal; the last of a name counts.
pub(crate) fn with_steps<'s>(write: Write, steps: impl Iterator<Item = (&'s str, &'s Step)>) -> Write {
    let steps: BTreeMap<_, _> = steps.collect();
    steps.into_iter().fold(write, |write, (name, step)| write.entry("journal", name, write_step(step)))
}

/// Lets the reconciler find a delivery whose time has passed. Requests and handoffs are repeated by their callers.
fn waiting(write: Write, work: &Work, due: Timestamp) -> Write {
    let key = work.key();
    match work {
        Work::Delivery { .. } => write.set("gsi3pk", text(due_of(&key))).set("gsi3sk", text(in_order(due, &key))),
        Work::Request { .. } | Work::Handoff { .. } => write,
    }
}
