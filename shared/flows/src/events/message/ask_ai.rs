//! Sends the customer's words to OpenCX once and gets the AI's answer.

use crate::conversation::incoming::{Incoming, probes};
use crate::conversation::words;
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::{Effect, Record};
use domain::{MessageId, OpenCxMessageId, Reason, Sentiment, SessionStatus, normalised};
use jiff::Timestamp;
use opencx::{AiMessage, Answer, ContactMessage, HistoryEvent, Resolution, Sender};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use store::{Session, Step};

/// The longest time for which a job waits for an answer. A later answer comes through `reply`.
const LONGEST_ANSWER: Duration = Duration::from_secs(90);

/// The AI's answer.
pub(super) struct AiReply {
    pub(super) answer: Answer,
    /// The time of the question, where an earlier run sent it.
    pub(super) thinking_since: Option<Timestamp>,
}

/// Asks the AI, or reads its answer to the question of an earlier run. The journal keeps the answer.
pub(super) async fn ask(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<AiReply, FlowError> {
    let find = async || look(job, incoming, session).await;
    let send = async |permit: &Permit<'_>| {
        let answer = send(permit, incoming, session).await?;
        if answer.code.as_deref() == Some("ai_error") {
            return Err(FlowError::Impossible {
                reason: Reason::OpencxUnavailable,
                message: "the AI of OpenCX failed".to_owned(),
            });
        }
        Ok(AiReply { answer, thinking_since: None })
    };
    job.once_by_claim(Effect::Answer, find, send).await
}

/// Stores the customer's words on a session with a silent AI.
pub(super) async fn tell(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<(), FlowError> {
    let find = async || Ok(sent(job, incoming, session).await?.map(|_| incoming.message.id.clone()));
    let send = async |permit: &Permit<'_>| {
        send(permit, incoming, session).await?;
        Ok(incoming.message.id.clone())
    };
    job.once_by_claim(Effect::Told, find, send).await.map(|_: MessageId| ())
}

async fn send(permit: &Permit<'_>, incoming: &Incoming, session: &Session) -> Result<Answer, FlowError> {
    let (text, files) = (words::words(incoming), words::files(incoming));
    let message = ContactMessage { text, files, custom_data: probes(incoming) };
    permit.customers_words(&session.id, &message).await
}

/// The session at OpenCX, if it has an earlier run's message. `None`: no earlier run has sent the message.
///
/// The session's custom data names the last message sent. A replayed message is older, so its words are searched.
async fn sent(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<Option<SentMessage>, FlowError> {
    let there = job.tenant.opencx().await?.session(&session.id).await?;
    let probed = there.custom_data.get("hubspot_message_id").and_then(Value::as_str) == Some(incoming.probe().as_str());
    if !probed && !job.won.replayed {
        return Ok(None);
    }
    let events = job.tenant.opencx().await?.history(&session.id).await?;
    let found = probed || ours(&events, incoming).is_some();
    Ok(found.then_some(SentMessage { there, events }))
}

struct SentMessage {
    there: opencx::OpenCxSession,
    events: Vec<HistoryEvent>,
}

/// The answer to an earlier run's message. `None`: the message was not sent. While the AI still thinks, the job waits.
async fn look(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<Option<AiReply>, FlowError> {
    let Some(SentMessage { there, events }) = sent(job, incoming, session).await? else { return Ok(None) };
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
        return Ok(Some(AiReply { answer: Answer::default(), thinking_since: Some(sent_at) }));
    }
    let resolution = Resolution { summary: there.summary, sentiment: there.sentiment };
    let answer = Answer { message, handed_off: there.handed_off, resolved: resolved.then_some(resolution), code: None };
    Ok(Some(AiReply { answer, thinking_since: Some(sent_at) }))
}

/// The customer's message in the session: the last one with these words.
fn ours<'e>(events: &'e [HistoryEvent], incoming: &Incoming) -> Option<(usize, &'e HistoryEvent)> {
    let words = normalised(&words::words(incoming));
    events.iter().enumerate().rfind(|(_, event)| event.sender == Sender::Contact && normalised(&event.text) == words)
}

/// The AI's message between this message of the customer and the next one.
fn answer_to(events: &[HistoryEvent], incoming: &Incoming) -> Option<AiMessage> {
    let (position, _) = ours(events, incoming)?;
    let after = events.iter().skip(position + 1).take_while(|event| event.sender != Sender::Contact);
    let answer = after.into_iter().find(|event| event.sender == Sender::Ai && !event.text.trim().is_empty())?;
    Some(AiMessage { id: answer.id.clone(), text: answer.text.clone() })
}

/// The AI's answer in the journal.
#[derive(Serialize, Deserialize)]
struct KeptAnswer {
    id: Option<OpenCxMessageId>,
    text: Option<String>,
    handed_off: bool,
    resolved: Option<(Option<String>, Option<Sentiment>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

impl Record for AiReply {
    fn to_step(&self) -> Step {
        let Answer { message, handed_off, resolved, code } = &self.answer;
        let kept = KeptAnswer {
            id: message.as_ref().and_then(|message| message.id.clone()),
            text: message.as_ref().map(|message| message.text.clone()),
            handed_off: *handed_off,
            resolved: resolved.as_ref().map(|r| (r.summary.clone(), r.sentiment)),
            code: code.clone(),
        };
        Step { about_to: None, done: None, detail: serde_json::to_string(&kept).ok() }
    }

    fn from_step(step: &Step) -> Option<Self> {
        let kept: KeptAnswer = serde_json::from_str(step.detail.as_deref()?).ok()?;
        let answer = Answer {
            message: kept.text.map(|text| AiMessage { id: kept.id, text }),
            handed_off: kept.handed_off,
            resolved: kept.resolved.map(|(summary, sentiment)| Resolution { summary, sentiment }),
            code: kept.code,
        };
        Some(Self { answer, thinking_since: None })
    }
}
