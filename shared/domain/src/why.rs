//! Reasons in words: what a support person reads in the log, and what they can do about it.

use crate::Reason;

impl Reason {
    /// Why it ended like this, as one sentence for a person who has never seen the code.
    pub fn why(&self) -> String {
        let words = match self {
            Self::MissingScope(scope) => {
                return format!("The HubSpot app was not granted the scope {scope}, so HubSpot refused the request.");
            }
            Self::Duplicate => "It had been processed before; HubSpot or OpenCX sent it twice.",
            Self::AutomatedSender => {
                "The sender is a machine (a no-reply or mailer address), so there is nobody to answer."
            }
            Self::AutoReply => {
                "It is an out-of-office note or another automatic reply; answering it could start a loop."
            }
            Self::AnsweredByHuman => "A person had answered the customer already, so the AI's answer was dropped.",
            Self::NotDelivered => "There is no HubSpot conversation on which the customer could be reached.",
            Self::WrongPortal => {
                "The event comes from another HubSpot account than the one that is connected; the webhook URL was copied from a different organization."
            }
            Self::NotEnabled => {
                "OpenCX is switched off for this organization, or no AI sender is chosen: nothing is posted until an admin presses Go live."
            }
            Self::InboxExcluded => {
                "The conversation is in an inbox or on a channel that the AI is not set up to answer."
            }
            Self::BotSender => "A bot wrote it, not the customer.",
            Self::OwnMessage => "OpenCX wrote it itself; its own messages come back from HubSpot and are ignored.",
            Self::Comment => {
                "It is an internal comment, and the conversation has no OpenCX session to keep it on. Customers never see comments."
            }
            Self::WelcomeMessage => "It is the greeting of the chat widget, not something the customer wrote.",
            Self::NotAiOwner => "The conversation is assigned to a person in HubSpot, so the AI stays silent.",
            Self::HandedOff => "The conversation was handed off to people, so the AI stays silent.",
            Self::Paused => "A workflow paused the AI on this conversation.",
            Self::TicketingDisabled => "Tickets are switched off in the settings.",
            Self::EmptyPropertyValue => "The property was emptied, so there is nothing to hand on.",
            Self::Echo => "It is OpenCX's own change coming back from HubSpot.",
            Self::StaleChange => "A newer change of the same property is known already.",
            Self::UnlinkedTicket => "The ticket belongs to no OpenCX session.",
            Self::UnlinkedNote => "The note is on no ticket that belongs to an OpenCX session.",
            Self::StaleUrl => "HubSpot sent it to an old webhook URL, which was replaced since.",
            Self::UnknownPortal => "The event comes from a HubSpot account that nobody has connected.",
            Self::NotConnected => "No HubSpot account is connected.",
            Self::ReconnectRequired => {
                "HubSpot no longer accepts the connection's credentials; it waits until HubSpot is connected again."
            }
            Self::HubspotRejected => "HubSpot understood the request and refused it for good.",
            Self::HubspotUnavailable => "HubSpot could not be reached, or its rate limit was used up.",
            Self::OpencxUnavailable => "OpenCX could not be reached, was over its limit, or its AI failed.",
            Self::Poison => "It fails every time in a way nobody foresaw; the log of the bridge says more.",
        };
        words.to_owned()
    }

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
