//! What `context` is asked and answers (contract section 2).

use domain::{ContactId, OrgId, TicketId};
use serde::{Deserialize, Serialize};

/// Whom the inbox shows.
#[derive(Clone, Deserialize)]
pub struct ContextRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The customer's address.
    pub email: String,
}

/// Why the panel is as empty as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContextStatus {
    /// It is not.
    Found,
    /// HubSpot knows nobody with this address.
    NoMatch,
    /// The organization has no CRM connection.
    NotConnected,
    /// The connection may not read contacts.
    MissingScope,
}

/// The panel.
#[derive(Clone, Serialize)]
pub struct ContextAnswer {
    /// Why it is as empty as it is.
    pub status: ContextStatus,
    /// The customer.
    pub contact: Option<ContactCard>,
    /// Where the customer works.
    pub company: Option<CompanyCard>,
    /// Open ones first, then the newest.
    pub deals: Vec<DealCard>,
    /// The newest first.
    pub tickets: Vec<TicketCard>,
    /// Scopes without which a part of the panel stays empty.
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
    /// As it was typed.
    pub phone: Option<String>,
    /// Whose customer it is.
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
    /// HubSpot's word for what it does.
    pub industry: Option<String>,
    /// How many people work there.
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
        Self {
            status,
            contact: None,
            company: None,
            deals: Vec::new(),
            tickets: Vec::new(),
            missing_scopes: Vec::new(),
        }
    }
}
