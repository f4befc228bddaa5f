//! A HubSpot conversation as far as our rules look at it.

use crate::{ActorId, AppId, ChannelAccountId, ChannelId, ContactId, InboxId, MessageId, ThreadId, TicketId};
use jiff::Timestamp;

/// A conversation thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The conversation.
    pub id: ThreadId,
    /// False once somebody closed it.
    pub open: bool,
    /// Its owner; `None` is unassigned.
    pub assigned_to: Option<ActorId>,
    /// The inbox or help desk it is in.
    pub inbox: Option<InboxId>,
    /// The customer; a visitor's id where there is no contact yet.
    pub contact: Option<ContactId>,
    /// The channel it began on.
    pub channel: Option<ChannelId>,
    /// The channel account it began on.
    pub channel_account: Option<ChannelAccountId>,
    /// The ticket it belongs to, as in a help desk.
    pub ticket: Option<TicketId>,
    /// HubSpot takes it for spam.
    pub spam: bool,
    /// Somebody archived it.
    pub archived: bool,
}

/// One entry of a thread.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The entry.
    pub id: MessageId,
    /// The conversation.
    pub thread: ThreadId,
    /// Its kind.
    pub kind: MessageKind,
    /// By HubSpot's clock.
    pub created_at: Timestamp,
    /// Its author in HubSpot; not always the sender.
    pub created_by: Option<ActorId>,
    /// The program it was made with.
    pub client: Client,
    /// Absent on comments and greetings.
    pub direction: Option<Direction>,
    /// The people who speak.
    pub senders: Vec<Party>,
    /// To whom.
    pub recipients: Vec<Party>,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub rich_text: Option<String>,
    /// E-mail only.
    pub subject: Option<String>,
    /// The channel of this message.
    pub channel: Option<ChannelId>,
    /// The channel account of this message.
    pub channel_account: Option<ChannelAccountId>,
    /// The text is cut and must be fetched in full. A cut quotation does not count.
    pub truncated: bool,
    /// HubSpot could not deliver it: why.
    pub failed: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Somebody archived it.
    pub archived: bool,
}

debug_only!(Message { id, thread, kind, created_at, client, direction });

/// The kind of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageKind {
    /// Public.
    Message,
    /// Internal.
    Comment,
    /// HubSpot's greeting.
    Welcome,
    /// The thread changed hands.
    Assignment {
        /// To whom; `None` is unassigned.
        to: Option<ActorId>,
    },
    /// Anything else.
    Other(String),
}

/// The program that made an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Client {
    /// HubSpot itself: a person's browser or mail.
    HubSpot,
    /// An app, where HubSpot says which.
    Integration(Option<AppId>),
    /// HubSpot's system; live-chat visitors come with it too.
    System,
    /// Not said.
    Unknown,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the customer.
    Incoming,
    /// To the customer.
    Outgoing,
}

/// A sender or recipient.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// HubSpot's id of them.
    pub actor: Option<ActorId>,
    /// A person's name.
    pub name: Option<String>,
    /// How to reach them.
    pub address: Option<DeliveryIdentifier>,
}

debug_only!(Party {});

/// An address on a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct DeliveryIdentifier {
    /// `HS_EMAIL_ADDRESS`, `HS_PHONE_NUMBER`, `HS_SHORT_CODE`, `CHANNEL_SPECIFIC_OPAQUE_ID`.
    pub kind: String,
    /// The address itself.
    pub value: String,
}

debug_only!(DeliveryIdentifier { kind });

/// A file in a message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// HubSpot's id of the file.
    pub file_id: Option<String>,
}

impl Attachment {
    /// As a text names it.
    pub fn named_file(&self) -> crate::NamedFile {
        crate::NamedFile { name: self.name.clone(), url: self.url.clone(), mime_type: None }
    }
}

debug_only!(Attachment { file_id });

#[cfg(test)]
mod tests;
