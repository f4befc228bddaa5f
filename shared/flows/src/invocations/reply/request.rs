//! What is asked of `reply`, and what it answers (contract section 2).

use crate::conversation::warning::Warning;
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
    /// OpenCX's id: the same message is posted once.
    pub id: OpenCxMessageId,
    /// Plain text or markdown.
    #[serde(default)]
    pub text: String,
    /// HTML, where OpenCX has it.
    #[serde(default)]
    pub html: Option<String>,
    /// Who says it.
    pub sender: Speaker,
    /// The person, for `agent`.
    #[serde(default)]
    pub agent: Option<Agent>,
    /// Files that go along.
    #[serde(default)]
    pub attachments: Vec<File>,
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The AI: silent on a human-owned, paused or handed-off thread.
    Ai,
    /// A person in the OpenCX inbox.
    Agent,
    /// The customer, on a channel HubSpot only sees.
    Contact,
}

/// A person in the OpenCX inbox.
#[derive(Clone, Default, Deserialize)]
pub struct Agent {
    /// Full name.
    #[serde(default)]
    pub name: Option<String>,
    /// The address by which HubSpot may know the person.
    #[serde(default)]
    pub email: Option<String>,
}

/// A file that goes along.
#[derive(Clone, Deserialize)]
pub struct File {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub url: Option<String>,
    /// What it is, such as `image/png`.
    #[serde(default)]
    pub mime_type: Option<String>,
}

/// What became of the message.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReplyAnswer {
    /// The conversation.
    pub thread_id: Option<ThreadId>,
    /// HubSpot's id of the entry.
    pub message_id: Option<MessageId>,
    /// As what it was posted.
    pub posted_as: Option<PostedAs>,
    /// The e-mail signature that was appended.
    pub signature: Option<String>,
    /// Why it was not posted.
    pub skipped: Option<String>,
    /// What could not be done, though the rest was.
    pub warnings: Vec<Warning>,
}

/// As what a reply was posted.
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

    pub(crate) fn skipped(session: &Session, reason: &Reason) -> Self {
        Self { skipped: Some(reason.to_string()), ..Self::of(session) }
    }
}

impl ReplyRequest {
    /// The text; files are named in it with their address, so that the customer can reach them.
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
