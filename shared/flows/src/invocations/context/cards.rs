//! What was read, as the panel shows it.

use crate::invocations::context::answer::{
    CompanyCard, ContactCard, ContextAnswer, ContextStatus, DealCard, OwnerCard, TicketCard,
};
use domain::CrmLabels;
use hubspot::{Card, Company, Deal, PastTicket};
use std::cmp::Reverse;
use store::CrmConnection;

/// What was read.
pub(crate) struct Found {
    pub(crate) card: Card,
    pub(crate) company: Option<Company>,
    pub(crate) deals: Vec<Deal>,
    pub(crate) tickets: Vec<PastTicket>,
}

impl Found {
    /// Whether it names a stage or an owner that nobody has told the label of.
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
