//! The records behind the context panel: a contact and its neighbours.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::objects::ObjectResponse;
use crate::property::{CREATED, OWNER, STAGE, SUBJECT};
use crate::wire::joined;
use domain::{ContactId, OwnerId, TicketId};
use transport::debug_only;
use transport::json::{JsonCall, WireError};

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
    /// The rep who looks after the customer.
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
    /// HubSpot's word for its business.
    pub industry: Option<String>,
    /// The number of people who work there.
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
const TICKET: [&str; 3] = [SUBJECT, STAGE, CREATED];
impl TryFrom<ObjectResponse> for Card {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let companies = wire.newest("companies");
        let primary = wire.take("associatedcompanyid").filter(|id| companies.contains(id));
        Ok(Self {
            name: joined(wire.take("firstname"), wire.take("lastname")),
            email: wire.take("email"),
            phone: wire.take("phone").or(wire.take("mobilephone")),
            owner: wire.take(OWNER).and_then(|id| OwnerId::parse(id).ok()),
            company: primary.or_else(|| companies.into_iter().next()),
            deals: wire.newest("deals"),
            tickets: wire.newest("tickets"),
            id: wire.id.required("id")?,
        })
    }
}

impl TryFrom<ObjectResponse> for Company {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let (name, domain) = (wire.take("name"), wire.take("domain"));
        Ok(Self { name, domain, industry: wire.take("industry"), size: wire.take("numberofemployees") })
    }
}

impl TryFrom<ObjectResponse> for Deal {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        Ok(Self {
            name: wire.take("dealname"),
            stage: wire.take("dealstage"),
            amount: wire.take("amount"),
            currency: wire.take("deal_currency_code"),
            close_date: wire.take("closedate"),
            closed: wire.take("hs_is_closed").map(|flag| flag.eq_ignore_ascii_case("true")),
        })
    }
}

impl TryFrom<ObjectResponse> for PastTicket {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let (subject, stage) = (wire.take(SUBJECT), wire.take(STAGE));
        let created_at = wire.take(CREATED);
        Ok(Self { id: wire.id.required("id")?, subject, stage, created_at })
    }
}

impl Portal {
    /// The contact with this address, with those neighbours whose kinds are named (`companies`, `deals`, `tickets`).
    pub async fn card(&self, email: &str, neighbours: &[&str]) -> Result<Option<Card>, HubSpotError> {
        let path = self.objects("contacts").then(email.trim());
        let mut path = path.with("idProperty", "email").with("properties", CONTACT);
        if !neighbours.is_empty() {
            path = path.with("associations", neighbours.join(","));
        }
        self.find::<ObjectResponse, _>(JsonCall::get("read a contact's card", path)).await
    }

    /// The company with this id.
    pub async fn company(&self, id: &str) -> Result<Option<Company>, HubSpotError> {
        let path = self.objects("companies").then(id).with("properties", COMPANY.join(","));
        self.find::<ObjectResponse, _>(JsonCall::get("read a company", path)).await
    }

    /// The first 100 of the deals named.
    pub async fn deals(&self, ids: &[String]) -> Result<Vec<Deal>, HubSpotError> {
        self.records("deals", ids, &DEAL).await
    }

    /// The first 100 of the tickets named.
    pub async fn past_tickets(&self, ids: &[String]) -> Result<Vec<PastTicket>, HubSpotError> {
        self.records("tickets", ids, &TICKET).await
    }
}
