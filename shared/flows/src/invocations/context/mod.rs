//! The context panel: the customer with owner, company, deals and tickets, as HubSpot has them now.
//!
//! The panel only reads. The contact names the other records, and these are read at the same time: four calls in two steps.

pub(crate) mod answer;
pub mod labels;

use crate::conversation::contact::usable;
use crate::invocations::context::answer::{ContextAnswer, ContextRequest, ContextStatus, PanelRecords};
use crate::invocations::context::labels::allowed;
use crate::kernel::bridge::{Bridge, last_call};
use crate::kernel::failure::FlowError;
use crate::kernel::invoke_error::InvokeError;
use hubspot::{Card, HubSpotError, Portal};
use store::{CrmAccess, CrmConnection, Run};

/// Records beside the contact. The panel shows the contact without them if a scope is missing.
const NEIGHBOURS: [&str; 3] = ["companies", "deals", "tickets"];
const CONTACTS: &str = "crm.objects.contacts.read";

/// Reads the panel. If HubSpot knows nobody, the panel is empty: that is no error.
pub async fn show_context(bridge: &Bridge, request: &ContextRequest) -> Result<ContextAnswer, InvokeError> {
    Ok(show(bridge, request).await?)
}

async fn show(bridge: &Bridge, request: &ContextRequest) -> Result<ContextAnswer, FlowError> {
    let Some(crm) = bridge.store.crm_connection(&request.org_id).await? else {
        return Ok(ContextAnswer::empty(ContextStatus::NotConnected));
    };
    if !usable(&request.email) {
        return Ok(ContextAnswer::empty(ContextStatus::NoMatch));
    }
    let portal = match portal_of(bridge, &crm, &bridge.new_run()).await {
        Err(FlowError::NotConnected) => return Ok(ContextAnswer::empty(ContextStatus::NotConnected)),
        portal => portal?,
    };
    let known = labels::fresh(&crm, bridge.clock.now());
    let mut missing = Vec::new();
    let (card, labels) = futures::join!(card(&portal, &request.email, &mut missing), async {
        match known {
            Some(known) => Ok(known),
            None => labels::learn_and_keep(bridge, &crm, &portal).await,
        }
    });
    match card {
        Err(HubSpotError::MissingScopes(missing_scopes)) => {
            Ok(ContextAnswer { missing_scopes, ..ContextAnswer::empty(ContextStatus::MissingScope) })
        }
        Err(error) => Err(error.into()),
        Ok(None) => Ok(ContextAnswer::empty(ContextStatus::NoMatch)),
        Ok(Some(card)) => {
            let company = async {
                match &card.company {
                    Some(id) => portal.company(id).await,
                    None => Ok(None),
                }
            };
            let (company, deals, tickets) =
                futures::join!(company, portal.deals(&card.deals), portal.past_tickets(&card.tickets));
            let found = PanelRecords {
                company: allowed(company, &mut missing)?,
                deals: allowed(deals, &mut missing)?,
                tickets: allowed(tickets, &mut missing)?,
                card,
            };
            let mut labels = labels?;
            if found.has_unknown(&labels) && labels::may_be_outdated(&labels, bridge.clock.now()) {
                labels = labels::learn_and_keep(bridge, &crm, &portal).await?;
            }
            missing.extend(labels.missing_scopes.iter().cloned());
            missing.sort();
            missing.dedup();
            Ok(found.shown(&crm, &labels, missing))
        }
    }
}

/// HubSpot with the token of the panel's connection.
async fn portal_of(bridge: &Bridge, crm: &CrmConnection, run: &Run) -> Result<Portal, FlowError> {
    match &crm.access {
        CrmAccess::Integration => Ok(bridge.tenant(&crm.org, run).await?.portal),
        CrmAccess::Own(token) => {
            Ok(bridge.hubspot.portal(&hubspot::AccessToken::new(token.expose().clone()), last_call(run)))
        }
    }
}

/// The contact, with the ids of the records beside it that the scopes allow.
async fn card(portal: &Portal, email: &str, missing: &mut Vec<String>) -> Result<Option<Card>, HubSpotError> {
    match portal.card(email, &NEIGHBOURS).await {
        Err(HubSpotError::MissingScopes(scopes)) if !scopes.iter().any(|scope| scope == CONTACTS) => {
            let may = |kind: &&str| !scopes.iter().any(|scope| scope.contains(kind));
            let left: Vec<&str> = NEIGHBOURS.into_iter().filter(may).collect();
            missing.extend(scopes.iter().cloned());
            portal.card(email, if left.len() < NEIGHBOURS.len() { &left } else { &[] }).await
        }
        card => card,
    }
}
