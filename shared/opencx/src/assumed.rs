//! ASSUMPTIONS. OpenCX publishes no endpoint for handing a session off or back, for internal notes, for custom data
//! alone, or for the helpdesk's ids on a session, although its own types have all four.
//!
//! The paths and bodies in this file are ours. Each path can be set, so that the real one needs no change of code where
//! the body is as assumed, and a change of this file alone where it is not.

use crate::client::{Ask, Org};
use crate::error::OpenCxError;
use crate::wire::flat;
use domain::{ContactId, SessionId, ThreadId, TicketId};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use transport::Path;

/// Where the assumed endpoints are: paths below the base URL, with `{session}` in the place of the session's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedPaths {
    /// `PUT`: silences the AI or lets it speak.
    pub handed_off: String,
    /// `POST`: adds an internal note.
    pub notes: String,
    /// `PUT`: merges into the custom data.
    pub custom_data: String,
    /// `PUT`: keeps HubSpot's ids.
    pub hubspot_ids: String,
}

impl Default for AssumedPaths {
    fn default() -> Self {
        let under_session = |last: &str| format!("/chat/sessions/{{session}}/{last}");
        Self {
            handed_off: under_session("handoff"),
            notes: under_session("notes"),
            custom_data: under_session("custom-data"),
            hubspot_ids: under_session("hubspot"),
        }
    }
}

/// What a person wrote for colleagues only.
#[derive(Clone)]
pub struct Note {
    /// Plain text.
    pub text: String,
    /// The writer's name.
    pub author: Option<String>,
    /// HubSpot's id of the comment or note, by which OpenCX can tell a repeat.
    pub external_id: String,
}

debug_only!(Note { external_id });

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
        self.done(Ask::put(what, path, &HandoffRequest { handed_off, reason })).await
    }

    /// Adds an internal note to the session; it never reaches the customer. Not repeatable.
    pub async fn add_note(&self, id: &SessionId, note: &Note) -> Result<(), OpenCxError> {
        let path = Path::of_template(&self.assumed().notes, "session", id);
        let body = NoteRequest { note: &note.text, author: note.author.as_deref(), external_id: &note.external_id };
        self.done(Ask::post("add a note to a session", path, &body)).await
    }

    /// Merges into the session's custom data. Nested values are sent as JSON text.
    pub async fn set_custom_data(&self, id: &SessionId, data: &BTreeMap<String, Value>) -> Result<(), OpenCxError> {
        let path = Path::of_template(&self.assumed().custom_data, "session", id);
        let body = CustomDataRequest { editable_custom_data: flat(data) };
        self.done(Ask::put("set the custom data of a session", path, &body)).await
    }

    /// Keeps HubSpot's ids on the session.
    pub async fn set_hubspot_ids(&self, id: &SessionId, ids: &HubSpotIds) -> Result<(), OpenCxError> {
        let path = Path::of_template(&self.assumed().hubspot_ids, "session", id);
        let body = HubSpotIdsRequest {
            hubspot_ticket_id: ids.ticket.as_ref(),
            hubspot_conversation_id: ids.thread.as_ref(),
            hubspot_contact_id: ids.contact.as_ref(),
        };
        self.done(Ask::put("keep HubSpot's ids on a session", path, &body)).await
    }
}

#[derive(Serialize)]
struct HandoffRequest<'a> {
    handed_off: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct NoteRequest<'a> {
    note: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    external_id: &'a str,
}

#[derive(Serialize)]
struct CustomDataRequest {
    editable_custom_data: Map<String, Value>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the fields of OpenCX's own session type")]
struct HubSpotIdsRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    hubspot_ticket_id: Option<&'a TicketId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hubspot_conversation_id: Option<&'a ThreadId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hubspot_contact_id: Option<&'a ContactId>,
}
