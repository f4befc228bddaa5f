//! Names of stages and owners: read on connecting and again after a day, kept beside the connection.
//!
//! Without this copy the panel would make twice as many calls.

use crate::kernel::bridge::Bridge;
use domain::{CrmLabels, RepName, StageLabel};
use hubspot::{HubSpotError, Owner, Pipeline, Portal};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use store::{CrmConnection, StoreError};

/// Labels are read again after this time: portals rename their stages rarely.
const LABELS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// An unknown stage or owner makes us read the labels again, but not within this time.
const LABELS_KEPT_AT_LEAST: SignedDuration = SignedDuration::from_mins(10);

/// The kept labels, if they are fresh.
pub fn fresh(crm: &CrmConnection, now: Timestamp) -> Option<CrmLabels> {
    crm.labels.clone().filter(|labels| now.duration_since(labels.learned_at) < LABELS_KEPT)
}

/// Whether HubSpot may have labels by now that these lack.
pub fn may_be_outdated(labels: &CrmLabels, now: Timestamp) -> bool {
    now.duration_since(labels.learned_at) >= LABELS_KEPT_AT_LEAST
}

/// Reads the labels from HubSpot and keeps them.
pub async fn learn_and_keep(bridge: &Bridge, crm: &CrmConnection, portal: &Portal) -> Result<CrmLabels, HubSpotError> {
    let labels = learn(portal, bridge.clock.now()).await?;
    let kept: Result<_, StoreError> = bridge.store.keep_crm_labels(&crm.org, &crm.portal, &labels).await;
    if let Err(error) = kept {
        tracing::warn!(error = %error, "the labels of a CRM were not stored; the next panel reads them again");
    }
    Ok(labels)
}

/// Reads all labels at the same time. A missing scope costs its own part only.
pub async fn learn(portal: &Portal, now: Timestamp) -> Result<CrmLabels, HubSpotError> {
    let (tickets, deals, owners, details) =
        futures::join!(portal.ticket_pipelines(), portal.deal_pipelines(), portal.owners(), portal.details());
    let mut missing = Vec::new();
    let labels = CrmLabels {
        ticket_stages: stages(allowed(tickets, &mut missing)?),
        deal_stages: stages(allowed(deals, &mut missing)?),
        owners: names(allowed(owners, &mut missing)?),
        // The panel is useful without the currency of its amounts.
        currency: details.ok().and_then(|details| details.currency),
        missing_scopes: Vec::new(),
        learned_at: now,
    };
    missing.sort();
    missing.dedup();
    Ok(CrmLabels { missing_scopes: missing, ..labels })
}

/// An empty value if a scope is missing. The scope is added to `missing`.
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
