//! What is said on a session. Every send is a write that must not be repeated.

use crate::answer::{Answer, Sent};
use crate::client::{Ask, Org};
use crate::error::OpenCxError;
use crate::session;
use crate::wire::{Tree, flat};
use domain::{NamedFile, OpenCxMessageId, SessionId};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// The AI thinks while the call waits.
const THINKING: Duration = Duration::from_secs(75);

/// What the customer says.
#[derive(Clone)]
pub struct ContactMessage {
    /// The customer's words; may be empty where files go along.
    pub text: String,
    /// Files that go along; those without an address do not.
    pub files: Vec<NamedFile>,
    /// Merged into the session's. Nested values are sent as JSON text, because OpenCX refuses them.
    pub custom_data: BTreeMap<String, Value>,
}

debug_only!(ContactMessage {});

/// What a human agent says to the customer.
#[derive(Clone)]
pub struct AgentMessage {
    /// The agent's words; may be empty where files go along.
    pub text: String,
    /// As in [`ContactMessage`].
    pub files: Vec<NamedFile>,
    /// Shown as the sender.
    pub agent_name: Option<String>,
    /// As in [`ContactMessage`].
    pub custom_data: BTreeMap<String, Value>,
}

debug_only!(AgentMessage {});

impl Org {
    /// Says the customer's words to the session and waits for the AI's answer, 75 s at most. Not repeatable.
    pub async fn send_as_contact(&self, id: &SessionId, message: &ContactMessage) -> Result<Answer, OpenCxError> {
        let body = SendRequest {
            sender: "contact",
            message: TextRequest::of(&message.text, &message.files),
            custom_data: flat(&message.custom_data),
            agent: None,
            should_take_over_session_from_ai: None,
        };
        let ask = Ask::post("send a message as the contact", session::path(id).then("send"), &body).within(THINKING);
        let sent: Sent = self.fetch::<Tree, _>(ask).await?;
        Ok(sent.answer())
    }

    /// Records a human agent's words; the id is OpenCX's, where it tells. Who may speak is not changed. Not repeatable.
    pub async fn send_as_agent(
        &self,
        id: &SessionId,
        message: &AgentMessage,
    ) -> Result<Option<OpenCxMessageId>, OpenCxError> {
        let body = SendRequest {
            sender: "agent",
            message: TextRequest::of(&message.text, &message.files),
            custom_data: flat(&message.custom_data),
            agent: message.agent_name.as_deref().map(|name| AgentRequest { name }),
            // Whether the AI may speak is decided by the thread's owner, and told on its own.
            should_take_over_session_from_ai: Some(false),
        };
        let ask = Ask::post("send a message as an agent", session::path(id).then("send"), &body);
        let sent: Sent = self.fetch::<Tree, _>(ask).await?;
        Ok(sent.own_id())
    }
}

#[derive(Serialize)]
struct SendRequest<'a> {
    sender: &'static str,
    message: TextRequest<'a>,
    custom_data: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<AgentRequest<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    should_take_over_session_from_ai: Option<bool>,
}

#[derive(Serialize)]
struct TextRequest<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<FileRequest<'a>>,
}

#[derive(Serialize)]
struct FileRequest<'a> {
    name: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'a str>,
}

impl<'a> TextRequest<'a> {
    fn of(text: &'a str, files: &'a [NamedFile]) -> Self {
        let file = |file: &'a NamedFile| {
            let url = file.url.as_deref()?;
            Some(FileRequest {
                name: file.name.as_deref().unwrap_or("file"),
                url,
                mime_type: file.mime_type.as_deref(),
            })
        };
        Self { kind: "text", text, attachments: files.iter().filter_map(file).collect() }
    }
}

#[derive(Serialize)]
struct AgentRequest<'a> {
    name: &'a str,
}
