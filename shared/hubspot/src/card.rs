//! What the context panel shows of a customer: the contact with its neighbours (facts on associations, "CRM panel").

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{BatchReadRequest, IdRequest, ObjectResponse, Page, PageResponse, WireError};
use domain::{ContactId, OwnerId, TicketId};

/// A contact, and the ids of what belongs to it, newest first.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: ContactId,
    /// First and last name together.
    pub name: Option<String>,
    /// The primary address.
    pub email: Option<String>,
    /// The phone number, else the mobile one.
    pub phone: Option<String>,
    /// Whose customer it is.
    pub owner: Option<OwnerId>,
    /// The company HubSpot counts as the contact's first, else the newest.
    pub company: Option<String>,
    /// Deals.
    pub deals: Vec<String>,
    /// Tickets.
    pub tickets: Vec<String>,
}

debug_only!(Card { id });

/// A company.
#[derive(Clone, PartialEq, Eq)]
pub struct Company {
    /// Its name.
    pub name: Option<String>,
    /// Its domain on the web.
    pub domain: Option<String>,
    /// HubSpot's word for what it does.
    pub industry: Option<String>,
    /// How many people work there.
    pub size: Option<String>,
}

debug_only!(Company {});

/// A deal.
#[derive(Clone, PartialEq, Eq)]
pub struct Deal {
    /// Its name.
    pub name: Option<String>,
    /// The id of its stage.
    pub stage: Option<String>,
    /// A decimal number.
    pub amount: Option<String>,
    /// ISO 4217; absent where the portal has one currency only.
    pub currency: Option<String>,
    /// A moment, as HubSpot writes it.
    pub close_date: Option<String>,
    /// Won or lost, where HubSpot says.
    pub closed: Option<bool>,
}

debug_only!(Deal {});

/// A ticket in a customer's history.
#[derive(Clone, PartialEq, Eq)]
pub struct PastTicket {
    /// Its id.
    pub id: TicketId,
    /// Its subject.
    pub subject: Option<String>,
    /// The id of its stage.
    pub stage: Option<String>,
    /// A moment, as HubSpot writes it.
    pub created_at: Option<String>,
}

debug_only!(PastTicket { id });

const CONTACT: &str = "firstname,lastname,email,phone,mobilephone,hubspot_owner_id,associatedcompanyid";
const COMPANY: [&str; 4] = ["name", "domain", "industry", "numberofemployees"];
const DEAL: [&str; 6] = ["dealname", "dealstage", "amount", "deal_currency_code", "closedate", "hs_is_closed"];
const TICKET: [&str; 3] = ["subject", "hs_pipeline_stage", "createdate"];
/// Records in one batch.
const BATCH: usize = 100;

impl Portal {
    /// The contact with this address, with those neighbours whose kinds are named (`companies`, `deals`, `tickets`).
    pub async fn card(&self, email: &str, neighbours: &[&str]) -> Result<Option<Card>, HubSpotError> {
        let path = self.versions().objects().then("contacts").then(email.trim());
        let mut path = path.with("idProperty", "email").with("properties", CONTACT);
        if !neighbours.is_empty() {
            path = path.with("associations", neighbours.join(","));
        }
        self.find::<ObjectResponse, _>(Ask::get("read a contact's card", path)).await
    }

    /// The company with this id.
    pub async fn company(&self, id: &str) -> Result<Option<Company>, HubSpotError> {
        let path = self.versions().objects().then("companies").then(id).with("properties", COMPANY.join(","));
        self.find::<ObjectResponse, _>(Ask::get("read a company", path)).await
    }

    /// The first 100 of the deals named.
    pub async fn deals(&self, ids: &[String]) -> Result<Vec<Deal>, HubSpotError> {
        self.records("deals", ids, &DEAL).await
    }

    /// The first 100 of the tickets named.
    pub async fn past_tickets(&self, ids: &[String]) -> Result<Vec<PastTicket>, HubSpotError> {
        self.records("tickets", ids, &TICKET).await
    }

    async fn records<T>(&self, kind: &str, ids: &[String], properties: &[&str]) -> Result<Vec<T>, HubSpotError>
    where
        T: TryFrom<ObjectResponse, Error = WireError>,
    {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let path = self.versions().objects().then(kind).then("batch").then("read");
        let body = BatchReadRequest { properties, inputs: ids.iter().take(BATCH).map(|id| IdRequest { id }).collect() };
        let page: Page<T> =
            self.fetch::<PageResponse<ObjectResponse>, _>(Ask::post_repeatable("read records", path, &body)).await?;
        Ok(page.items)
    }
}
