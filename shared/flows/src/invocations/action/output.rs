//! What a workflow hears of its action.

use domain::{SessionId, TicketId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Session;

/// What a workflow can branch on (contract section 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionOutput {
    /// What became of it.
    pub result: ActionResult,
    /// The conversation's session.
    pub session: Option<SessionId>,
    /// Its ticket.
    pub ticket: Option<TicketId>,
    /// In words, for the workflow's log.
    pub message: String,
}

/// What became of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionResult {
    /// It is done, or on its way.
    Done,
    /// It was so before.
    Already,
    /// The workflow's object leads to no conversation.
    NoThread,
    /// The portal is no organization's, or is connected by a private app.
    NotConnected,
    /// It could not be done.
    Failed,
}

impl ActionResult {
    /// The word in `opencx_result`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Already => "already",
            Self::NoThread => "no_thread",
            Self::NotConnected => "not_connected",
            Self::Failed => "failed",
        }
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

    /// HubSpot's `outputFields`: the workflow goes on in any case, and branches on `opencx_result`.
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
