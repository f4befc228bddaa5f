//! The right to post. One transaction checks that no other work posts the message and that no person has silenced the AI.

use crate::session::state::{Session, hour};
use crate::table::{Key, Refusal, Store, StoreError, Transacted, Write, number, text, time, word};
use crate::work::delivery_check::delivery_check_of;
use crate::work::finish::{mine, with_steps};
use crate::work::journal::Step;
use crate::work::terms::{Run, Work};
use domain::{AiState, MessageId, OpenCxMessageId, OrgId, PortalId, SessionId, ThreadId};
use jiff::Timestamp;

/// A message of OpenCX is known to be posted for so long; repeats come within days.
const POSTED_S: i64 = 30 * 86_400;

/// A post that a run is about to make.
#[derive(Debug, Clone)]
pub struct AboutToPost<'a> {
    /// The work it belongs to.
    pub work: &'a Work,
    /// The run that posts.
    pub run: &'a Run,
    /// The journal entry of the post.
    pub step: (&'a str, &'a Step),
    /// Entries written with it.
    pub more_steps: &'a [(&'a str, &'a Step)],
    /// The message as OpenCX names it, where it has a name: it is posted by one work only.
    pub posted: Option<(&'a OrgId, &'a OpenCxMessageId)>,
    /// The conditions on the session.
    pub session: Option<PostGuard>,
    /// The thread of a public message that gets a delivery check.
    pub delivery_check: Option<(&'a PortalId, &'a ThreadId)>,
    /// When.
    pub now: Timestamp,
}

/// The conditions on a session, and the changes that the post makes in it.
#[derive(Debug, Clone)]
pub struct PostGuard {
    /// The organization.
    pub org: OrgId,
    /// The session.
    pub session: SessionId,
    /// Its `ai_epoch` when the run read it: nobody has silenced or resumed the AI since.
    pub ai_epoch: u64,
    /// The AI may speak.
    pub require_active: bool,
    /// It counts as an answer of this hour.
    pub count_answer: bool,
    /// HubSpot will assign the thread to the AI user because of it.
    pub own_assignment: bool,
}

/// Whether the run may post.
#[derive(Debug)]
pub enum PostRight {
    /// The run may post, and must: everything is recorded as if it will.
    Granted,
    /// Another work posts the message, or has posted it.
    PostedAlready {
        /// The work that has it, by name.
        by: String,
        /// Its id in HubSpot, where that is known.
        message: Option<MessageId>,
    },
    /// Somebody has silenced or resumed the AI since. This is the session as it is now.
    Silenced(Box<Session>),
    /// The work belongs to another run.
    LostRun,
}

impl Store {
    /// Takes the right to post, in one transaction.
    ///
    /// The conditions: the run still holds the work, no other work has the message, and the session's `ai_epoch` is the
    /// same. If all hold, everything is recorded together; else nothing is. Of two works with one message exactly one is
    /// granted. A later run of the same work is granted again, unless the message is known to be there.
    pub fn about_to_post<'s>(
        &'s self,
        post: &AboutToPost<'_>,
    ) -> impl Future<Output = Result<PostRight, StoreError>> + Send + use<'s> {
        let steps = std::iter::once(&post.step).chain(post.more_steps).map(|(name, step)| (*name, *step));
        let mut writes = vec![with_steps(mine(post.work, post.run), steps)];
        writes.extend(post.posted.map(|(org, message)| take_message(org, message, post)));
        writes.extend(post.session.as_ref().map(|guard| guarded(guard, post.now)));
        let watched =
            post.delivery_check.map(|(portal, thread)| delivery_check_of(post.work, portal, thread, post.now));
        writes.extend(watched);
        let (has_posted, guard) = (post.posted.is_some(), post.session.clone());
        async move {
            let mut refusals = match self.transact("take the right to post", writes).await? {
                Transacted::Yes => return Ok(PostRight::Granted),
                Transacted::No(refusals) => refusals.into_iter(),
            };
            if let Some(Refusal::Failed(_)) = refusals.next() {
                return Ok(PostRight::LostRun);
            }
            if has_posted && let Some(Refusal::Failed(Some(posted))) = refusals.next() {
                return Ok(PostRight::PostedAlready {
                    by: posted.text("by")?.to_owned(),
                    message: posted.parsed_if("message")?,
                });
            }
            match (refusals.next(), guard) {
                (Some(Refusal::Failed(Some(session))), _) => {
                    Ok(PostRight::Silenced(Box::new(Session::read(&session)?)))
                }
                (Some(Refusal::Failed(None)), Some(guard)) => {
                    Err(StoreError::corrupt(Key::session(&guard.org, &guard.session), "the session of a post is gone"))
                }
                _ => Err(StoreError::no_reason("take the right to post")),
            }
        }
    }

    /// Records the HubSpot id of a message of OpenCX; the first id stays. A rep's reply is recorded before OpenCX hears of
    /// it, so that OpenCX cannot have it posted a second time.
    pub async fn posted(
        &self,
        org: &OrgId,
        message: &OpenCxMessageId,
        hubspot: &MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let write = Write::update(Key::posted(org, message))
            .keep("by", text("hubspot"))
            .keep("expires_at", number(now.as_second().saturating_add(POSTED_S)))
            .keep("message", text(hubspot.as_str()))
            .in_any_case();
        self.write("record a post", write).await.map(drop)
    }
}

fn take_message(org: &OrgId, message: &OpenCxMessageId, post: &AboutToPost<'_>) -> Write {
    let by = post.work.to_string();
    Write::update(Key::posted(org, message))
        .set("by", text(&by))
        .set("taken_at", time(post.now))
        .set("expires_at", number(post.now.as_second().saturating_add(POSTED_S)))
        .remove(["message"])
        .if_absent_or("#expires_at <= :now OR (#by = :by AND attribute_not_exists(#message))")
        .with("now", number(post.now.as_second()))
        .with("by", text(by))
}

fn guarded(guard: &PostGuard, now: Timestamp) -> Write {
    let write = Write::update(Key::session(&guard.org, &guard.session));
    let write = if guard.count_answer { write.count("answers", hour(now).to_string()) } else { write };
    let write = if guard.own_assignment { write.set("own_assignment_at", time(now)) } else { write };
    let active = if guard.require_active { " AND #ai = :active" } else { "" };
    write
        .only_if(&format!("#ai_epoch = :epoch{active}"))
        .with("epoch", number(guard.ai_epoch))
        .with("active", word(AiState::Active))
}
