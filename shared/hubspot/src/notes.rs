//! Notes on tickets. In a help desk they are what internal comments are in other inboxes.
//!
//! See <https://developers.hubspot.com/docs/api/crm/notes>.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::objects::{AssociationRequest, NewObjectRequest, ObjectResponse};
use crate::property::OWNER;
use domain::{AppId, NoteId, OwnerId, TicketId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use transport::debug_only;
use transport::json::{JsonCall, WireError};

/// An internal note.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketNote {
    /// Its id.
    pub id: NoteId,
    /// HTML.
    pub body_html: String,
    /// When HubSpot stored it.
    pub created_at: Timestamp,
    /// The user id of its author, where a person wrote it.
    pub created_by_user: Option<String>,
    /// The owner it is attributed to; often none.
    pub owner: Option<OwnerId>,
    /// `CRM_UI`, `INTEGRATION` …
    pub source: Option<String>,
    /// The app that wrote it, where HubSpot says that an integration did.
    pub source_app: Option<AppId>,
    /// Empty for a moment after its creation, and for notes on other records.
    pub tickets: Vec<TicketId>,
}

debug_only!(TicketNote { id, created_at, created_by_user, owner, source, source_app, tickets });

/// HubSpot's type of "note to ticket".
const NOTE_TO_TICKET: u32 = 228;
const PROPERTIES: [&str; 7] = [
    "hs_note_body",
    "hs_timestamp",
    "hs_createdate",
    OWNER,
    "hs_object_source",
    "hs_object_source_id",
    "hs_created_by_user_id",
];

impl TryFrom<ObjectResponse> for TicketNote {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let tickets = wire.neighbours("tickets")?;
        let created_at = [wire.created_at.clone().filled(), wire.take("hs_createdate"), wire.take("hs_timestamp")]
            .into_iter()
            .find_map(|text| text?.parse().ok())
            .ok_or(WireError::no_time("createdAt"))?;
        let owner = wire.take(OWNER).map(OwnerId::try_from).transpose().map_err(|_| WireError::no_id(OWNER))?;
        let source = wire.take("hs_object_source");
        let source_id = wire.take("hs_object_source_id");
        // In other sources the same field holds a user ("userId:1") or a workflow.
        let app = source_id.filter(|_| source.as_deref() == Some("INTEGRATION"));
        Ok(Self {
            body_html: wire.take("hs_note_body").unwrap_or_default(),
            created_at,
            created_by_user: wire.take("hs_created_by_user_id"),
            owner,
            source,
            source_app: app.and_then(|id| AppId::parse(id).ok()),
            tickets,
            id: wire.id.required("id")?,
        })
    }
}

impl Portal {
    /// Leaves a note on the ticket, dated `at`. The body is HTML of at most 65,536 characters.
    pub async fn create_note(&self, ticket: &TicketId, html: &str, at: Timestamp) -> Result<NoteId, HubSpotError> {
        let at = at.to_string();
        let body = NewObjectRequest {
            properties: BTreeMap::from([("hs_note_body", html), ("hs_timestamp", at.as_str())]),
            associations: vec![AssociationRequest::of_hubspot(ticket.as_str(), NOTE_TO_TICKET)],
        };
        self.create(JsonCall::post_once("leave a note", self.objects("notes"), &body)).await
    }

    /// The note, with the tickets it is on.
    pub async fn note(&self, note: &NoteId) -> Result<Option<TicketNote>, HubSpotError> {
        let path = self.objects("notes").then(note);
        let path = path.with("properties", PROPERTIES.join(",")).with("associations", "tickets");
        self.find::<ObjectResponse, _>(JsonCall::get("read a note", path)).await
    }

    /// The newest notes of the ticket, newest first, at most 100.
    pub async fn notes_of_ticket(&self, ticket: &TicketId) -> Result<Vec<TicketNote>, HubSpotError> {
        let path = self.objects("tickets").then(ticket);
        let mut notes: Vec<TicketNote> = self.neighbours(path, "notes", &PROPERTIES).await?;
        notes.sort_by_key(|note| std::cmp::Reverse(note.created_at));
        for note in &mut notes {
            note.tickets = vec![ticket.clone()];
        }
        Ok(notes)
    }
}
