//! A thread and its history: <https://developers.hubspot.com/docs/api/conversations/conversations>.

use super::team::Teammate;
use crate::wire::{iso, present, text};
use jiff::Timestamp;
use serde_json::{Value, json};

/// One entry of the history, in the shape in which it is read.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) wire: Value,
    /// The whole text, where `wire` has a part of it.
    pub(crate) original: Option<Value>,
}

impl Entry {
    pub(crate) fn id(&self) -> &str {
        text(&self.wire, "id").unwrap_or_default()
    }
}

pub(crate) const INBOX: &str = "481939";
pub(crate) const HELP_DESK: &str = "273071781";

/// A channel, with its accounts in the two inboxes.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) accounts: [&'static str; 2],
}

pub(crate) const CHANNELS: &[Channel] = &[
    Channel { name: "web", id: "1000", accounts: ["148662", "148762"] },
    Channel { name: "messenger", id: "1001", accounts: ["148663", "148763"] },
    Channel { name: "email", id: "1002", accounts: ["779894945", "779895045"] },
    Channel { name: "whatsapp", id: "1007", accounts: ["148667", "148767"] },
];

/// Our app's own channel; its accounts are made by the app.
pub(crate) static CUSTOM: Channel = Channel { name: "custom", id: "1057", accounts: ["", ""] };

/// The person on the other side of a thread.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// A contact's id, or a visitor's that is no contact yet.
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// Delivery identifier: its type and value.
    pub(crate) address: (&'static str, String),
}

#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) id: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) channel: &'static Channel,
    /// On a custom channel: its account.
    pub(crate) custom_account: Option<String>,
    pub(crate) help_desk: bool,
    pub(crate) visitor: Visitor,
    pub(crate) assigned_to: Option<String>,
    pub(crate) ticket: Option<u64>,
    pub(crate) spam: bool,
    pub(crate) archived: bool,
    pub(crate) entries: Vec<Entry>,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) received_at: Option<Timestamp>,
}

impl Thread {
    pub(crate) fn open(&self) -> bool {
        self.closed_at.is_none()
    }

    pub(crate) fn account(&self) -> &str {
        let [inbox, help_desk] = self.channel.accounts;
        self.custom_account.as_deref().unwrap_or(if self.help_desk { help_desk } else { inbox })
    }

    pub(crate) fn inbox(&self) -> &'static str {
        if self.help_desk { HELP_DESK } else { INBOX }
    }

    pub(crate) fn status(&self) -> &'static str {
        if self.open() { "OPEN" } else { "CLOSED" }
    }

    /// The fields of a MESSAGE beside text and people.
    pub(crate) fn message_fields(&self, incoming: bool) -> Value {
        let (direction, status) = if incoming { ("INCOMING", "RECEIVED") } else { ("OUTGOING", "SENT") };
        json!({
            "type": "MESSAGE", "truncationStatus": "NOT_TRUNCATED", "status": { "statusType": status },
            "direction": direction, "channelId": self.channel.id, "channelAccountId": self.account(), "attachments": [],
        })
    }

    /// A teammate as the sender of a message on this thread.
    pub(crate) fn sender(&self, mate: &Teammate) -> Value {
        if self.channel.name == "email" {
            let identifier = json!({ "type": "HS_EMAIL_ADDRESS", "value": "support@support.example" });
            return json!({
                "actorId": mate.actor(), "name": mate.name, "senderField": "FROM", "deliveryIdentifier": identifier,
            });
        }
        json!({ "actorId": mate.actor(), "name": mate.name })
    }

    pub(crate) fn show(&self, with_ticket: bool) -> Value {
        let at = |time: Option<Timestamp>| time.map(iso);
        let ticket = self.ticket.filter(|_| with_ticket).map(|id| json!({ "associatedTicketId": id.to_string() }));
        present(json!({
            "id": self.id.to_string(), "createdAt": iso(self.created_at), "status": self.status(),
            "originalChannelId": self.channel.id, "originalChannelAccountId": self.account(), "spam": self.spam,
            "inboxId": self.inbox(), "associatedContactId": self.visitor.id.to_string(), "archived": self.archived,
            "closedAt": at(self.closed_at), "latestMessageTimestamp": at(self.sent_at.max(self.received_at)),
            "latestMessageSentTimestamp": at(self.sent_at), "latestMessageReceivedTimestamp": at(self.received_at),
            "assignedTo": self.assigned_to, "threadAssociations": ticket,
        }))
    }
}

/// The rich text of a message that was written as plain text.
pub(crate) fn as_html(plain: &str) -> String {
    let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>");
    format!("<div>{escaped}</div>")
}
