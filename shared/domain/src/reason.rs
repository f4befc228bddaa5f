//! The reasons why something was skipped or failed, and why the AI handed off.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A reason is a word in the log, and a sentence for a person who has never seen the code.
macro_rules! reasons {
    ($($variant:ident = $word:literal: $why:literal,)*) => {
        /// Why something was skipped or failed.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Reason {
            $(#[doc = $why] $variant,)*
            /// The HubSpot app was not granted this scope.
            MissingScope(String),
        }

        impl Reason {
            /// The sentence that a support person reads in the log.
            pub fn why(&self) -> String {
                match self {
                    $(Self::$variant => $why.to_owned(),)*
                    Self::MissingScope(scope) => {
                        format!("The HubSpot app was not granted the scope {scope}, so HubSpot refused the request.")
                    }
                }
            }
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => f.write_str($word),)*
                    Self::MissingScope(scope) => write!(f, "{SCOPE}{scope}"),
                }
            }
        }

        impl FromStr for Reason {
            type Err = UnknownReason;

            fn from_str(text: &str) -> Result<Self, UnknownReason> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => match text.strip_prefix(SCOPE) {
                        Some(scope) if !scope.is_empty() => Ok(Self::MissingScope(scope.to_owned())),
                        _ => Err(UnknownReason),
                    },
                }
            }
        }

        #[cfg(test)]
        const PLAIN: &[(&str, Reason)] = &[$(($word, Reason::$variant)),*];
    };
}

const SCOPE: &str = "missing_scope:";

/// A word that names no reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the reason is none of the known ones")]
pub struct UnknownReason;

reasons! {
    Duplicate = "duplicate": "It had been processed before; HubSpot or OpenCX sent it twice.",
    AutomatedSender = "automated_sender":
        "The sender is a machine (a no-reply or mailer address), so there is nobody to answer.",
    AutoReply = "auto_reply":
        "It is an out-of-office note or another automatic reply; answering it could start a loop.",
    AnsweredByHuman = "answered_by_human":
        "A person had answered the customer already, so the AI's answer was dropped.",
    NotDelivered = "not_delivered": "There is no HubSpot conversation on which the customer could be reached.",
    WrongPortal = "wrong_portal":
        "The event comes from another HubSpot account than the one that is connected; the webhook URL was copied from a different organization.",
    NotEnabled = "not_enabled":
        "OpenCX is switched off for this organization, or no AI sender is chosen: nothing is posted until an admin presses Go live.",
    InboxExcluded = "inbox_excluded":
        "The conversation is in an inbox or on a channel that the AI is not set up to answer.",
    BotSender = "bot_sender": "A bot wrote it, not the customer.",
    OwnMessage = "own_message": "OpenCX wrote it itself; its own messages come back from HubSpot and are ignored.",
    Comment = "comment":
        "It is an internal comment, and the conversation has no OpenCX session to keep it on. Customers never see comments.",
    WelcomeMessage = "welcome_message": "It is the greeting of the chat widget, not something the customer wrote.",
    NotAiOwner = "not_ai_owner":
        "The conversation is assigned to a person in HubSpot (or to a bot, or to nobody), so the AI stays silent.",
    HandedOff = "handed_off": "The conversation was handed off to people, so the AI stays silent.",
    Paused = "paused": "A workflow paused the AI on this conversation.",
    TicketingDisabled = "ticketing_disabled": "Tickets are switched off in the settings.",
    EmptyPropertyValue = "empty_property_value": "The property was emptied, so there is nothing to hand on.",
    Echo = "echo": "It is OpenCX's own change coming back from HubSpot.",
    StaleChange = "stale_change": "A newer change of the same property is known already.",
    UnlinkedTicket = "unlinked_ticket": "The ticket belongs to no OpenCX session.",
    UnlinkedNote = "unlinked_note": "The note is on no ticket that belongs to an OpenCX session.",
    StaleUrl = "stale_url": "HubSpot sent it to an old webhook URL, which was replaced since.",
    UnknownPortal = "unknown_portal": "The event comes from a HubSpot account that nobody has connected.",
    NotConnected = "not_connected": "No HubSpot account is connected.",
    ReconnectRequired = "reconnect_required":
        "HubSpot no longer accepts the connection's credentials; it waits until HubSpot is connected again.",
    HubspotRejected = "hubspot_rejected": "HubSpot understood the request and refused it for good.",
    HubspotUnavailable = "hubspot_unavailable": "HubSpot could not be reached, or its rate limit was used up.",
    OpencxUnavailable = "opencx_unavailable": "OpenCX could not be reached, was over its limit, or its AI failed.",
    Poison = "poison": "It fails every time in a way nobody foresaw; the log of the bridge says more.",
}

impl Reason {
    /// Whether an admin can mend the cause, after which a failed delivery works when it is replayed.
    pub fn can_be_mended(&self) -> bool {
        matches!(
            self,
            Self::NotEnabled
                | Self::NotConnected
                | Self::ReconnectRequired
                | Self::MissingScope(_)
                | Self::HubspotRejected
                | Self::HubspotUnavailable
                | Self::OpencxUnavailable
                | Self::Poison
        )
    }
}

impl TryFrom<String> for Reason {
    type Error = UnknownReason;

    fn try_from(text: String) -> Result<Self, UnknownReason> {
        text.parse()
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.to_string()
    }
}

/// OpenCX's codes of a handoff.
macro_rules! handoff_reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// Why the AI handed off, in OpenCX's codes.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum HandoffReason {
            $($(#[$doc])* $variant,)*
            /// A code OpenCX has added since.
            Other(String),
        }

        impl From<String> for HandoffReason {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($code => Self::$variant,)*
                    _ => Self::Other(text),
                }
            }
        }

        impl fmt::Display for HandoffReason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $code,)*
                    Self::Other(code) => code,
                })
            }
        }
    };
}

handoff_reasons! {
    /// The organization's instructions say so.
    BasedOnInstructions = "based_on_instructions",
    /// The instructions do not cover it.
    InstructionsNotClear = "instructions_not_clear",
    /// The AI does not know enough.
    InsufficientKnowledge = "insufficient_knowledge",
    /// The AI cannot do it.
    InsufficientTools = "insufficient_tools",
    /// The AI may not speak of it.
    ProhibitedTopic = "prohibited_topic",
    /// The customer asked for a person.
    UserRequestedHumanAssistance = "user_requested_human_assistance",
}

impl From<HandoffReason> for String {
    fn from(reason: HandoffReason) -> Self {
        reason.to_string()
    }
}

#[cfg(test)]
mod tests;
