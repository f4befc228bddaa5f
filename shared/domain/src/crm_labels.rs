//! What the CRM's ids mean to people: stages by their labels, reps by their names.

use crate::OwnerId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The labels of a portal, as they were when they were learned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmLabels {
    /// By stage id.
    pub ticket_stages: BTreeMap<String, StageLabel>,
    /// By stage id.
    pub deal_stages: BTreeMap<String, StageLabel>,
    /// By owner id.
    pub owners: BTreeMap<OwnerId, RepName>,
    /// What amounts without a currency are in.
    pub currency: Option<String>,
    /// The scopes that were missing while learning: what they would have told is not asked for again until the next time.
    pub missing_scopes: Vec<String>,
    /// When.
    pub learned_at: Timestamp,
}

/// A step of a pipeline, as the portal calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageLabel {
    /// The portal's word.
    pub label: String,
    /// What is in it is over.
    pub closed: bool,
}

/// A rep.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepName {
    /// First and last name together.
    pub name: Option<String>,
    /// The address HubSpot knows.
    pub email: Option<String>,
}

debug_only!(RepName {});
