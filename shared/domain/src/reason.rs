use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why something was skipped or failed: the words of contract section 4.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Reason {
    /// It was done before.
    Duplicate,
    /// Written by a machine that is no customer.
    AutomatedSender,
    /// An out-of-office note or the like.
    AutoReply,
    /// A person answered the same message.
    AnsweredByHuman,
    /// There is no way to the customer.
    NotDelivered,
    /// The portal is another organization's.
    WrongPortal,
    /// The organization is not live.
    NotEnabled,
    /// The inbox or channel is not among the chosen ones.
    InboxExcluded,
    /// Written by a bot.
    BotSender,
    /// Written by ourselves.
    OwnMessage,
    /// An internal comment on a conversation without session.
    Comment,
    /// HubSpot's greeting.
    WelcomeMessage,
    /// Somebody else owns the conversation.
    NotAiOwner,
    /// People have the conversation.
    HandedOff,
    /// A workflow has paused the AI.
    Paused,
    /// The organization wants no tickets.
    TicketingDisabled,
    /// The property was emptied.
    EmptyPropertyValue,
    /// Our own change came back.
    Echo,
    /// A newer change is known.
    StaleChange,
    /// The ticket belongs to no session.
    UnlinkedTicket,
    /// The note is on no ticket of ours.
    UnlinkedNote,
    /// The webhook URL has been replaced.
    StaleUrl,
    /// Nobody has connected the portal.
    UnknownPortal,
    /// The organization has no connection.
    NotConnected,
    /// HubSpot no longer accepts the credentials.
    ReconnectRequired,
    /// HubSpot wants a scope that was not granted.
    MissingScope(String),
    /// HubSpot refused for good.
    HubspotRejected,
    /// HubSpot could not be reached.
    HubspotUnavailable,
    /// OpenCX could not be reached.
    OpencxUnavailable,
    /// It fails every time in a way nobody foresaw.
    Poison,
}

/// Not one of the contract's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the reason: it is none of the contract's")]
pub struct UnknownReason;

const PLAIN: [(&str, Reason); 29] = [
    ("duplicate", Reason::Duplicate),
    ("automated_sender", Reason::AutomatedSender),
    ("auto_reply", Reason::AutoReply),
    ("answered_by_human", Reason::AnsweredByHuman),
    ("not_delivered", Reason::NotDelivered),
    ("wrong_portal", Reason::WrongPortal),
    ("not_enabled", Reason::NotEnabled),
    ("inbox_excluded", Reason::InboxExcluded),
    ("bot_sender", Reason::BotSender),
    ("own_message", Reason::OwnMessage),
    ("comment", Reason::Comment),
    ("welcome_message", Reason::WelcomeMessage),
    ("not_ai_owner", Reason::NotAiOwner),
    ("handed_off", Reason::HandedOff),
    ("paused", Reason::Paused),
    ("ticketing_disabled", Reason::TicketingDisabled),
    ("empty_property_value", Reason::EmptyPropertyValue),
    ("echo", Reason::Echo),
    ("stale_change", Reason::StaleChange),
    ("unlinked_ticket", Reason::UnlinkedTicket),
    ("unlinked_note", Reason::UnlinkedNote),
    ("stale_url", Reason::StaleUrl),
    ("unknown_portal", Reason::UnknownPortal),
    ("not_connected", Reason::NotConnected),
    ("reconnect_required", Reason::ReconnectRequired),
    ("hubspot_rejected", Reason::HubspotRejected),
    ("hubspot_unavailable", Reason::HubspotUnavailable),
    ("opencx_unavailable", Reason::OpencxUnavailable),
    ("poison", Reason::Poison),
];

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::MissingScope(scope) = self {
            return write!(f, "missing_scope:{scope}");
        }
        f.write_str(PLAIN.iter().find(|(_, reason)| reason == self).map_or("poison", |(word, _)| word))
    }
}

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        if let Some(scope) = text.strip_prefix("missing_scope:").filter(|scope| !scope.is_empty()) {
            return Ok(Self::MissingScope(scope.to_owned()));
        }
        PLAIN.iter().find(|(word, _)| *word == text).map(|(_, reason)| reason.clone()).ok_or(UnknownReason)
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

/// Why the AI handed off: the codes of contract section 2.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum HandoffReason {
    /// The organization's instructions say so.
    BasedOnInstructions,
    /// The instructions do not cover it.
    InstructionsNotClear,
    /// The AI does not know enough.
    InsufficientKnowledge,
    /// The AI cannot do it.
    InsufficientTools,
    /// The AI may not speak of it.
    ProhibitedTopic,
    /// The customer asked for a person.
    UserRequestedHumanAssistance,
    /// A code OpenCX has added since.
    Other(String),
}

impl From<String> for HandoffReason {
    fn from(text: String) -> Self {
        match text.as_str() {
            "based_on_instructions" => Self::BasedOnInstructions,
            "instructions_not_clear" => Self::InstructionsNotClear,
            "insufficient_knowledge" => Self::InsufficientKnowledge,
            "insufficient_tools" => Self::InsufficientTools,
            "prohibited_topic" => Self::ProhibitedTopic,
            "user_requested_human_assistance" => Self::UserRequestedHumanAssistance,
            _ => Self::Other(text),
        }
    }
}

impl From<HandoffReason> for String {
    fn from(reason: HandoffReason) -> Self {
        reason.to_string()
    }
}

impl fmt::Display for HandoffReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BasedOnInstructions => "based_on_instructions",
            Self::InstructionsNotClear => "instructions_not_clear",
            Self::InsufficientKnowledge => "insufficient_knowledge",
            Self::InsufficientTools => "insufficient_tools",
            Self::ProhibitedTopic => "prohibited_topic",
            Self::UserRequestedHumanAssistance => "user_requested_human_assistance",
            Self::Other(code) => code,
        })
    }
}

#[cfg(test)]
mod tests;
