//! What is asked of `sync`, and what it answers (contract section 2).

use crate::conversation::contact::RequestContact;
use crate::conversation::warning::Warning;
use domain::{ContactId, OrgId, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What OpenCX knows of a session by now.
#[derive(Clone, Deserialize)]
pub struct SyncRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The session.
    pub session_id: SessionId,
    /// The customer.
    #[serde(default)]
    pub contact: Option<RequestContact>,
    /// Goes to ticket properties.
    #[serde(default)]
    pub custom_data: Option<BTreeMap<String, Value>>,
    /// `resumed` gives the conversation back to the AI user.
    #[serde(default)]
    pub ai: Option<AiWish>,
}

/// What is wanted of the AI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AiWish {
    /// It has the conversation again.
    Resumed,
}

/// What became of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SyncAnswer {
    /// The HubSpot contact of the customer.
    pub contact_id: Option<ContactId>,
    /// Whether that is news.
    pub contact: ContactOutcome,
    /// The custom data keys whose values HubSpot has now.
    pub properties_pushed: Vec<String>,
    /// What could not be done, though the rest was.
    pub warnings: Vec<Warning>,
}

/// What became of the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactOutcome {
    /// One that HubSpot had is the session's now.
    Linked,
    /// HubSpot has one more.
    Created,
    /// As before.
    #[default]
    Unchanged,
}
