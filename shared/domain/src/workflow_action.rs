//! What a HubSpot workflow may ask of the bridge.

use crate::{ContactId, PortalId, ThreadId, TicketId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// One of our four workflow actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The AI falls silent on the thread.
    PauseAi,
    /// The AI may speak again.
    ResumeAi,
    /// The customer's last message goes to the AI.
    SendToAi,
    /// The conversation goes to people.
    RequestHandoff,
}

impl Action {
    /// The name in the action's URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PauseAi => "pause-ai",
            Self::ResumeAi => "resume-ai",
            Self::SendToAi => "send-to-ai",
            Self::RequestHandoff => "request-handoff",
        }
    }
}

/// A name that is none of our actions'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("find the action: there is none of this name")]
pub struct UnknownAction;

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(name: &str) -> Result<Self, UnknownAction> {
        let all = [Self::PauseAi, Self::ResumeAi, Self::SendToAi, Self::RequestHandoff];
        all.into_iter().find(|action| action.as_str() == name).ok_or(UnknownAction)
    }
}

/// One execution of an action.
#[derive(Clone, PartialEq, Eq)]
pub struct ActionCall {
    /// Unique to the execution; HubSpot repeats it when it calls again.
    pub callback_id: String,
    /// The portal whose workflow it is.
    pub portal: PortalId,
    /// What the workflow has enrolled.
    pub object: ActionObject,
    /// The thread a ticket came from, where HubSpot says so.
    pub thread: Option<ThreadId>,
    /// The action's input fields, as the workflow filled them in.
    pub inputs: BTreeMap<String, String>,
}

/// A workflow's fields may hold anything a customer wrote.
impl fmt::Debug for ActionCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionCall")
            .field("callback_id", &self.callback_id)
            .field("portal", &self.portal)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

/// What a workflow has enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionObject {
    /// A conversation.
    Thread(ThreadId),
    /// A ticket.
    Ticket(TicketId),
    /// A contact.
    Contact(ContactId),
    /// Something that leads to no conversation.
    Other {
        /// HubSpot's name of the kind, or its number.
        kind: String,
    },
}

#[cfg(test)]
mod tests {
    use super::{Action, UnknownAction};

    #[test]
    fn every_action_is_found_by_its_name_and_by_no_other() {
        for name in ["pause-ai", "resume-ai", "send-to-ai", "request-handoff"] {
            assert_eq!(name.parse::<Action>().map(Action::as_str), Ok(name));
        }
        for name in ["", "pause", "PAUSE-AI", "pause-ai/"] {
            assert_eq!(name.parse::<Action>(), Err(UnknownAction), "{name}");
        }
    }
}
