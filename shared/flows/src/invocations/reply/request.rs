//! The request and the answer of `reply`.

use crate::conversation::warning::Warning;
use crate::kernel::job::Completion;
use domain::{MessageId, OpenCxMessageId, OrgId, Reason, SessionId, ThreadId};
use serde::{Deserialize, Serialize};
use store::Session;

/// One message for the customer.
#[derive(Clone, Deserialize)]
pub struct ReplyRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// The message.
    pub message: ReplyMessage,
}

/// The message as OpenCX has it.
#[derive(Clone, Deserialize)]
pub struct ReplyMessage {
    /// OpenCX's id. A message is posted once.
    pub id: OpenCxMessageId,
    /// Plain text or markdown.
    #[serde(default)]
    pub text: String,
    /// HTML, if OpenCX has it.
    pub html: Option<String>,
    /// The speaker.
    pub sender: Speaker,
    /// The person who speaks, for `agent`.
    pub agent: Option<Agent>,
    /// Attached files.
    #[serde(default)]
    pub attachments: Vec<File>,
}

/// The speaker of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The AI. It is silent if a person owns the thread, and if it is paused or has handed off.
    Ai,
    /// A person in the OpenCX inbox.
    Agent,
    /// The customer, on a channel that is not in HubSpot.
    Contact,
}

/// A person in the OpenCX inbox.
#[derive(Clone, Default, Deserialize)]
pub struct Agent {
    /// Full name.
    pub name: Option<String>,
    /// The address by which HubSpot may know the person.
    pub email: Option<String>,
}

/// An attached file.
#[derive(Clone, Deserialize)]
pub struct File {
    /// The file's name.
    pub name: Option<String>,
    /// The file's address.
    pub url: Option<String>,
    /// The media type, such as `image/png`.
    pub mime_type: Option<String>,
}

/// The answer of `reply`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReplyAnswer {
    /// The conversation.
    pub thread_id: Option<ThreadId>,
    /// HubSpot's id of the entry.
    pub message_id: Option<MessageId>,
    /// The form in which the message was posted.
    pub posted_as: Option<PostedAs>,
    /// The e-mail signature that was appended.
    pub signature: Option<String>,
    /// The reason why the message was not posted.
    pub skipped: Option<Reason>,
    /// Parts that were not done, though the rest was.
    pub warnings: Vec<Warning>,
}

/// The form in which a reply was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostedAs {
    /// Public.
    Message,
    /// Internal: a draft.
    Comment,
    /// On the ticket.
    Note,
}

impl ReplyAnswer {
    pub(crate) fn of(session: &Session) -> Self {
        Self { thread_id: session.thread.clone(), ..Self::default() }
    }
}

/// The end of a job whose message is not posted.
pub(crate) fn skip(session: &Session, reason: Reason) -> (ReplyAnswer, Completion) {
    let answer = ReplyAnswer { skipped: Some(reason.clone()), ..ReplyAnswer::of(session) };
    (answer, Completion::skipped(reason).of_session(&session.id))
}

impl ReplyRequest {
    /// The text, with name and address of each file, so that the customer can open them.
    pub(crate) fn text_with_files(&self) -> String {
        let mut text = self.message.text.clone();
        for file in &self.message.attachments {
            let name = file.name.as_deref().unwrap_or("Attachment");
            let place = file.url.as_deref().filter(|url| url.starts_with("https://"));
            text.push_str(&place.map_or_else(|| format!("\n\n{name}"), |url| format!("\n\n{name}: {url}")));
        }
        text
    }
}
