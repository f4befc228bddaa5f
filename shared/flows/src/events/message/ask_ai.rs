//! The customer's words to OpenCX, once, and the AI's answer back.

use crate::conversation::incoming::{Incoming, probes};
use crate::conversation::words;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{OpenCxMessageId, Reason, Sentiment, SessionStatus, normalised};
use jiff::Timestamp;
use opencx::{AiMessage, Answer, ContactMessage, HistoryEvent, Resolution, Sender};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use store::{Session, Step};

/// After this time without an answer, OpenCX will bring it through `reply`.
const LONGEST_ANSWER: Duration = Duration::from_secs(90);

/// The answer, and since when it was thought about where an earlier run asked.
pub(crate) struct Asked {
    pub(crate) answer: Answer,
    pub(crate) thinking_since: Option<Timestamp>,
}

/// Asks the AI, or finds out what it answered to an earlier run.
pub(crate) async fn ask(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<Asked, FlowError> {
    if let Some(answer) = KeptAnswer::of(job) {
        return Ok(Asked { answer, thinking_since: None });
    }
    if let Some(asked) = look(job, incoming, session).await? {
        return Ok(asked);
    }
    let answer = send(job, incoming, session).await?;
    Ok(Asked { answer, thinking_since: None })
}

/// Puts the customer's words on a session whose AI is silent.
pub(crate) async fn tell(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<(), FlowError> {
    if job.earlier("told").is_none() && sent(job, incoming, session).await?.is_none() {
        send(job, incoming, session).await?;
    }
    Ok(())
}

async fn send(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<Answer, FlowError> {
    let (text, files) = (words::words(incoming), words::files(incoming));
    let message = ContactMessage { text, files, custom_data: probes(incoming) };
    Ok(job.tenant.opencx().await?.send_as_contact(&session.id, &message).await?)
}

/// What OpenCX has of the session, where an earlier run's message is on it. The claim itself is "about to send".
///
/// The probe tells of the last message that was sent; a replayed one is older, and found by its words.
async fn sent(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<Option<Sent>, FlowError> {
    if !job.retried() {
        return Ok(None);
    }
    let there = job.tenant.opencx().await?.session(&session.id).await?;
    let probed = there.custom_data.get("hubspot_message_id").and_then(Value::as_str) == Some(incoming.probe().as_str());
    if !probed && !job.won.replayed {
        return Ok(None);
    }
    let events = job.tenant.opencx().await?.history(&session.id).await?;
    let found = probed || ours(&events, incoming).is_some();
    Ok(found.then_some(Sent { there, events }))
}

struct Sent {
    there: opencx::Session,
    events: Vec<HistoryEvent>,
}

/// What became of an earlier run's message: nothing, or its answer, or it is still being thought about.
async fn look(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<Option<Asked>, FlowError> {
    let Some(Sent { there, events }) = sent(job, incoming, session).await? else { return Ok(None) };
    let sent_at = ours(&events, incoming).map_or(job.run.started_at, |(_, event)| event.at);
    let message = answer_to(&events, incoming);
    let resolved = there.status != SessionStatus::Open;
    if message.is_none() && !there.handed_off && !resolved {
        if job.now().duration_since(sent_at).unsigned_abs() < LONGEST_ANSWER {
            return Err(FlowError::Wait {
                after: Duration::from_secs(2),
                reason: Reason::OpencxUnavailable,
                why: "the AI is still thinking about the message an earlier run sent",
            });
        }
        return Ok(Some(Asked { answer: Answer::default(), thinking_since: Some(sent_at) }));
    }
    let resolution = Resolution { summary: there.summary, sentiment: there.sentiment };
    let answer = Answer { message, handed_off: there.handed_off, resolved: resolved.then_some(resolution), code: None };
    Ok(Some(Asked { answer, thinking_since: Some(sent_at) }))
}

/// The customer's message among the session's events: the last one with these words.
fn ours<'e>(events: &'e [HistoryEvent], incoming: &Incoming) -> Option<(usize, &'e HistoryEvent)> {
    let words = normalised(&words::words(incoming));
    events.iter().enumerate().rfind(|(_, event)| event.sender == Sender::Contact && normalised(&event.text) == words)
}

/// The AI's message that follows the customer's, before the customer's next.
fn answer_to(events: &[HistoryEvent], incoming: &Incoming) -> Option<AiMessage> {
    let (position, _) = ours(events, incoming)?;
    let after = events.iter().skip(position + 1).take_while(|event| event.sender != Sender::Contact);
    let answer = after.into_iter().find(|event| event.sender == Sender::Ai && !event.text.trim().is_empty())?;
    Some(AiMessage { id: answer.id.clone(), text: answer.text.clone() })
}

/// The AI's answer as the journal keeps it.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptAnswer {
    id: Option<OpenCxMessageId>,
    text: Option<String>,
    handed_off: bool,
    resolved: Option<(Option<String>, Option<Sentiment>)>,
}

impl KeptAnswer {
    pub(crate) fn of(job: &Job<'_>) -> Option<Answer> {
        let kept: Self = serde_json::from_str(job.earlier("answer")?.detail.as_deref()?).ok()?;
        Some(Answer {
            message: kept.text.map(|text| AiMessage { id: kept.id, text }),
            handed_off: kept.handed_off,
            resolved: kept.resolved.map(|(summary, sentiment)| Resolution { summary, sentiment }),
            code: None,
        })
    }

    pub(crate) fn step(answer: &Answer) -> Step {
        let kept = Self {
            id: answer.message.as_ref().and_then(|message| message.id.clone()),
            text: answer.message.as_ref().map(|message| message.text.clone()),
            handed_off: answer.handed_off,
            resolved: answer.resolved.as_ref().map(|r| (r.summary.clone(), r.sentiment)),
        };
        Step { about_to: None, done: None, detail: serde_json::to_string(&kept).ok() }
    }
}
