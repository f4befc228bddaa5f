//! Labels for the CRM's ids: stages and reps as people know them.

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
    /// The currency of amounts that name none.
    pub currency: Option<String>,
    /// The scopes that were missing. Nothing that needs them is asked for until the labels are learned again.
    pub missing_scopes: Vec<String>,
    /// When.
    pub learned_at: Timestamp,
}

/// A step of a pipeline, as the portal calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageLabel {
    /// The portal's word.
    pub label: String,
    /// A ticket or deal in it is over.
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
