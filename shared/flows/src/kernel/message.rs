//! The messages of the events queue.

use crate::kernel::ports::ThreadReturn;
use domain::{DedupKey, EventKind, HubSpotEvent, OrgId, PortalId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The newest generation of message bodies that this code reads. Each message is written in the oldest generation that
/// has it. So an older worker can read it during a deployment, unless the kind of message is new.
pub const MESSAGE_SCHEMA: u32 = 3;

/// A message body with its generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The generation of `message`. One above [`MESSAGE_SCHEMA`] stays in the queue for a newer version.
    pub schema: u32,
    /// The message.
    pub message: QueueMessage,
    /// The time for which a timer was set. The metrics count how late the message is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Envelope {
    /// The body for the queue.
    pub fn body(message: &QueueMessage) -> String {
        serde_json::json!({ "schema": message.schema(), "message": message }).to_string()
    }

    /// The body of a message that a timer brings.
    pub fn timed(message: &QueueMessage, due: Timestamp) -> String {
        serde_json::json!({ "schema": message.schema(), "message": message, "due": due }).to_string()
    }

    /// Whether a body is of a generation that only a newer version can read.
    pub fn is_newer(body: &str) -> bool {
        let schema = |v: serde_json::Value| v.get("schema").and_then(serde_json::Value::as_u64);
        serde_json::from_str(body).ok().and_then(schema) > Some(MESSAGE_SCHEMA.into())
    }
}

/// One job for `events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum QueueMessage {
    /// A HubSpot event. The event of a handoff's timeout exists since generation 3.
    Event {
        /// The proof of its sender.
        door: VerifiedBy,
        /// The event.
        event: HubSpotEvent,
        /// When `webhook` received it.
        received_at: Timestamp,
    },
    /// A delay in a thread is over.
    Return(ThreadReturn),
    /// An operator replays a recorded delivery.
    Replay {
        /// The organization of the delivery.
        org: OrgId,
        /// The key of the delivery.
        delivery: DedupKey,
        /// Makes this message different from every other replay.
        nonce: String,
    },
    /// Requests that `webhook` has refused; since generation 2.
    DoorReport(DoorReport),
}

impl QueueMessage {
    /// The oldest generation that has this message.
    fn schema(&self) -> u32 {
        match self {
            Self::Event { event: HubSpotEvent { kind: EventKind::HandoffOpened { .. }, .. }, .. } => 3,
            Self::Event { .. } | Self::Return(_) | Self::Replay { .. } => 1,
            Self::DoorReport(_) => 2,
        }
    }
}

/// Requests that one process of `webhook` has refused since its last report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorReport {
    /// When the report was written.
    pub at: Timestamp,
    /// The counts of each organization or portal.
    pub counts: Vec<DoorCount>,
}

/// Refusals of one organization or portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorCount {
    /// The organization or portal that the requests name.
    pub whose: Whose,
    /// Requests with a webhook URL that is not valid.
    pub bad_urls: u64,
    /// Requests without HubSpot's right signature.
    pub bad_signatures: u64,
    /// Events that the bridge does not act on.
    pub unsupported: u64,
}

impl DoorCount {
    /// All counts are 0.
    pub fn of(whose: Whose) -> Self {
        Self { whose, bad_urls: 0, bad_signatures: 0, unsupported: 0 }
    }
}

/// The organization or portal that a request names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "id", rename_all = "snake_case")]
pub enum Whose {
    /// The organization in the URL. Only a valid URL proves it.
    Org(OrgId),
    /// The portal in a signed event.
    Portal(PortalId),
    /// The request names neither.
    Nobody,
}

/// The proof of a request to `webhook`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum VerifiedBy {
    /// The organization's signed URL. Its nonce may be a former one.
    SignedUrl {
        /// The organization in the URL.
        org: OrgId,
        /// The nonce in the URL.
        nonce: String,
    },
    /// HubSpot's signature for our app. The event's portal names the organization.
    AppSignature,
}
