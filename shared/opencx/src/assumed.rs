//! ASSUMPTIONS. OpenCX publishes no endpoint for handing a session off or back, for internal notes, for custom data
//! alone, or for the helpdesk's ids on a session, although its own types have all four.
//!
//! The bodies in this file and the paths in `assumed_paths.rs` are ours. Each path can be set: where OpenCX's real
//! endpoint takes the assumed body, no code changes, and where it does not, this file alone does.

use crate::client::Org;
use crate::error::OpenCxError;
use crate::wire::flat;
use domain::{ContactId, SessionId, ThreadId, TicketId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use transport::json::{JsonCall, without_nulls};
use transport::{Path, debug_only};

/// A person's note for colleagues only.
#[derive(Clone)]
pub struct SessionNote {
    /// Plain text.
    pub text: String,
    /// The writer's name.
    pub author: Option<String>,
    /// HubSpot's id of the comment or note, by which OpenCX can tell a repeat.
    pub external_id: String,
}

debug_only!(SessionNote { external_id });

/// HubSpot's ids of what belongs to a session. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HubSpotIds {
    /// The ticket of the handoff.
    pub ticket: Option<TicketId>,
    /// The conversation.
    pub thread: Option<ThreadId>,
    /// The customer.
    pub contact: Option<ContactId>,
}

impl Org {
    /// Silences the AI on the session (`true`) or lets it answer again. `reason` is for people.
    pub async fn set_handed_off(
        &self,
        id: &SessionId,
        handed_off: bool,
        reason: Option<&str>,
    ) -> Result<(), OpenCxError> {
        let path = Path::of_template(&self.assumed().handed_off, "session", id);
        let what = if handed_off { "hand a session off" } else { "give a session back to the AI" };
        let body = without_nulls(json!({"handed_off": handed_off, "reason": reason}));
        self.done(JsonCall::put(what, path, &body)).await
    }

    /// Adds an internal note to the session; it never reaches the customer. Not repeatable.
    pub async fn add_note(&self, id: &SessionId, note: &SessionNote) -> Result<(), OpenCxError> {
        let path = Path::of_template(&self.assumed().notes, "session", id);
        let SessionNote { text, author, external_id } = note;
        let body = without_nulls(json!({"note": text, "author": author, "external_id": external_id}));
        self.done(JsonCall::post_once("add a note to a session", path, &body)).await
    }

    /// Merges into the session's custom data. Nested values are sent as JSON text.
    pub async fn set_custom_data(&self, id: &SessionId, data: &BTreeMap<String, Value>) -> Result<(), OpenCxError> {
        let path = Path::of_template(&self.assumed().custom_data, "session", id);
        let body = json!({"editable_custom_data": flat(data)});
        self.done(JsonCall::put("set the custom data of a session", path, &body)).await
    }

    /// Keeps HubSpot's ids on the session.
    pub async fn set_hubspot_ids(&self, id: &SessionId, ids: &HubSpotIds) -> Result<(), OpenCxError> {
        let path = Path::of_template(&self.assumed().hubspot_ids, "session", id);
        let body = without_nulls(json!({
            "hubspot_ticket_id": ids.ticket,
            "hubspot_conversation_id": ids.thread,
            "hubspot_contact_id": ids.contact,
        }));
        self.done(JsonCall::put("keep HubSpot's ids on a session", path, &body)).await
    }
}
