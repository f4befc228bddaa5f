//! HubSpot's events in our own words. The crate `hubspot` knows their wire forms.

use crate::dedup_key::short_hash;
use crate::{Action, ActorId, AppId, ContactId, DedupKey, MessageId, NoteId, PortalId, SessionId, ThreadId, TicketId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One webhook event that we act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubSpotEvent {
    /// The portal it happened in.
    pub portal: PortalId,
    /// The app whose subscription delivered it.
    pub app: Option<AppId>,
    /// When it happened, by HubSpot's clock. HubSpot does not promise to send events in this order.
    pub occurred_at: Timestamp,
    /// The change that HubSpot reports.
    pub kind: EventKind,
}

/// The change that HubSpot reports. A kind that we do not act on never becomes an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// `conversation.newMessage` (and its alias `conversation.messageCreated`).
    MessageReceived {
        /// The conversation.
        thread: ThreadId,
        /// The entry; its text is not in the event.
        message: MessageId,
    },
    /// `conversation.creation`.
    ThreadCreated {
        /// The conversation.
        thread: ThreadId,
    },
    /// `conversation.deletion`: archived.
    ThreadDeleted {
        /// The conversation.
        thread: ThreadId,
    },
    /// `conversation.propertyChange` of `assignedTo`.
    ThreadAssigned {
        /// The conversation.
        thread: ThreadId,
        /// The new assignee; `None` where it is now unassigned.
        assignee: Option<ActorId>,
    },
    /// `conversation.propertyChange` of `status`.
    ThreadStatusChanged {
        /// The conversation.
        thread: ThreadId,
        /// `OPEN`, `CLOSED` or what HubSpot adds.
        status: String,
    },
    /// `ticket.propertyChange`.
    TicketPropertyChanged {
        /// The ticket.
        ticket: TicketId,
        /// The property's internal name.
        property: String,
        /// The new value; `None` where HubSpot sent null or nothing.
        value: Option<String>,
        /// `CRM_UI`, `INTEGRATION` …, where HubSpot says.
        change_source: Option<String>,
        /// Which user or app, where HubSpot says (`userId:1`, an app id).
        source_id: Option<String>,
    },
    /// `ticket.merge`.
    TicketMerged {
        /// The ticket that goes on.
        winner: TicketId,
        /// Those that went into it.
        merged: Vec<TicketId>,
    },
    /// `ticket.deletion`.
    TicketDeleted {
        /// The ticket.
        ticket: TicketId,
    },
    /// `object.creation` of type `0-46`.
    NoteCreated {
        /// The note.
        note: NoteId,
    },
    /// A workflow of the portal asked for something that takes its time.
    ActionRequested {
        /// The conversation.
        thread: ThreadId,
        /// The action.
        action: Action,
        /// Unique to the workflow's execution.
        callback: String,
        /// The workflow's own words.
        reason: Option<String>,
        /// The rep for a handoff, as the workflow names them.
        assignee: Option<String>,
    },
    /// A handoff was opened that goes to somebody else where nobody takes it.
    HandoffOpened {
        /// The conversation, where HubSpot has one.
        thread: Option<ThreadId>,
        /// The session.
        session: SessionId,
        /// Which of the session's handoffs.
        handoff: u64,
    },
    /// `contact.privacyDeletion`.
    ContactPrivacyDeleted {
        /// The contact.
        contact: ContactId,
    },
    /// `conversation.privacyDeletion`.
    ThreadPrivacyDeleted {
        /// The conversation.
        thread: ThreadId,
    },
}

impl EventKind {
    /// HubSpot's subscription type, for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MessageReceived { .. } => "conversation.newMessage",
            Self::ThreadCreated { .. } => "conversation.creation",
            Self::ThreadDeleted { .. } => "conversation.deletion",
            Self::ThreadAssigned { .. } | Self::ThreadStatusChanged { .. } => "conversation.propertyChange",
            Self::TicketPropertyChanged { .. } => "ticket.propertyChange",
            Self::ActionRequested { .. } => "workflow.action",
            Self::HandoffOpened { .. } => "handoff.timeout",
            Self::TicketMerged { .. } => "ticket.merge",
            Self::TicketDeleted { .. } => "ticket.deletion",
            Self::NoteCreated { .. } => "object.creation",
            Self::ContactPrivacyDeleted { .. } => "contact.privacyDeletion",
            Self::ThreadPrivacyDeleted { .. } => "conversation.privacyDeletion",
        }
    }

    /// The thread it is about, if any.
    pub fn thread(&self) -> Option<&ThreadId> {
        match self {
            Self::MessageReceived { thread, .. }
            | Self::ThreadCreated { thread }
            | Self::ThreadDeleted { thread }
            | Self::ThreadAssigned { thread, .. }
            | Self::ThreadStatusChanged { thread, .. }
            | Self::ActionRequested { thread, .. }
            | Self::ThreadPrivacyDeleted { thread } => Some(thread),
            Self::HandoffOpened { thread, .. } => thread.as_ref(),
            _ => None,
        }
    }

    /// The ticket it is about, if any.
    pub fn ticket(&self) -> Option<&TicketId> {
        match self {
            Self::TicketPropertyChanged { ticket, .. }
            | Self::TicketDeleted { ticket }
            | Self::TicketMerged { winner: ticket, .. } => Some(ticket),
            _ => None,
        }
    }
}

