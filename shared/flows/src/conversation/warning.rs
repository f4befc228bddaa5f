//! Warnings: a part of a request was not done, and the rest was.

use crate::kernel::failure::FlowError;
use hubspot::HubSpotError;
use serde::{Deserialize, Serialize};

/// A part of a request was not done. The rest was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Warning {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    /// The warning that HubSpot did not assign a conversation, if it refused to.
    pub(crate) fn unless_assigned(assigned: Result<(), HubSpotError>, said: &str) -> Result<Option<Self>, FlowError> {
        match assigned {
            Ok(()) => Ok(None),
            Err(error @ (HubSpotError::Rejected { .. } | HubSpotError::NotFound)) => {
                tracing::warn!(error = %error, "a conversation was not assigned");
                Ok(Some(Self::new("thread_not_assigned", said)))
            }
            Err(error) => Err(error.into()),
        }
    }
}
