//! The exactly-once protocol. Each effect that cannot be repeated goes through one of the three functions here.
//!
//! Their steps are the same: is it done? was it begun? then look for it; announce it, act, record it. A run that dies
//! between two steps leaves a journal, which the next run reads. They differ in the announcement: [`Job::once`] writes
//! it into the journal, [`Job::once_by_claim`] counts the claim as one, [`Job::once_if_allowed`] takes the right to post.

use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::tenant::Tenant;
use domain::{AiState, MessageId, NoteId, OpenCxMessageId, PortalId, Reason, ThreadId};
use jiff::Timestamp;
use std::fmt;
use store::{AboutToPost, PostGuard, PostRight, Step, StoreError};

/// An effect of a job, or a fact that its later runs need. The names are stored and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The AI's answer, as OpenCX gave it.
    Answer,
    /// An internal comment.
    Comment,
    /// The message that tells a customer that nobody is there.
    Fallback,
    /// The n-th file of a reply, kept in the portal.
    File(usize),
    /// The event failed for good; the detail is the reason.
    GaveUp,
    /// A note without a ticket was looked at.
    Looked,
    /// A note of an OpenCX session.
    Note,
    /// The internal comment that tells people of a failure.
    Notice,
    /// What becomes of the ticket that a handoff found.
    Plan,
    /// A message for the customer.
    Post,
    /// A session that goes on.
    Reopen,
    /// A session that ends with its ticket.
    Resolve,
    /// A handoff's ticket.
    Ticket,
    /// The words of a customer or a rep, told to OpenCX.
    Told,
    /// The later message that answers for this one.
    Together,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer => "answer",
            Self::Comment => "comment",
            Self::Fallback => "fallback",
            Self::File(number) => return write!(f, "file:{number}"),
            Self::GaveUp => "gave_up",
            Self::Looked => "looked",
            Self::Note => "note",
            Self::Notice => "notice",
            Self::Plan => "plan",
            Self::Post => "post",
            Self::Reopen => "reopen",
            Self::Resolve => "resolve",
            Self::Ticket => "ticket",
            Self::Told => "told",
            Self::Together => "together",
        })
    }
}

/// What the journal keeps of an effect that is done.
pub(crate) trait Record: Sized {
    fn to_step(&self) -> Step;
    /// `None` where the step does not say that the effect is done.
    fn from_step(step: &Step) -> Option<Self>;
}

macro_rules! recorded_by_id {
    ($($id:ty),*) => {$(
        impl Record for $id {
            fn to_step(&self) -> Step {
                done(self.as_str())
            }
            fn from_step(step: &Step) -> Option<Self> {
                Self::parse(step.done.clone()?).ok()
            }
        }
    )*};
}
recorded_by_id!(MessageId, NoteId);

impl Record for String {
    fn to_step(&self) -> Step {
        done(self)
    }
    fn from_step(step: &Step) -> Option<Self> {
        step.done.clone()
    }
}

/// A message with the pattern of the signature under it.
impl Record for (MessageId, Option<String>) {
    fn to_step(&self) -> Step {
        Step { detail: self.1.clone(), ..done(self.0.as_str()) }
    }
    fn from_step(step: &Step) -> Option<Self> {
        Some((MessageId::from_step(step)?, step.detail.clone()))
    }
}

fn done(id: &str) -> Step {
    Step { about_to: None, done: Some(id.to_owned()), detail: None }
}

/// An earlier run announced the effect and did not record it.
pub(crate) struct Announced {
    pub(crate) since: Timestamp,
    /// What the announcement said.
    pub(crate) detail: Option<String>,
}

/// What a public message needs: nobody else posts it, and the AI may still speak where the guard asks for that.
pub(crate) struct Right<'a> {
    /// OpenCX's id of the message, where it has one: one job posts it.
    pub(crate) message: Option<&'a OpenCxMessageId>,
    pub(crate) guard: Option<PostGuard>,
    /// The thread in which the delivery of the message is checked later.
    pub(crate) check_delivery: Option<(&'a PortalId, &'a ThreadId)>,
    /// Kept with the announcement.
    pub(crate) detail: Option<String>,
}

