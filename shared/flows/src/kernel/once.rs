//! The exactly-once protocol. Each effect that must not be repeated goes through one of the functions here.
//!
//! The steps are always the same. An effect that is recorded is not done again. An effect that was announced is looked
//! for. Otherwise the run announces it, does it and records it. A run that dies in between leaves its announcement in
//! the journal, where the next run finds it. The functions differ in the announcement: [`Job::once`] writes it into the
//! journal, [`Job::once_by_claim`] takes the claim of the job for it, [`Job::once_if_allowed`] adds the right to post.

use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::tenant::Tenant;
use domain::{AiState, MessageId, OpenCxMessageId, PortalId, Reason, ThreadId};
use jiff::Timestamp;
use serde::Serialize as _;
use std::fmt;
use std::str::FromStr;
use store::{AboutToPost, PostGuard, PostRight, Step, StoreError};

/// An effect of a job, or a fact for its later runs. The names are stored in journals: a name never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// The AI's answer, received from OpenCX.
    Answer,
    /// An internal comment.
    Comment,
    /// The message that tells a customer that nobody is there.
    Fallback,
    /// One file of a reply, stored in the portal. Its name is `file:` and the number.
    File(usize),
    /// The event failed for good. The detail is the reason.
    GaveUp,
    /// A note without a ticket was read once.
    Looked,
    /// A note of an OpenCX session.
    Note,
    /// The internal comment about a failure.
    Notice,
    /// The decision of a handoff on the ticket that it found.
    Plan,
    /// A message to the customer.
    Post,
    /// A session that is opened again.
    Reopen,
    /// A session that ends with its ticket.
    Resolve,
    /// A handoff's ticket.
    Ticket,
    /// The words of a customer or a rep, sent to OpenCX.
    Told,
    /// The later message that also answers this one.
    Together,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(number) => write!(f, "file:{number}"),
            // A formatter takes a variant's name from serde.
            named => named.serialize(f),
        }
    }
}

/// The journal's record of an effect.
pub(crate) trait Record: Sized {
    fn to_step(&self) -> Step;
    /// `None`: the step does not say that the effect is done.
    fn from_step(step: &Step) -> Option<Self>;
}

/// Ids and plain words.
impl<T: fmt::Display + FromStr> Record for T {
    fn to_step(&self) -> Step {
        Step { about_to: None, done: Some(self.to_string()), detail: None }
    }
    fn from_step(step: &Step) -> Option<Self> {
        step.done.as_deref()?.parse().ok()
    }
}

/// A message with the pattern of the signature under it.
pub(crate) struct Posted {
    pub(crate) message: MessageId,
    pub(crate) pattern: Option<String>,
}

impl Record for Posted {
    fn to_step(&self) -> Step {
        Step { detail: self.pattern.clone(), ..self.message.to_step() }
    }
    fn from_step(step: &Step) -> Option<Self> {
        Some(Self { message: MessageId::from_step(step)?, pattern: step.detail.clone() })
    }
}

/// An effect that an earlier run announced and did not record.
pub(crate) struct Announced {
    pub(crate) since: Timestamp,
    /// The detail of the announcement.
    pub(crate) detail: Option<String>,
}

/// The conditions of a public message: no other job posts it, and the guard holds.
pub(crate) struct Right<'a> {
    /// OpenCX's id of the message. One job posts each id.
    pub(crate) message: Option<&'a OpenCxMessageId>,
    /// Refuses the post where the AI was silenced.
    pub(crate) guard: Option<PostGuard>,
    /// The thread in which the delivery of the message is checked later.
    pub(crate) check_delivery: Option<(&'a PortalId, &'a ThreadId)>,
    /// The detail of the announcement.
    pub(crate) detail: Option<String>,
}

/// Why a message must not be posted.
pub(crate) enum Denied {
    /// Another job has posted it or is about to.
    PostedAlready,
    /// The AI was silenced or resumed after this run read the session.
    Silenced(AiState),
}

impl Denied {
    /// The reason in the log of deliveries.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::PostedAlready => Reason::Duplicate,
            Self::Silenced(AiState::Paused) => Reason::Paused,
            Self::Silenced(AiState::HandedOff | AiState::Active) => Reason::NotAiOwner,
        }
    }
}

