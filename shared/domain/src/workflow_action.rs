//! The actions that a HubSpot workflow may ask for.

use crate::{ContactId, PortalId, ThreadId, TicketId};
use std::collections::BTreeMap;
use std::str::FromStr;

words! {
    /// One of our four workflow actions; the word is its name in the action's URL.
    Action {
        /// The AI falls silent on the thread.
        PauseAi = "pause-ai",
        /// The AI may speak again.
        ResumeAi = "resume-ai",
        /// The customer's last message goes to the AI.
        SendToAi = "send-to-ai",
        /// The conversation goes to people.
        RequestHandoff = "request-handoff",
    }
}

/// A name that none of our actions has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no workflow action has this name")]
pub struct UnknownAction;

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(name: &str) -> Result<Self, UnknownAction> {
        Self::of_word(name).ok_or(UnknownAction)
    }
}

/// One execution of an action.
#[derive(Clone, PartialEq, Eq)]
pub struct ActionCall {
    /// Unique to the execution; HubSpot repeats it when it calls again.
    pub callback_id: String,
    /// The portal whose workflow it is.
    pub portal: PortalId,
    /// The record that the workflow has enrolled.
    pub object: ActionObject,
    /// The thread a ticket came from, where HubSpot says so.
    pub thread: Option<ThreadId>,
    /// The action's input fields, as the workflow filled them in.
    pub inputs: BTreeMap<String, String>,
}

debug_only!(ActionCall { callback_id, portal, object });

/// The record that a workflow has enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionObject {
    /// A conversation.
    Thread(ThreadId),
    /// A ticket.
    Ticket(TicketId),
    /// A contact.
    Contact(ContactId),
    /// A record that leads to no conversation.
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