/// Why a message must not be posted.
pub(crate) enum Denied {
    /// Another job has posted it or is about to.
    PostedAlready,
    /// Somebody has silenced or resumed the AI since the session was read.
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
    /// What earlier runs kept under this name.
    pub(crate) fn kept(&self, effect: Effect) -> Option<&Step> {
        self.won.journal.get(&effect.to_string())
    }

    /// Whether an earlier run announced the effect and did not record it.
    pub(crate) fn is_begun(&self, effect: Effect) -> bool {
        self.kept(effect).is_some_and(|step| step.done.is_none())
    }

    /// Keeps a fact for later runs. It is written with the next write of the journal, at the latest with the job's end.
    pub(crate) fn keep(&self, effect: Effect, step: Step) {
        self.unwritten().push((effect.to_string(), step));
    }

    /// Writes what is kept and not yet written: another flow begins, which later runs must not repeat.
    pub(crate) async fn write_kept(&self) -> Result<(), FlowError> {
        let kept = std::mem::take(&mut *self.unwritten());
        match kept.as_slice() {
            [] => Ok(()),
            steps => Ok(self.tenant.bridge.store.journal_all(&self.work, &self.run, steps).await?),
        }
    }

    /// The effect that an earlier run did: recorded, or begun and found again. What is found is recorded.
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
        Ok(self.keep_found(effect, found))
    }

    /// Does an effect once. A run that finds it begun looks for it with `find` before it acts.
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
        self.act(effect, act).await
    }

    /// The same, where the claim of the job is the announcement: a run that is not the first looks before it acts.
    pub(crate) async fn once_by_claim<R: Record>(
        &self,
        effect: Effect,
        find: impl AsyncFnOnce() -> Result<Option<R>, FlowError>,
        act: impl AsyncFnOnce(&Permit<'_>) -> Result<R, FlowError>,
    ) -> Result<R, FlowError> {
        if let Some(record) = self.kept(effect).and_then(R::from_step) {
            return Ok(record);
        }
        if self.retried()
            && let Some(record) = self.keep_found(effect, find().await?)
        {
            return Ok(record);
        }
        self.act(effect, act).await
    }

    /// The same for a message to the customer. The announcement, the claim of OpenCX's message id and the check that
    /// nobody has silenced the AI are one transaction; where it is refused, nothing is posted.
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
        Ok(Ok(self.act(effect, act).await?))
    }

    /// Does something that may be repeated. A run that finds it announced and not recorded ([`Job::is_begun`]) repeats it.
    pub(crate) async fn until_done<T>(
        &self,
        effect: Effect,
        act: impl AsyncFnOnce() -> Result<T, FlowError>,
    ) -> Result<T, FlowError> {
        self.announce(effect).await?;
        let result = act().await?;
        self.keep(effect, done("told"));
        Ok(result)
    }

    async fn announce(&self, effect: Effect) -> Result<(), FlowError> {
        self.keep(effect, Step { about_to: Some(self.now()), done: None, detail: None });
        self.write_kept().await
    }

    async fn act<R: Record>(
        &self,
        effect: Effect,
        act: impl AsyncFnOnce(&Permit<'_>) -> Result<R, FlowError>,
    ) -> Result<R, FlowError> {
        let record = act(&Permit::of(&self.tenant)).await?;
        self.keep(effect, record.to_step());
        Ok(record)
    }

    fn keep_found<R: Record>(&self, effect: Effect, found: Option<R>) -> Option<R> {
        if let Some(record) = &found {
            self.keep(effect, record.to_step());
        }
        found
    }
}

/// The protocol for what is announced outside of a journal, as a thread's session is under its THREAD item.
pub(crate) async fn found_or_done<T>(
    tenant: &Tenant<'_>,
    begun: Option<Timestamp>,
    find: impl AsyncFnOnce(Timestamp) -> Result<Option<T>, FlowError>,
    act: impl AsyncFnOnce(&Permit<'_>) -> Result<T, FlowError>,
) -> Result<T, FlowError> {
    let found = match begun {
        Some(since) => find(since).await?,
        None => None,
    };
    match found {
        Some(found) => Ok(found),
        None => act(&Permit::of(tenant)).await,
    }
}

/// For effects that may be repeated: nothing is looked for.
pub(crate) async fn nothing<R>(_: Announced) -> Result<Option<R>, FlowError> {
    Ok(None)
}
