//! What `handoff` answers (contract section 2).

use domain::{ContactId, MessageId, OwnerId, ThreadId, TicketId};
use serde::{Deserialize, Serialize};

/// What a handoff did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HandoffAnswer {
    /// The ticket, unless ticketing is disabled.
    pub ticket_id: Option<TicketId>,
    /// `created`, `updated`, `reopened` or `disabled`.
    pub ticket: String,
    /// The HubSpot contact of the customer.
    pub contact_id: Option<ContactId>,
    /// The conversation.
    pub thread_id: Option<ThreadId>,
    /// The internal comment, or the note that stands for it.
    pub comment_id: Option<MessageId>,
    /// Whom the ticket is assigned to.
    pub owner_id: Option<OwnerId>,
    /// What could not be done, though the handoff was.
    pub warnings: Vec<Warning>,
}

/// Something that could not be done without stopping the rest.
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
}
