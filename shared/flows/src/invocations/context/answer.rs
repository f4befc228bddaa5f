//! The request and the answer of `context`: HubSpot's records as the panel shows them.

use domain::{ContactId, CrmLabels, OrgId, TicketId};
use hubspot::{Card, Company, Deal, PastTicket};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use store::CrmConnection;

/// The request of `context`.
#[derive(Clone, Deserialize)]
pub struct ContextRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The customer's address.
    pub email: String,
}

/// The reason why the panel is empty, if it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContextStatus {
    /// The panel is not empty.
    Found,
    /// HubSpot has no contact with this address.
    #[default]
    NoMatch,
    /// The organization has no CRM connection.
    NotConnected,
    /// The connection may not read contacts.
    MissingScope,
}

/// The panel.
#[derive(Clone, Default, Serialize)]
pub struct ContextAnswer {
    /// The reason why the panel is empty, if it is.
    pub status: ContextStatus,
    /// The customer.
    pub contact: Option<ContactCard>,
    /// The company of the customer.
    pub company: Option<CompanyCard>,
    /// Open deals first, then the newest.
    pub deals: Vec<DealCard>,
    /// The newest tickets first.
    pub tickets: Vec<TicketCard>,
    /// Missing scopes: a part of the panel stays empty without them.
    pub missing_scopes: Vec<String>,
}

/// The customer.
#[derive(Clone, Serialize)]
pub struct ContactCard {
    /// HubSpot's id.
    pub id: ContactId,
    /// Full name.
    pub name: Option<String>,
    /// The primary address.
    pub email: Option<String>,
    /// As the customer or a rep typed it.
    pub phone: Option<String>,
    /// The rep who owns the contact.
    pub owner: Option<OwnerCard>,
    /// The contact in HubSpot.
    pub url: String,
}

/// A rep.
#[derive(Clone, Serialize)]
pub struct OwnerCard {
    /// HubSpot's owner id.
    pub id: String,
    /// Full name.
    pub name: Option<String>,
    /// The rep's address.
    pub email: Option<String>,
}

/// A company.
#[derive(Clone, Serialize)]
pub struct CompanyCard {
    /// Its name.
    pub name: Option<String>,
    /// Its domain on the web.
    pub domain: Option<String>,
    /// HubSpot's word for the industry.
    pub industry: Option<String>,
    /// The number of employees.
    pub size: Option<u64>,
}

/// A deal.
#[derive(Clone, Serialize)]
pub struct DealCard {
    /// Its name.
    pub name: Option<String>,
    /// The portal's label of its stage.
    pub stage: Option<String>,
    /// A decimal number, as HubSpot keeps it.
    pub amount: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// A moment.
    pub close_date: Option<String>,
    /// Neither won nor lost.
    pub open: bool,
}

/// A ticket.
#[derive(Clone, Serialize)]
pub struct TicketCard {
    /// HubSpot's id.
    pub id: TicketId,
    /// Its subject.
    pub subject: Option<String>,
    /// The portal's label of its stage.
    pub status: Option<String>,
    /// A moment.
    pub created_at: Option<String>,
    /// Not in a closed stage.
    pub open: bool,
}

impl ContextAnswer {
    /// An empty panel.
    pub(crate) fn empty(status: ContextStatus) -> Self {
        Self { status, ..Self::default() }
    }
}

/// The records that were read.
pub(crate) struct PanelRecords {
    pub(crate) card: Card,
    pub(crate) company: Option<Company>,
    pub(crate) deals: Vec<Deal>,
    pub(crate) tickets: Vec<PastTicket>,
}

impl PanelRecords {
    /// Whether a record names a stage or an owner without a known label.
    pub(crate) fn has_unknown(&self, labels: &CrmLabels) -> bool {
        let deal = |deal: &Deal| deal.stage.as_ref().is_some_and(|id| !labels.deal_stages.contains_key(id));
        let ticket =
            |ticket: &PastTicket| ticket.stage.as_ref().is_some_and(|id| !labels.ticket_stages.contains_key(id));
        let owner = self.card.owner.as_ref().is_some_and(|id| !labels.owners.contains_key(id));
        owner || self.deals.iter().any(deal) || self.tickets.iter().any(ticket)
    }

    pub(crate) fn shown(self, crm: &CrmConnection, labels: &CrmLabels, missing_scopes: Vec<String>) -> ContextAnswer {
        let Self { card, company, mut deals, mut tickets } = self;
        deals.sort_by(|a, b| b.close_date.cmp(&a.close_date));
        tickets.sort_by(|a, b| b.created_at.cmp(&a.created_at));
        let mut deals: Vec<DealCard> = deals.into_iter().map(|deal| deal_card(deal, labels)).collect();
        deals.sort_by_key(|deal| Reverse(deal.open));
        ContextAnswer {
            status: ContextStatus::Found,
            contact: Some(contact_card(card, crm, labels)),
            company: company.map(company_card),
            deals,
            tickets: tickets.into_iter().map(|ticket| ticket_card(ticket, labels)).collect(),
            missing_scopes,
        }
    }
}

fn contact_card(card: Card, crm: &CrmConnection, labels: &CrmLabels) -> ContactCard {
    let url = format!("https://app.hubspot.com/contacts/{}/record/0-1/{}", crm.portal, card.id);
    let owner = card.owner.map(|id| {
        let known = labels.owners.get(&id);
        let (name, email) = known.map_or((None, None), |rep| (rep.name.clone(), rep.email.clone()));
        OwnerCard { id: id.to_string(), name, email }
    });
    ContactCard { id: card.id, name: card.name, email: card.email, phone: card.phone, owner, url }
}

fn company_card(company: Company) -> CompanyCard {
    let size = company.size.and_then(|size| size.trim().parse().ok());
    CompanyCard { name: company.name, domain: company.domain, industry: company.industry, size }
}

fn deal_card(deal: Deal, labels: &CrmLabels) -> DealCard {
    let stage = deal.stage.as_ref().and_then(|id| labels.deal_stages.get(id));
    let closed = deal.closed.unwrap_or_else(|| stage.is_some_and(|stage| stage.closed));
    DealCard {
        name: deal.name,
        stage: stage.map(|stage| stage.label.clone()).or(deal.stage),
        amount: deal.amount,
        currency: deal.currency.or_else(|| labels.currency.clone()),
        close_date: deal.close_date,
        open: !closed,
    }
}

fn ticket_card(ticket: PastTicket, labels: &CrmLabels) -> TicketCard {
    let stage = ticket.stage.as_ref().and_then(|id| labels.ticket_stages.get(id));
    TicketCard {
        id: ticket.id,
        subject: ticket.subject,
        status: stage.map(|stage| stage.label.clone()).or(ticket.stage),
        created_at: ticket.created_at,
        open: !stage.is_some_and(|stage| stage.closed),
    }
}
