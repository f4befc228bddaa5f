//! Posts the AI's answer into the HubSpot thread once, and never after a person has taken the conversation.

use crate::conversation::addressee::Addressee;
use crate::conversation::incoming::Incoming;
use crate::conversation::posting::{self, Lost, ai_user};
use crate::conversation::signing::{SignedWords, sign};
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::{Announced, Effect, Posted, Right, nothing};
use domain::{ActorId, Client, Decision, Message, MessageKind, Reason};
use opencx::{AiMessage, Answer};
use std::time::Duration;
use store::{Milestone, Session};

/// How long the thread's owner counts as known while the AI thinks. Later, the owner is read again before the post.
const OWNER_VALID: Duration = Duration::from_secs(2);

/// How long a message counts as unanswered. Later, the thread's newer messages are read before the post.
const UNANSWERED_VALID: Duration = Duration::from_secs(120);

pub(super) struct Saying<'a> {
    pub(super) answer: &'a Answer,
    /// Assist Mode is on: the answer becomes an internal comment.
    pub(super) draft: bool,
    /// The time that the AI took for the answer.
    pub(super) thought_for: Duration,
}

/// Posts the answer. The completion says why where nothing is posted.
pub(super) async fn post_answer(
    job: &Job<'_>,
    incoming: &Incoming,
    session: &Session,
    saying: Saying<'_>,
) -> Result<Completion, FlowError> {
    let finish = |completion: Completion| Ok(completion.of_session(&session.id));
    let Some(message) = words_of(saying.answer) else { return finish(without_words(saying.answer)) };
    let to = (!saying.draft).then(|| Addressee::of(&incoming.message, &incoming.thread)).transpose()?;
    let SignedWords { words, pattern } = match &to {
        None if incoming.channel().takes_apps_messages() => {
            SignedWords { words: domain::ai_draft(&message.text), pattern: None }
        }
        None => SignedWords { words: domain::ai_unsendable(&message.text), pattern: None },
        Some(to) => sign(&job.tenant, to, domain::ai_reply(&message.text, None)).await?,
    };
    if let Some(reason) = last_look(job, incoming, session, &saying).await? {
        return finish(Completion::skipped(reason));
    }
    let right = Right {
        message: message.id.as_ref(),
        guard: (!saying.draft).then(|| posting::guard(session, true, true)),
        check_delivery: (!saying.draft).then_some((&job.tenant.connection.portal, &incoming.thread.id)),
        detail: pattern.clone(),
    };
    let speaker = ai_user(job)?;
    let post = async |permit: &Permit<'_>| {
        let posted = match &to {
            None => posting::comment(permit, &incoming.thread, &words).await?,
            Some(to) => posting::message(permit, to, speaker, &words).await?,
        };
        Ok(Posted { message: posted, pattern })
    };
    // `earlier_post` has searched for the post of an earlier run already and found nothing.
    let posted: Result<Posted, _> = job.once_if_allowed(Effect::Post, right, nothing, post).await?;
    if let Err(denied) = posted {
        return finish(Completion::skipped(denied.reason()));
    }
    job.tenant.record_milestone(Milestone::Answer).await;
    finish(Completion::done(if saying.draft { "the draft is on the thread" } else { "the answer is on the thread" }))
}

fn words_of(answer: &Answer) -> Option<&AiMessage> {
    answer.message.as_ref().filter(|message| !message.text.trim().is_empty())
}

/// The code of OpenCX says why there are no words: <https://docs.open.cx/api-reference>.
fn without_words(answer: &Answer) -> Completion {
    match answer.code.as_deref() {
        Some("session_assigned_to_human_agent" | "response_cancelled") => Completion::skipped(Reason::HandedOff),
        _ if answer.handed_off => Completion::done("the AI handed off without words"),
        _ => Completion::done("OpenCX answers later"),
    }
}

/// The completion of an earlier run's answer, if it is on the thread or has no words.
pub(super) async fn earlier_post(
    job: &Job<'_>,
    incoming: &Incoming,
    answer: &Answer,
) -> Result<Option<Completion>, FlowError> {
    let Some(message) = words_of(answer) else { return Ok(Some(without_words(answer))) };
    let find = async |announced: Announced| {
        let (since, signed, text) = (announced.since, announced.detail.is_some(), &message.text);
        for words in [domain::ai_reply(text, None), domain::ai_draft(text), domain::ai_unsendable(text)] {
            let lost = Lost { words: &words, since, signed };
            if let Some(posted) = posting::find(job, &incoming.thread, &lost).await? {
                return Ok(Some(Posted { message: posted, pattern: announced.detail }));
            }
        }
        Ok(None)
    };
    let posted = job.earlier(Effect::Post, find).await?;
    Ok(posted.map(|_| Completion::done("the answer is on the thread")))
}

/// Why the answer must not be posted any more: a person has answered meanwhile, or the thread has a new owner.
async fn last_look(
    job: &Job<'_>,
    incoming: &Incoming,
    session: &Session,
    saying: &Saying<'_>,
) -> Result<Option<Reason>, FlowError> {
    if saying.draft {
        return Ok(None);
    }
    let late = job.now().duration_since(incoming.message.created_at).unsigned_abs() > UNANSWERED_VALID;
    let again = job.retried() || late;
    if again {
        let recent = job.tenant.portal.messages(&incoming.thread.id, 30).await?;
        if recent.iter().any(|entry| answered_by_person(job, entry, &incoming.message)) {
            return Ok(Some(Reason::AnsweredByHuman));
        }
    }
    let legacy = job.tenant.connection.auth == store::Auth::PrivateApp;
    if saying.thought_for <= OWNER_VALID && !legacy && !again {
        return Ok(None);
    }
    let thread = job.tenant.portal.thread(&incoming.thread.id).await?;
    Ok(match incoming.decide_with(job, &thread, Some(session)) {
        Decision::Answer { .. } | Decision::TooManyAnswers => None,
        Decision::StoreAsContact(reason) | Decision::Skip(reason) => Some(reason),
        Decision::StoreAsAgent | Decision::StoreAsNote => Some(Reason::NotAiOwner),
    })
}

fn answered_by_person(job: &Job<'_>, entry: &Message, question: &Message) -> bool {
    let by_us = matches!(&entry.client, Client::Integration(Some(app)) if job.tenant.connection.apps.contains(app));
    entry.kind == MessageKind::Message
        && !by_us
        && entry.created_at > question.created_at
        && entry.senders.iter().any(|sender| matches!(sender.actor, Some(ActorId::Agent(_))))
}
