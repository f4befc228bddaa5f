//! Messages on a session. Every send is a write that must not be repeated.

use crate::answer::{Answer, Sent};
use crate::client::Org;
use crate::error::OpenCxError;
use crate::session;
use crate::wire::{Tree, flat};
use domain::{NamedFile, OpenCxMessageId, SessionId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use transport::debug_only;
use transport::json::{JsonCall, without_nulls};

/// The AI thinks while the call waits.
const THINKING: Duration = Duration::from_secs(75);

/// A message of the customer.
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

/// A message of a human agent to the customer.
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
    /// Sends the customer's words to the session and waits for the AI's answer, 75 s at most. Not repeatable.
    pub async fn send_as_contact(&self, id: &SessionId, message: &ContactMessage) -> Result<Answer, OpenCxError> {
        let body = json!({
            "sender": "contact",
            "message": text_request(&message.text, &message.files),
            "custom_data": flat(&message.custom_data),
        });
        let path = session::path(id).then("send");
        let call = JsonCall::post_once("send a message as the contact", path, &body).within(THINKING);
        let sent: Sent = self.fetch::<Tree, _>(call).await?;
        Ok(sent.answer())
    }

    /// Records a human agent's words, and gives OpenCX's id of them, if there is one. The AI may speak afterwards if it
    /// could before. Not repeatable.
    pub async fn send_as_agent(
        &self,
        id: &SessionId,
        message: &AgentMessage,
    ) -> Result<Option<OpenCxMessageId>, OpenCxError> {
        let body = without_nulls(json!({
            "sender": "agent",
            "message": text_request(&message.text, &message.files),
            "custom_data": flat(&message.custom_data),
            "agent": message.agent_name.as_ref().map(|name| json!({"name": name})),
            // The thread's owner decides whether the AI may speak, and a call of its own says so.
            "should_take_over_session_from_ai": false,
        }));
        let call = JsonCall::post_once("send a message as an agent", session::path(id).then("send"), &body);
        let sent: Sent = self.fetch::<Tree, _>(call).await?;
        Ok(sent.own_id())
    }
}

fn text_request(text: &str, files: &[NamedFile]) -> Value {
    let file = |file: &NamedFile| {
        let (name, url) = (file.name.as_deref().unwrap_or("file"), file.url.as_deref()?);
        Some(without_nulls(json!({"name": name, "url": url, "mime_type": file.mime_type})))
    };
    let files: Vec<Value> = files.iter().filter_map(file).collect();
    without_nulls(json!({"type": "text", "text": text, "attachments": (!files.is_empty()).then_some(files)}))
}
