//! Tickets (facts on tickets and associations).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{
    AssociationRequest, BatchReadRequest, ChangedAt, IdRequest, Neighbours, NewObjectRequest, ObjectResponse, Page,
    PageResponse, PropertiesRequest, WireError,
};
use domain::{ContactId, TicketId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use transport::Path;

/// A ticket, with the properties that were asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id. A ticket that was merged away answers with the surviving one's.
    pub id: TicketId,
    /// By internal name; properties without a value are absent.
    pub properties: BTreeMap<String, String>,
    /// Whose it is.
    pub contacts: Vec<ContactId>,
}

debug_only!(Ticket { id, contacts });

/// A ticket to be opened.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct NewTicket {
    /// By internal name; HubSpot requires `hs_pipeline_stage`.
    pub properties: BTreeMap<String, String>,
    /// Associated in the same call.
    pub contact: Option<ContactId>,
}

debug_only!(NewTicket { contact });

/// HubSpot's type of "ticket to contact".
const TICKET_TO_CONTACT: u32 = 16;
/// Records in one batch.
const BATCH: usize = 100;

impl Portal {
    fn tickets_path(&self) -> Path {
        self.versions().objects().then("tickets")
    }

    /// Opens a ticket. [`HubSpotError::DuplicateValue`] where a unique property's value is taken.
    pub async fn create_ticket(&self, ticket: &NewTicket) -> Result<TicketId, HubSpotError> {
        let contact = ticket.contact.as_ref().map(ContactId::as_str);
        let body = NewObjectRequest {
            properties: ticket.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            associations: contact.map(|id| AssociationRequest::of_hubspot(id, TICKET_TO_CONTACT)).into_iter().collect(),
        };
        self.create(Ask::post_once("open a ticket", self.tickets_path(), &body)).await.map_err(taken)
    }

    /// The ticket whose unique `property` has this value.
    pub async fn ticket_by(
        &self,
        property: &str,
        value: &str,
        properties: &[&str],
    ) -> Result<Option<Ticket>, HubSpotError> {
        let path = self.tickets_path().then(value).with("idProperty", property);
        self.find::<ObjectResponse, _>(Ask::get("read a ticket by property", with_details(path, properties))).await
    }

    /// The ticket with this id.
    pub async fn ticket(&self, ticket: &TicketId, properties: &[&str]) -> Result<Option<Ticket>, HubSpotError> {
        let path = self.tickets_path().then(ticket);
        self.find::<ObjectResponse, _>(Ask::get("read a ticket", with_details(path, properties))).await
    }

    /// The contact's newest tickets, newest first, at most 100. Other contacts of a ticket are not listed.
    pub async fn tickets_of_contact(
        &self,
        contact: &ContactId,
        properties: &[&str],
    ) -> Result<Vec<Ticket>, HubSpotError> {
        let path = self.versions().objects().then("contacts").then(contact);
        let mut tickets: Vec<Ticket> = self.neighbours(path, "tickets", properties).await?;
        // Ids rise with time; as texts they sort so only by length first.
        tickets.sort_by(|a, b| (b.id.as_str().len(), &b.id).cmp(&(a.id.as_str().len(), &a.id)));
        for ticket in &mut tickets {
            ticket.contacts = vec![contact.clone()];
        }
        Ok(tickets)
    }

    /// Sets properties, and tells when HubSpot did it, where it says so.
    pub async fn set_ticket_properties(
        &self,
        ticket: &TicketId,
        properties: &BTreeMap<String, String>,
    ) -> Result<Option<Timestamp>, HubSpotError> {
        let path = self.tickets_path().then(ticket);
        let ask = Ask::patch("set a ticket's properties", path, &PropertiesRequest { properties });
        let changed: ChangedAt = self.fetch::<ObjectResponse, _>(ask).await.map_err(taken)?;
        Ok(changed.0)
    }

    /// Sets properties; an empty text clears one.
    pub async fn update_ticket(
        &self,
        ticket: &TicketId,
        properties: &BTreeMap<String, String>,
    ) -> Result<(), HubSpotError> {
        let path = self.tickets_path().then(ticket);
        self.done(Ask::patch("update a ticket", path, &PropertiesRequest { properties })).await.map_err(taken)
    }

    /// The newest records of `kind` that belong to the one at `path`, in any order.
    pub(crate) async fn neighbours<T>(
        &self,
        path: Path,
        kind: &str,
        properties: &[&str],
    ) -> Result<Vec<T>, HubSpotError>
    where
        T: TryFrom<ObjectResponse, Error = WireError>,
    {
        let ask = Ask::get("list a record's associations", path.with("associations", kind));
        let Some(Neighbours(mut ids)) = self.find::<ObjectResponse, _>(ask).await? else { return Ok(Vec::new()) };
        ids.truncate(BATCH);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let path = self.versions().objects().then(kind).then("batch").then("read");
        let body = BatchReadRequest { properties, inputs: ids.iter().map(|id| IdRequest { id }).collect() };
        let page: Page<T> =
            self.fetch::<PageResponse<ObjectResponse>, _>(Ask::post_repeatable("read records", path, &body)).await?;
        Ok(page.items)
    }
}

fn with_details(path: Path, properties: &[&str]) -> Path {
    let path = path.with("associations", "contacts");
    if properties.is_empty() { path } else { path.with("properties", properties.join(",")) }
}

/// On a ticket a conflict can only be a unique property's: HubSpot gives tickets no other key.
fn taken(error: HubSpotError) -> HubSpotError {
    match error {
        HubSpotError::Conflict { .. } => HubSpotError::DuplicateValue,
        error => error,
    }
}
