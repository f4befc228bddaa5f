//! Tickets. See <https://developers.hubspot.com/docs/api/crm/tickets>.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::objects::{AssociationRequest, ChangedAt, NewObjectRequest, ObjectResponse};
use crate::property;
use crate::wire::newest_first;
use domain::{ContactId, TicketId};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use transport::json::{JsonCall, WireError};
use transport::{Path, debug_only};

/// A ticket, with the properties that were asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id. A ticket that was merged away answers with the surviving one's.
    pub id: TicketId,
    /// By internal name; properties without a value are absent.
    pub properties: BTreeMap<String, String>,
    /// The contacts it belongs to.
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

impl Ticket {
    /// The value of a property; `None` where it has none or was not asked for.
    pub fn get(&self, property: &str) -> Option<&str> {
        self.properties.get(property).map(String::as_str)
    }

    /// When HubSpot closed the ticket. Needs [`property::CLOSED`].
    pub fn closed_at(&self) -> Option<Timestamp> {
        self.get(property::CLOSED).and_then(property::moment)
    }
}

impl TryFrom<ObjectResponse> for Ticket {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let contacts = wire.neighbours("contacts")?;
        let properties = wire.properties.into_iter().filter_map(|(name, value)| Some((name, value.text()?))).collect();
        Ok(Self { id: wire.id.required("id")?, properties, contacts })
    }
}

impl Portal {
    fn tickets_path(&self) -> Path {
        self.objects("tickets")
    }

    /// Opens a ticket. [`HubSpotError::DuplicateValue`] where a unique property's value is taken.
    pub async fn create_ticket(&self, ticket: &NewTicket) -> Result<TicketId, HubSpotError> {
        let contact = ticket.contact.as_ref().map(ContactId::as_str);
        let body = NewObjectRequest {
            properties: ticket.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            associations: contact.map(|id| AssociationRequest::of_hubspot(id, TICKET_TO_CONTACT)).into_iter().collect(),
        };
        self.create(JsonCall::post_once("open a ticket", self.tickets_path(), &body)).await.map_err(taken)
    }

    /// The ticket whose unique `property` has this value.
    pub async fn ticket_by(
        &self,
        property: &str,
        value: &str,
        properties: &[&str],
    ) -> Result<Option<Ticket>, HubSpotError> {
        let path = self.tickets_path().then(value).with("idProperty", property);
        self.find::<ObjectResponse, _>(JsonCall::get("read a ticket by property", with_details(path, properties))).await
    }

    /// The ticket with this id.
    pub async fn ticket(&self, ticket: &TicketId, properties: &[&str]) -> Result<Option<Ticket>, HubSpotError> {
        let path = self.tickets_path().then(ticket);
        self.find::<ObjectResponse, _>(JsonCall::get("read a ticket", with_details(path, properties))).await
    }

    /// The contact's newest tickets, newest first, at most 100. Other contacts of a ticket are not listed.
    pub async fn tickets_of_contact(
        &self,
        contact: &ContactId,
        properties: &[&str],
    ) -> Result<Vec<Ticket>, HubSpotError> {
        let path = self.objects("contacts").then(contact);
        let mut tickets: Vec<Ticket> = self.neighbours(path, "tickets", properties).await?;
        tickets.sort_by(|a, b| newest_first(a.id.as_str(), b.id.as_str()));
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
        let call = JsonCall::patch("set a ticket's properties", path, &json!({"properties": properties}));
        let changed: ChangedAt = self.fetch::<ObjectResponse, _>(call).await.map_err(taken)?;
        Ok(changed.0)
    }

    /// Sets properties; an empty text clears one.
    pub async fn update_ticket(
        &self,
        ticket: &TicketId,
        properties: &BTreeMap<String, String>,
    ) -> Result<(), HubSpotError> {
        let path = self.tickets_path().then(ticket);
        self.done(JsonCall::patch("update a ticket", path, &json!({"properties": properties}))).await.map_err(taken)
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
