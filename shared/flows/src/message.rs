//! What travels through the events queue.

use crate::ThreadReturn;
use domain::{DedupKey, HubSpotEvent, OrgId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The newest generation of message bodies this code reads and the one it writes.
pub const MESSAGE_SCHEMA: u32 = 1;

/// A message body with its generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Generation of `message`; a newer one than [`MESSAGE_SCHEMA`] is left for the newer version.
    pub schema: u32,
    /// The message.
    pub message: Message,
}

impl Envelope {
    /// The body to put into the queue.
    pub fn body(message: &Message) -> String {
        serde_json::json!({ "schema": MESSAGE_SCHEMA, "message": message }).to_string()
    }
}

/// Something `events` has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// A HubSpot event, with the door it came through.
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
