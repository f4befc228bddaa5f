//! Notes on tickets: what internal comments are where the inbox is a help desk (facts on notes).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{AssociationRequest, NewObjectRequest, ObjectResponse};
use domain::{AppId, NoteId, OwnerId, TicketId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An internal note.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// HTML.
    pub body_html: String,
    /// When HubSpot stored it.
    pub created_at: Timestamp,
    /// The user id of its author, where a person wrote it.
    pub created_by_user: Option<String>,
    /// To whom it is attributed; often nobody.
    pub owner: Option<OwnerId>,
    /// `CRM_UI`, `INTEGRATION` …
    pub source: Option<String>,
    /// The app that wrote it, where HubSpot says that an integration did.
    pub source_app: Option<AppId>,
    /// Empty for a moment after its creation, and for notes on other records.
    pub tickets: Vec<TicketId>,
}

debug_only!(Note { id, created_at, created_by_user, owner, source, source_app, tickets });

/// HubSpot's type of "note to ticket".
const NOTE_TO_TICKET: u32 = 228;
const PROPERTIES: [&str; 7] = [
    "hs_note_body",
    "hs_timestamp",
    "hs_createdate",
    "hubspot_owner_id",
    "hs_object_source",
    "hs_object_source_id",
    "hs_created_by_user_id",
];

impl Portal {
    /// Leaves a note on the ticket, dated `at`. The body is HTML of at most 65,536 characters.
    pub async fn create_note(&self, ticket: &TicketId, html: &str, at: Timestamp) -> Result<NoteId, HubSpotError> {
        let at = at.to_string();
        let body = NewObjectRequest {
            properties: BTreeMap::from([("hs_note_body", html), ("hs_timestamp", at.as_str())]),
            associations: vec![AssociationRequest::of_hubspot(ticket.as_str(), NOTE_TO_TICKET)],
        };
        self.create(Ask::post_once("leave a note", self.versions().objects().then("notes"), &body)).await
    }

    /// The note, with the tickets it is on.
    pub async fn note(&self, note: &NoteId) -> Result<Option<Note>, HubSpotError> {
        let path = self.versions().objects().then("notes").then(note);
        let path = path.with("properties", PROPERTIES.join(",")).with("associations", "tickets");
        self.find::<ObjectResponse, _>(Ask::get("read a note", path)).await
    }

    /// The newest notes of the ticket, newest first, at most 100.
    pub async fn notes_of_ticket(&self, ticket: &TicketId) -> Result<Vec<Note>, HubSpotError> {
        let path = self.versions().objects().then("tickets").then(ticket);
        let mut notes: Vec<Note> = self.neighbours(path, "notes", &PROPERTIES).await?;
        notes.sort_by_key(|note| std::cmp::Reverse(note.created_at));
        for note in &mut notes {
            note.tickets = vec![ticket.clone()];
        }
        Ok(notes)
    }
}
