//! The answer to a workflow.

use domain::{SessionId, TicketId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Session;

/// The values that a workflow can branch on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionOutput {
    /// The result.
    pub result: ActionResult,
    /// The conversation's session.
    pub session: Option<SessionId>,
    /// Its ticket.
    pub ticket: Option<TicketId>,
    /// In words, for the workflow's log.
    pub message: String,
}

words! {
    /// The result of an action, as `opencx_result` says it.
    ActionResult {
        /// The action is done, or on its way.
        Done = "done",
        /// Nothing had to be done.
        Already = "already",
        /// The workflow's object leads to no conversation.
        NoThread = "no_thread",
        /// The portal belongs to no organization, or a private app connects it.
        NotConnected = "not_connected",
        /// The action could not be done.
        Failed = "failed",
    }
}

impl ActionOutput {
    pub(crate) fn of(result: ActionResult, message: &str) -> Self {
        Self { result, session: None, ticket: None, message: message.to_owned() }
    }

    pub(crate) fn about(result: ActionResult, message: &str, session: Option<&Session>) -> Self {
        let ticket = session.and_then(|session| session.ticket.clone());
        Self { session: session.map(|session| session.id.clone()), ticket, ..Self::of(result, message) }
    }

    /// HubSpot's `outputFields`. The workflow always goes on, and may branch on `opencx_result`.
    pub fn fields(&self) -> BTreeMap<&'static str, String> {
        let text = |id: Option<String>| id.unwrap_or_default();
        BTreeMap::from([
            ("opencx_result", self.result.as_str().to_owned()),
            ("opencx_session_id", text(self.session.as_ref().map(ToString::to_string))),
            ("opencx_ticket_id", text(self.ticket.as_ref().map(ToString::to_string))),
            ("opencx_message", self.message.clone()),
            ("hs_execution_state", "SUCCESS".to_owned()),
        ])
    }
}
