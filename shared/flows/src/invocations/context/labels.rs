//! What stages and owners are called: learned on connecting and again when it has grown old, kept beside the connection.
//!
//! Asking for it each time would double the calls of the panel.

use crate::kernel::bridge::Bridge;
use domain::{CrmLabels, RepName, StageLabel};
use hubspot::{HubSpotError, Owner, Pipeline, Portal};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use store::{CrmConnection, StoreError};

/// Portals rename their stages rarely.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Something unknown is asked for anew, but not all the time.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// The labels, as long as they are fresh.
pub fn fresh(crm: &CrmConnection, now: Timestamp) -> Option<CrmLabels> {
    crm.labels.clone().filter(|labels| now.duration_since(labels.learned_at) < FRESH)
}

/// Whether what they lack may be known by now.
pub fn may_be_outdated(labels: &CrmLabels, now: Timestamp) -> bool {
    now.duration_since(labels.learned_at) >= AGAIN
}

/// Learns them and keeps them.
pub async fn learn_and_keep(bridge: &Bridge, crm: &CrmConnection, portal: &Portal) -> Result<CrmLabels, HubSpotError> {
    let labels = learn(portal, bridge.clock.now()).await?;
    let kept: Result<_, StoreError> = bridge.store.keep_crm_labels(&crm.org, &crm.portal, &labels).await;
    if let Err(error) = kept {
        tracing::warn!(error = %error, "a CRM's labels could not be kept; they are learned again");
    }
    Ok(labels)
}

/// Asks HubSpot, all at once. A scope that is missing costs its own part only.
pub async fn learn(portal: &Portal, now: Timestamp) -> Result<CrmLabels, HubSpotError> {
    let (tickets, deals, owners, details) =
        futures::join!(portal.ticket_pipelines(), portal.deal_pipelines(), portal.owners(), portal.details());
    let mut missing = Vec::new();
    let labels = CrmLabels {
        ticket_stages: stages(allowed(tickets, &mut missing)?),
        deal_stages: stages(allowed(deals, &mut missing)?),
        owners: names(allowed(owners, &mut missing)?),
        // Without it amounts have no currency, which is no reason to show nothing.
        currency: details.ok().and_then(|details| details.currency),
        missing_scopes: Vec::new(),
        learned_at: now,
    };
    missing.sort();
    missing.dedup();
    Ok(CrmLabels { missing_scopes: missing, ..labels })
}

/// Nothing where it may not be read; then the scopes are named.
pub fn allowed<T: Default>(read: Result<T, HubSpotError>, missing: &mut Vec<String>) -> Result<T, HubSpotError> {
    match read {
        Err(HubSpotError::MissingScopes(scopes)) => {
            missing.extend(scopes);
            Ok(T::default())
        }
        read => read,
    }
}

fn stages(pipelines: Vec<Pipeline>) -> BTreeMap<String, StageLabel> {
    let stages = pipelines.into_iter().flat_map(|pipeline| pipeline.stages);
    stages.map(|stage| (stage.id, StageLabel { label: stage.label, closed: stage.closed })).collect()
}

fn names(owners: Vec<Owner>) -> BTreeMap<domain::OwnerId, RepName> {
    owners.into_iter().map(|owner| (owner.id, RepName { name: owner.name, email: owner.email })).collect()
}