impl Job<'_> {
    /// The journal entry of earlier runs.
    pub(crate) fn kept(&self, effect: Effect) -> Option<&Step> {
        self.won.journal.get(&effect.to_string())
    }

    /// Whether an earlier run announced the effect and did not record it.
    pub(crate) fn is_begun(&self, effect: Effect) -> bool {
        self.kept(effect).is_some_and(|step| step.done.is_none())
    }

    /// Keeps a fact for later runs. The next write of the journal stores it, at the latest the end of the job.
    pub(crate) fn keep(&self, effect: Effect, step: Step) {
        self.unwritten().push((effect.to_string(), step));
    }

    /// Stores what is kept. A flow calls this before it starts another flow: later runs must not repeat its effects.
    pub(crate) async fn write_kept(&self) -> Result<(), FlowError> {
        let kept = std::mem::take(&mut *self.unwritten());
        match kept.as_slice() {
            [] => Ok(()),
            steps => Ok(self.tenant.bridge.store.journal_all(&self.work, &self.run, steps).await?),
        }
    }

    /// The effect of an earlier run: its record, or the result of `find` where it was only announced.
    pub(crate) async fn earlier<R: Record>(
        &self,
        effect: Effect,
        find: impl AsyncFnOnce(Announced) -> Result<Option<R>, FlowError>,
    ) -> Result<Option<R>, FlowError> {
        let Some(step) = self.kept(effect) else { return Ok(None) };
        if let Some(record) = R::from_step(step) {
            return Ok(Some(record));
        }
        let Some(since) = step.about_to else { return Ok(None) };
        let found = find(Announced { since, detail: step.detail.clone() }).await?;
        Ok(found.map(|record| self.record(effect, record)))
    }

    /// Does an effect once. A run that finds it announced looks for it with `find` before it acts.
    pub(crate) async fn once<R: Record>(
        &self,
        effect: Effect,
        find: impl AsyncFnOnce(Announced) -> Result<Option<R>, FlowError>,
        act: impl AsyncFnOnce(&Permit<'_>) -> Result<R, FlowError>,
    ) -> Result<R, FlowError> {
        if let Some(record) = self.earlier(effect, find).await? {
            return Ok(record);
        }
        self.announce(effect).await?;
        Ok(self.record(effect, act(&Permit::of(&self.tenant)).await?))
    }

    /// Does an effect once. The claim of the job is the announcement: each later run looks before it acts.
    pub(crate) async fn once_by_claim<R: Record>(
        &self,
        effect: Effect,
        find: impl AsyncFnOnce() -> Result<Option<R>, FlowError>,
        act: impl AsyncFnOnce(&Permit<'_>) -> Result<R, FlowError>,
    ) -> Result<R, FlowError> {
        if let Some(record) = self.kept(effect).and_then(R::from_step) {
            return Ok(record);
        }
        let find = async |_: Timestamp| find().await;
        let record = found_or_done(&self.tenant, self.retried().then_some(self.won.created_at), find, act).await?;
        Ok(self.record(effect, record))
    }

    /// Sends a message to the customer once. One transaction announces it, claims OpenCX's message id and checks the
    /// guard. Nothing is posted where the transaction is refused.
    pub(crate) async fn once_if_allowed<R: Record>(
        &self,
        effect: Effect,
        right: Right<'_>,
        find: impl AsyncFnOnce(Announced) -> Result<Option<R>, FlowError>,
        act: impl AsyncFnOnce(&Permit<'_>) -> Result<R, FlowError>,
    ) -> Result<Result<R, Denied>, FlowError> {
        if let Some(record) = self.earlier(effect, find).await? {
            return Ok(Ok(record));
        }
        let kept = self.unwritten().clone();
        let more_steps: Vec<(&str, &Step)> = kept.iter().map(|(name, step)| (name.as_str(), step)).collect();
        let now = self.now();
        let taken = self.tenant.bridge.store.about_to_post(&AboutToPost {
            work: &self.work,
            run: &self.run,
            step: (&effect.to_string(), &Step { about_to: Some(now), done: None, detail: right.detail }),
            more_steps: &more_steps,
            posted: right.message.map(|id| (self.work.org(), id)),
            session: right.guard,
            delivery_check: right.check_delivery,
            now,
        });
        match taken.await? {
            PostRight::Granted => {}
            PostRight::PostedAlready { .. } => return Ok(Err(Denied::PostedAlready)),
            PostRight::Silenced(session) => return Ok(Err(Denied::Silenced(session.ai))),
            PostRight::LostRun => return Err(StoreError::LostRun.into()),
        }
        self.unwritten().drain(..kept.len());
        Ok(Ok(self.record(effect, act(&Permit::of(&self.tenant)).await?)))
    }

    /// Does something that may be repeated. A later run repeats it until it is recorded ([`Job::is_begun`]).
    pub(crate) async fn until_done<T>(
        &self,
        effect: Effect,
        act: impl AsyncFnOnce() -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        self.announce(effect).await?;
        let result = act().await?;
        self.record(effect, "told".to_owned());
        Ok(result)
    }

    async fn announce(&self, effect: Effect) -> Result<(), FlowError> {
        self.keep(effect, Step { about_to: Some(self.now()), done: None, detail: None });
        self.write_kept().await
    }

    fn record<R: Record>(&self, effect: Effect, record: R) -> R {
        self.keep(effect, record.to_step());
        record
    }
}

/// The protocol for an effect that is announced elsewhere. A thread's session is announced in its THREAD item.
pub(crate) async fn found_or_done<T>(
    tenant: &Tenant<'_>,
    begun: Option<Timestamp>,
    find: impl AsyncFnOnce(Timestamp) -> Result<Option<T>, FlowError>,
    act: impl AsyncFnOnce(&Permit<'_>) -> Result<T, FlowError>,
) -> Result<T, FlowError> {
    if let Some(since) = begun
        && let Some(found) = find(since).await?
    {
        return Ok(found);
    }
    act(&Permit::of(tenant)).await
}

/// The `find` of an effect that may be repeated.
pub(crate) async fn nothing<R>(_: Announced) -> Result<Option<R>, FlowError> {
    Ok(None)
}