// A property's value is what a rep or a customer wrote.
impl std::fmt::Debug for EventKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("EventKind");
        out.field("name", &self.name()).field("thread", &self.thread()).field("ticket", &self.ticket());
        out.finish_non_exhaustive()
    }
}

impl HubSpotEvent {
    /// The identity of the event, the same in two deliveries: the message's id, else object, property, time and value.
    ///
    /// HubSpot's `eventId` is not unique (<https://developers.hubspot.com/docs/api/webhooks>). Where the key is stored, the organization stands
    /// before it.
    pub fn dedup_key(&self) -> DedupKey {
        let at = self.occurred_at.as_millisecond();
        let portal = &self.portal;
        DedupKey::of(match &self.kind {
            EventKind::MessageReceived { message, .. } => format!("message:{portal}:{message}"),
            EventKind::ThreadAssigned { thread, assignee } => {
                let value = assignee.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("assigned:{portal}:{thread}:{at}:{}", short_hash(&value))
            }
            EventKind::ThreadStatusChanged { thread, status } => {
                format!("status:{portal}:{thread}:{at}:{}", short_hash(status))
            }
            EventKind::TicketPropertyChanged { ticket, property, value, .. } => {
                let value = format!("{property}={}", value.as_deref().unwrap_or_default());
                format!("ticket:{portal}:{ticket}:{at}:{}", short_hash(&value))
            }
            EventKind::ActionRequested { action, callback, .. } => {
                format!("action:{portal}:{}:{}", action.as_str(), short_hash(callback))
            }
            EventKind::HandoffOpened { session, handoff, .. } => {
                format!("handoff-timeout:{portal}:{session}:{handoff}")
            }
            EventKind::TicketMerged { winner, merged } => {
                let merged: Vec<&str> = merged.iter().map(TicketId::as_str).collect();
                format!("merged:{portal}:{winner}:{at}:{}", short_hash(&merged.join(",")))
            }
            EventKind::TicketDeleted { ticket } => format!("ticket-deleted:{portal}:{ticket}:{at}"),
            EventKind::NoteCreated { note } => format!("note:{portal}:{note}"),
            EventKind::ThreadCreated { thread } => format!("created:{portal}:{thread}"),
            EventKind::ThreadDeleted { thread } => format!("deleted:{portal}:{thread}:{at}"),
            EventKind::ThreadPrivacyDeleted { thread } => format!("privacy:{portal}:{thread}:{at}"),
            EventKind::ContactPrivacyDeleted { contact } => format!("privacy-contact:{portal}:{contact}:{at}"),
        })
    }

    /// The queue group whose events are processed one at a time: `<portal>:<kind>:<object id>`.
    ///
    /// Ownership changes have a kind of their own, so that they do not wait behind a slow AI answer.
    pub fn queue_group(&self) -> String {
        let portal = &self.portal;
        match &self.kind {
            EventKind::ThreadAssigned { thread, .. } => format!("{portal}:owner:{thread}"),
            EventKind::NoteCreated { note } => format!("{portal}:note:{note}"),
            EventKind::TicketPropertyChanged { ticket, .. }
            | EventKind::TicketDeleted { ticket }
            | EventKind::TicketMerged { winner: ticket, .. } => format!("{portal}:ticket:{ticket}"),
            EventKind::ContactPrivacyDeleted { contact } => format!("{portal}:contact:{contact}"),
            EventKind::HandoffOpened { thread: None, session, .. } => format!("{portal}:session:{session}"),
            EventKind::MessageReceived { thread, .. }
            | EventKind::ThreadCreated { thread }
            | EventKind::ThreadDeleted { thread }
            | EventKind::ThreadStatusChanged { thread, .. }
            | EventKind::ActionRequested { thread, .. }
            | EventKind::HandoffOpened { thread: Some(thread), .. }
            | EventKind::ThreadPrivacyDeleted { thread } => format!("{portal}:thread:{thread}"),
        }
    }
}

#[cfg(test)]
mod tests;
