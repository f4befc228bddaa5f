//! What travels through the events queue.

use crate::kernel::ports::ThreadReturn;
use domain::{DedupKey, EventKind, HubSpotEvent, OrgId, PortalId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The newest generation of message bodies this code reads. Each message is written in the oldest one that has it, so
/// that while versions change only what an older worker cannot know waits for a newer one.
pub const MESSAGE_SCHEMA: u32 = 3;

/// A message body with its generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Generation of `message`; a newer one than [`MESSAGE_SCHEMA`] is left for the newer version.
    pub schema: u32,
    /// The message.
    pub message: Message,
    /// When a timer was to bring it, where one did: how late it is, is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Envelope {
    /// The body to put into the queue.
    pub fn body(message: &Message) -> String {
        serde_json::json!({ "schema": message.schema(), "message": message }).to_string()
    }

    /// The body of a message that a timer brings.
    pub fn timed(message: &Message, due: Timestamp) -> String {
        serde_json::json!({ "schema": message.schema(), "message": message, "due": due }).to_string()
    }

    /// Whether a body is of a generation that only a newer version can read.
    pub fn is_newer(body: &str) -> bool {
        let schema = |v: serde_json::Value| v.get("schema").and_then(serde_json::Value::as_u64);
        serde_json::from_str(body).ok().and_then(schema) > Some(MESSAGE_SCHEMA.into())
    }
}

/// Something `events` has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// A HubSpot event, with the door it came through; one of a handoff's timeout since generation 3.
    Event {
        /// Who vouched for it.
        door: Door,
        /// The event.
        event: HubSpotEvent,
        /// When `webhook` took it.
        received_at: Timestamp,
    },
    /// The e-mail delay of a thread is over.
    Return(ThreadReturn),
    /// An operator wants a recorded delivery processed again.
    Replay {
        /// Whose delivery.
        org: OrgId,
        /// Which one.
        delivery: DedupKey,
        /// Makes this replay a message of its own.
        nonce: String,
    },
    /// What the door turned away; since generation 2.
    DoorReport(DoorReport),
}

impl Message {
    /// The oldest generation that has this message.
    fn schema(&self) -> u32 {
        match self {
            Self::Event { event: HubSpotEvent { kind: EventKind::HandoffOpened { .. }, .. }, .. } => 3,
            Self::Event { .. } | Self::Return(_) | Self::Replay { .. } => 1,
            Self::DoorReport(_) => 2,
        }
    }
}

/// What one process of `webhook` turned away since its last report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorReport {
    /// When it was written.
    pub at: Timestamp,
    /// By organization or portal.
    pub counts: Vec<DoorCount>,
}

/// Refusals of one organization or portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorCount {
    /// Whose they seem to be.
    pub whose: Whose,
    /// Requests with a webhook URL that is not valid.
    pub bad_urls: u64,
    /// Requests without HubSpot's right signature.
    pub bad_signatures: u64,
    /// Events that nothing is done with.
    pub unsupported: u64,
}

impl DoorCount {
    /// None so far.
    pub fn of(whose: Whose) -> Self {
        Self { whose, bad_urls: 0, bad_signatures: 0, unsupported: 0 }
    }
}

/// Whose request it seems to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "id", rename_all = "snake_case")]
pub enum Whose {
    /// The organization in the URL; proven only where the URL is valid.
    Org(OrgId),
    /// The portal in a signed event.
    Portal(PortalId),
    /// It does not say.
    Nobody,
}

/// How a request to `webhook` proved itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Door {
    /// The organization's signed URL; its nonce may be an old one.
    SignedUrl {
        /// The organization in the URL.
        org: OrgId,
        /// The nonce in the URL.
        nonce: String,
    },
    /// HubSpot's signature of our app: the portal says whose event it is.
    AppSignature,
}
