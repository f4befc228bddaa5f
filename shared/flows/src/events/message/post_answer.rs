//! The AI's answer into the HubSpot thread: once, and never over a person.

use crate::conversation::addressee::Addressee;
use crate::conversation::incoming::Incoming;
use crate::conversation::posting::{self, ai_user};
use crate::conversation::signing::{Signed, sign};
use crate::events::message::ask_ai::KeptAnswer;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job, done};
use domain::{ActorId, Client, Decision, Message, MessageKind, Reason};
use opencx::Answer;
use std::time::Duration;
use store::{AboutToPost, First, PostGuard, PostRight, Session, Step};

/// An answer that took longer is posted only after another look at who owns the thread.
pub(crate) const QUICK: Duration = Duration::from_secs(2);

/// A message that comes so much later than it was written may have been answered by a person meanwhile.
const LATE: Duration = Duration::from_secs(120);

pub(crate) struct Saying<'a> {
    pub(crate) answer: &'a Answer,
    /// As an internal comment, because Assist Mode is on.
    pub(crate) draft: bool,
    /// The AI thought for longer than [`QUICK`].
    pub(crate) slow: bool,
}

/// Posts the answer, or says why not.
pub(crate) async fn post_answer(
    job: &Job<'_>,
    incoming: &Incoming,
    session: &Session,
    saying: Saying<'_>,
) -> Result<Completion, FlowError> {
    let finish = |finish: Completion| finish.of_session(&session.id);
    let Some(message) = saying.answer.message.as_ref().filter(|message| !message.text.trim().is_empty()) else {
        return without_words(saying.answer)
            .map(|wordless| finish(wordless.with_step("answer", KeptAnswer::step(saying.answer))));
    };
    let to = (!saying.draft).then(|| Addressee::of(&incoming.message, &incoming.thread)).transpose()?;
    let Signed { words, pattern } = match &to {
        None if incoming.channel().takes_apps_messages() => {
            Signed { words: domain::ai_draft(&message.text), pattern: None }
        }
        None => Signed { words: domain::ai_unsendable(&message.text), pattern: None },
        Some(to) => sign(&job.tenant, to, domain::ai_reply(&message.text, None)).await?,
    };
    if let Some(reason) = last_look(job, incoming, session, &saying).await? {
        return Ok(finish(Completion::skipped(reason).with_step("answer", KeptAnswer::step(saying.answer))));
    }
    let right = job.tenant.bridge.store.about_to_post(&AboutToPost {
        work: &job.work,
        run: &job.run,
        step: ("post", &Step { about_to: Some(job.now()), done: None, detail: pattern.clone() }),
        more_steps: &[("answer", &KeptAnswer::step(saying.answer))],
        posted: message.id.as_ref().map(|id| (&session.org, id)),
        session: (!saying.draft).then(|| PostGuard {
            org: session.org.clone(),
            session: session.id.clone(),
            ai_epoch: session.ai_epoch,
            require_active: true,
            count_answer: true,
            own_assignment: true,
        }),
        watch: (!saying.draft).then_some((&job.tenant.connection.portal, &incoming.thread.id)),
        now: job.now(),
    });
    match right.await? {
        PostRight::Granted => {}
        PostRight::PostedAlready { .. } => return Ok(finish(Completion::skipped(Reason::Duplicate))),
        PostRight::Silenced(now) => {
            let reason = if now.ai == domain::AiState::Paused { Reason::Paused } else { Reason::NotAiOwner };
            return Ok(finish(Completion::skipped(reason)));
        }
        PostRight::LostRun => return Err(FlowError::Store(store::StoreError::LostRun)),
    }
    let posted = match &to {
        None => posting::comment(&job.tenant, &incoming.thread, &words).await?,
        Some(to) => posting::message(&job.tenant, to, ai_user(job)?, &words).await?,
    };
    job.tenant.record_first(First::Answer).await;
    let detail = if saying.draft { "the draft is on the thread" } else { "the answer is on the thread" };
    Ok(finish(Completion::done(detail).with_step("post", Step { detail: pattern, ..done(posted.as_str()) })))
}

/// No words to post: OpenCX says why in its code (facts on the backend, "Send message").
fn without_words(answer: &Answer) -> Result<Completion, FlowError> {
    match answer.code.as_deref() {
        Some("session_assigned_to_human_agent" | "response_cancelled") => Ok(Completion::skipped(Reason::HandedOff)),
        Some("ai_error") => {
            Err(FlowError::Impossible { reason: Reason::OpencxUnavailable, message: "the AI failed".to_owned() })
        }
        _ if answer.handed_off => Ok(Completion::done("the AI handed off without words")),
        _ => Ok(Completion::done("OpenCX answers later")),
    }
}

/// Whether an earlier run's answer is on the thread, or needs no posting.
pub(crate) async fn already_posted(
    job: &Job<'_>,
    incoming: &Incoming,
    answer: &Answer,
) -> Result<Option<Completion>, FlowError> {
    let there = |id: &str| Completion::done("the answer is on the thread").with_step("post", done(id));
    let step = job.earlier("post");
    if let Some(posted) = step.and_then(|step| step.done.as_deref()) {
        return Ok(Some(there(posted)));
    }
    let Some(message) = answer.message.as_ref().filter(|message| !message.text.trim().is_empty()) else {
        return without_words(answer).map(Some);
    };
    let Some(since) = step.and_then(|step| step.about_to) else { return Ok(None) };
    let signed = step.is_some_and(|step| step.detail.is_some());
    let text = &message.text;
    for words in [domain::ai_reply(text, None), domain::ai_draft(text), domain::ai_unsendable(text)] {
        let lost = posting::Lost { words: &words, since, signed };
        if let Some(posted) = posting::find(&job.tenant, &job.work, &incoming.thread, &lost).await? {
            return Ok(Some(there(posted.as_str())));
        }
    }
    Ok(None)
}

/// Who owns the thread now, and whether a person has answered: looked at again where time has passed.
async fn last_look(
    job: &Job<'_>,
    incoming: &Incoming,
    session: &Session,
    saying: &Saying<'_>,
) -> Result<Option<Reason>, FlowError> {
    if saying.draft {
        return Ok(None);
    }
    let late = job.now().duration_since(incoming.message.created_at).unsigned_abs() > LATE;
    let again = job.retried() || late;
    if again {
        let recent = job.tenant.portal.messages(&incoming.thread.id, 30).await?;
        if recent.iter().any(|entry| answered_by_person(job, entry, &incoming.message)) {
            return Ok(Some(Reason::AnsweredByHuman));
        }
    }
    let legacy = job.tenant.connection.auth == store::Auth::PrivateApp;
    if !saying.slow && !legacy && !again {
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
