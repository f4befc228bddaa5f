//! Threads and their messages: the calls. `conversations/wire.rs` reads HubSpot's answers.
//!
//! See <https://developers.hubspot.com/docs/api/conversations/conversations>.

use crate::address;
use crate::client::Portal;
use crate::error::HubSpotError;
use crate::files::FileId;
use crate::wire::IdentifierRequest;
use domain::{
    ActorId, ChannelAccountId, ChannelId, ContactId, Message, MessageId, Party, RichText, Thread, ThreadId, TicketId,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use transport::json::JsonCall;
use transport::{Path, debug_only};
use wire::{MessageResponse, OriginalContentResponse, ThreadResponse};

mod wire;

/// A public message to the customer.
#[derive(Clone, PartialEq)]
pub struct OutgoingMessage {
    /// The words.
    pub text: RichText,
    /// The writer. HubSpot accepts agents (`A-…`) of the portal only.
    pub sender: ActorId,
    /// The senders of the customer's latest message. Those without an address are left out.
    pub recipients: Vec<Party>,
    /// The channel of the customer's latest message.
    pub channel: ChannelId,
    /// Its channel account.
    pub channel_account: ChannelAccountId,
    /// E-mail only.
    pub subject: Option<String>,
    /// Files of the portal that go along.
    pub files: Vec<FileId>,
}

debug_only!(OutgoingMessage { channel, channel_account });

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum EntryRequest<'a> {
    Message {
        text: &'a str,
        rich_text: &'a str,
        recipients: Vec<RecipientRequest<'a>>,
        sender_actor_id: String,
        channel_id: &'a str,
        channel_account_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<&'a str>,
        /// Required by HubSpot even where there are none.
        attachments: Vec<AttachmentRequest<'a>>,
    },
    Comment {
        text: &'a str,
        rich_text: &'a str,
        attachments: [(); 0],
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentRequest<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    file_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecipientRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_field: Option<&'static str>,
    delivery_identifiers: [IdentifierRequest<'a>; 1],
}

/// Entries asked for at once.
const PAGE: u32 = 100;
/// Threads asked for at once.
const THREADS: u32 = 500;
/// Pages read of one thread, where HubSpot starts with the oldest.
const PAGES: usize = 20;

impl Portal {
    fn thread_path(&self, thread: &ThreadId) -> Path {
        self.conversations().then("threads").then(thread)
    }

    /// The thread, with its ticket.
    pub async fn thread(&self, thread: &ThreadId) -> Result<Thread, HubSpotError> {
        let path = self.thread_path(thread).with("association", "TICKET");
        self.fetch::<ThreadResponse, _>(JsonCall::get("read a thread", path)).await
    }

    /// The thread of this ticket with the latest message, among its first 500. A ticket can have several.
    pub async fn latest_thread_of_ticket(&self, ticket: &TicketId) -> Result<Option<Thread>, HubSpotError> {
        let path = self.conversations().then("threads").with("associatedTicketId", ticket);
        self.latest("list a ticket's threads", path).await
    }

    /// The open thread of this contact with the latest message, among the first 500.
    pub async fn latest_thread_of_contact(&self, contact: &ContactId) -> Result<Option<Thread>, HubSpotError> {
        let path = self.conversations().then("threads").with("associatedContactId", contact);
        self.latest("list a contact's threads", path.with("threadStatus", "OPEN")).await
    }

    /// HubSpot sorts in rising order only.
    async fn latest(&self, what: &'static str, path: Path) -> Result<Option<Thread>, HubSpotError> {
        let path = path.with("sort", "latestMessageTimestamp").with("association", "TICKET").with("limit", 500);
        Ok(self.list::<ThreadResponse, _>(JsonCall::get(what, path)).await?.into_iter().next_back())
    }

    /// The threads in which somebody wrote after `since`, at most 10,000.
    pub async fn threads_since(&self, since: Timestamp) -> Result<Vec<ThreadId>, HubSpotError> {
        let path = self.conversations().then("threads").with("latestMessageTimestampAfter", since);
        let path = path.with("sort", "latestMessageTimestamp").with("limit", THREADS);
        let found: Vec<Thread> = self.pages::<ThreadResponse, _>("list threads", path, PAGES).await?;
        Ok(found.into_iter().map(|thread| thread.id).collect())
    }

    /// Closes the thread; the customer's next message opens it again.
    pub async fn close_thread(&self, thread: &ThreadId) -> Result<(), HubSpotError> {
        let body = json!({"status": "CLOSED"});
        self.done(JsonCall::patch("close a thread", self.thread_path(thread), &body)).await
    }

    /// The newest `limit` entries of the thread, newest first, comments and assignments included.
    pub async fn messages(&self, thread: &ThreadId, limit: u32) -> Result<Vec<Message>, HubSpotError> {
        let wanted = limit as usize;
        let first = self.thread_path(thread).then("messages");
        let first = first.with("limit", limit.clamp(20, PAGE)).with("sort", "-createdAt");
        let mut found: Vec<Message> = Vec::new();
        let mut after: Option<String> = None;
        let mut complete = false;
        for _ in 0..PAGES {
            let path = after.iter().fold(first.clone(), |path, after| path.with("after", after));
            let page = self.page::<MessageResponse, _>(JsonCall::get("list a thread's messages", path)).await?;
            found.extend(page.items);
            // If HubSpot ignores the order, the newest are on the last page.
            let newest_first = found.first().map(|m| m.created_at) >= found.last().map(|m| m.created_at);
            after = page.next;
            complete = after.is_none() || (newest_first && found.len() >= wanted);
            if complete {
                break;
            }
        }
        if !complete {
            tracing::warn!(thread.id = %thread, "a thread has more pages than are read; its newest messages may be missing");
        }
        found.sort_by_key(|message| std::cmp::Reverse(message.created_at));
        found.truncate(wanted);
        Ok(found)
    }

    /// One entry of the thread.
    pub async fn message(&self, thread: &ThreadId, message: &MessageId) -> Result<Message, HubSpotError> {
        let path = self.thread_path(thread).then("messages").then(message);
        self.fetch::<MessageResponse, _>(JsonCall::get("read a message", path)).await
    }

    /// The whole of a message that HubSpot shows cut short.
    pub async fn original_content(&self, thread: &ThreadId, message: &MessageId) -> Result<RichText, HubSpotError> {
        let path = self.thread_path(thread).then("messages").then(message).then("original-content");
        self.fetch::<OriginalContentResponse, _>(JsonCall::get("read a message's original content", path)).await
    }

    /// Sends a message to the customer. HubSpot delivers it later; the id says only that HubSpot accepted it.
    ///
    /// HubSpot also assigns the thread to the sender.
    pub async fn send_message(&self, thread: &ThreadId, message: &OutgoingMessage) -> Result<MessageId, HubSpotError> {
        let files = message.files.iter();
        let body = EntryRequest::Message {
            text: &message.text.text,
            rich_text: &message.text.html,
            recipients: message.recipients.iter().filter_map(recipient).collect(),
            sender_actor_id: message.sender.to_string(),
            channel_id: message.channel.as_str(),
            channel_account_id: message.channel_account.as_str(),
            subject: message.subject.as_deref(),
            attachments: files.map(|FileId(file_id)| AttachmentRequest { kind: "FILE", file_id }).collect(),
        };
        self.create(JsonCall::post_once("send a message", self.thread_path(thread).then("messages"), &body)).await
    }

    /// Leaves an internal comment; its author is the app.
    pub async fn send_comment(&self, thread: &ThreadId, text: &RichText) -> Result<MessageId, HubSpotError> {
        let body = EntryRequest::Comment { text: &text.text, rich_text: &text.html, attachments: [] };
        self.create(JsonCall::post_once("leave a comment", self.thread_path(thread).then("messages"), &body)).await
    }

    fn assignee_path(&self, thread: &ThreadId) -> Path {
        Path::new(self.versions().assignees).then("threads").then(thread).then("assignee")
    }

    /// Gives the thread to `to`, an agent.
    pub async fn assign(&self, thread: &ThreadId, to: &ActorId) -> Result<(), HubSpotError> {
        let body = json!({"actorId": to.to_string()});
        self.done(JsonCall::put("assign a thread", self.assignee_path(thread), &body)).await
    }

    /// Takes the thread from its owner.
    pub async fn unassign(&self, thread: &ThreadId) -> Result<(), HubSpotError> {
        self.done(JsonCall::delete("unassign a thread", self.assignee_path(thread))).await
    }
}

fn recipient(party: &Party) -> Option<RecipientRequest<'_>> {
    let address = party.address.as_ref()?;
    Some(RecipientRequest {
        actor_id: party.actor.as_ref().map(ToString::to_string),
        name: party.name.as_deref(),
        recipient_field: address::email(address).is_some().then_some("TO"),
        delivery_identifiers: [address.into()],
    })
}
