//! Threads and what is said in them (facts on conversations).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::files::FileId;
use crate::wire::{ActorResponse, MessageResponse, OriginalContentResponse, Page, PageResponse, ThreadResponse};
use domain::{
    ActorId, ChannelAccountId, ChannelId, ContactId, Message, MessageId, Party, RichText, Thread, ThreadId, TicketId,
};
use jiff::Timestamp;
use serde::Serialize;
use transport::Path;

/// A public message to the customer.
#[derive(Clone, PartialEq)]
pub struct OutgoingMessage {
    /// What it says.
    pub text: RichText,
    /// In whose name. HubSpot accepts agents (`A-…`) of the portal only.
    pub sender: ActorId,
    /// To whom: the senders of the customer's latest message. Those without an address are left out.
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

/// Somebody who takes part in conversations.
#[derive(Clone, PartialEq, Eq)]
pub struct Actor {
    /// Which kind of actor, and who.
    pub id: ActorId,
    /// As HubSpot shows it.
    pub name: Option<String>,
    /// Visitors have one once HubSpot knows them.
    pub email: Option<String>,
}

// Not even the id: that of an e-mail actor is the address.
debug_only!(Actor {});

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

#[derive(Serialize)]
struct IdentifierRequest<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssigneeRequest {
    actor_id: String,
}

#[derive(Serialize)]
struct ThreadStatusRequest {
    status: &'static str,
}

#[derive(Serialize)]
struct ActorsRequest {
    inputs: Vec<String>,
}

/// HubSpot reads at most this many actors in one call.
const ACTORS: usize = 100;
/// Entries asked for at once.
const PAGE: u32 = 100;
/// Threads asked for at once.
const THREADS: u32 = 500;
/// Pages read of one thread, where HubSpot starts with the oldest.
const PAGES: u32 = 20;

impl Portal {
    fn thread_path(&self, thread: &ThreadId) -> Path {
        self.versions().conversations().then("threads").then(thread)
    }

    /// The thread, with its ticket.
    pub async fn thread(&self, thread: &ThreadId) -> Result<Thread, HubSpotError> {
        let path = self.thread_path(thread).with("association", "TICKET");
        self.fetch::<ThreadResponse, _>(Ask::get("read a thread", path)).await
    }

    /// The thread of this ticket with the latest message, among its first 500. A ticket can have several.
    pub async fn latest_thread_of_ticket(&self, ticket: &TicketId) -> Result<Option<Thread>, HubSpotError> {
        let path = self.versions().conversations().then("threads").with("associatedTicketId", ticket);
        self.latest("list a ticket's threads", path).await
    }

    /// The open thread of this contact with the latest message, among the first 500.
    pub async fn latest_thread_of_contact(&self, contact: &ContactId) -> Result<Option<Thread>, HubSpotError> {
        let path = self.versions().conversations().then("threads").with("associatedContactId", contact);
        self.latest("list a contact's threads", path.with("threadStatus", "OPEN")).await
    }

    /// HubSpot sorts in rising order only.
    async fn latest(&self, what: &'static str, path: Path) -> Result<Option<Thread>, HubSpotError> {
        let path = path.with("sort", "latestMessageTimestamp").with("association", "TICKET").with("limit", 500);
        let page: Page<Thread> = self.fetch::<PageResponse<ThreadResponse>, _>(Ask::get(what, path)).await?;
        Ok(page.items.into_iter().next_back())
    }

    /// The threads in which somebody wrote after `since`, at most 10,000.
    pub async fn threads_since(&self, since: Timestamp) -> Result<Vec<ThreadId>, HubSpotError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let path = self.versions().conversations().then("threads");
            let mut path = path
                .with("latestMessageTimestampAfter", since)
                .with("sort", "latestMessageTimestamp")
                .with("limit", THREADS);
            if let Some(after) = &after {
                path = path.with("after", after);
            }
            let page: Page<Thread> =
                self.fetch::<PageResponse<ThreadResponse>, _>(Ask::get("list threads", path)).await?;
            found.extend(page.items.into_iter().map(|thread| thread.id));
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
        tracing::warn!("HubSpot has more threads than are read");
        Ok(found)
    }

    /// Closes the thread; the customer's next message opens it again.
    pub async fn close_thread(&self, thread: &ThreadId) -> Result<(), HubSpotError> {
        let body = ThreadStatusRequest { status: "CLOSED" };
        self.done(Ask::patch("close a thread", self.thread_path(thread), &body)).await
    }

    /// The newest `limit` entries of the thread, newest first, comments and assignments included.
    pub async fn messages(&self, thread: &ThreadId, limit: u32) -> Result<Vec<Message>, HubSpotError> {
        let wanted = limit as usize;
        let mut found: Vec<Message> = Vec::new();
        let mut after: Option<String> = None;
        let mut complete = false;
        for _ in 0..PAGES {
            let mut path = self
                .thread_path(thread)
                .then("messages")
                .with("limit", limit.clamp(20, PAGE))
                .with("sort", "-createdAt");
            if let Some(after) = &after {
                path = path.with("after", after);
            }
            let page: Page<Message> =
                self.fetch::<PageResponse<MessageResponse>, _>(Ask::get("list a thread's messages", path)).await?;
            found.extend(page.items);
            // Where the order asked for is not honoured, the newest are on the last page.
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
        self.fetch::<MessageResponse, _>(Ask::get("read a message", path)).await
    }

    /// The whole of a message that HubSpot shows cut short.
    pub async fn original_content(&self, thread: &ThreadId, message: &MessageId) -> Result<RichText, HubSpotError> {
        let path = self.thread_path(thread).then("messages").then(message).then("original-content");
        self.fetch::<OriginalContentResponse, _>(Ask::get("read a message's original content", path)).await
    }

    /// Says something to the customer. HubSpot delivers it later; the id says only that it was accepted.
    ///
    /// It also makes HubSpot assign the thread to the sender.
    pub async fn send_message(&self, thread: &ThreadId, message: &OutgoingMessage) -> Result<MessageId, HubSpotError> {
        let body = EntryRequest::Message {
            text: &message.text.text,
            rich_text: &message.text.html,
            recipients: message.recipients.iter().filter_map(recipient).collect(),
            sender_actor_id: message.sender.to_string(),
            channel_id: message.channel.as_str(),
            channel_account_id: message.channel_account.as_str(),
            subject: message.subject.as_deref(),
            attachments: message
                .files
                .iter()
                .map(|FileId(id)| AttachmentRequest { kind: "FILE", file_id: id })
                .collect(),
        };
        self.create(Ask::post_once("send a message", self.thread_path(thread).then("messages"), &body)).await
    }

    /// Leaves an internal comment; its author is the app.
    pub async fn send_comment(&self, thread: &ThreadId, text: &RichText) -> Result<MessageId, HubSpotError> {
        let body = EntryRequest::Comment { text: &text.text, rich_text: &text.html, attachments: [] };
        self.create(Ask::post_once("leave a comment", self.thread_path(thread).then("messages"), &body)).await
    }

    fn assignee_path(&self, thread: &ThreadId) -> Path {
        self.versions().assignees().then("threads").then(thread).then("assignee")
    }

    /// Gives the thread to `to`, an agent.
    pub async fn assign(&self, thread: &ThreadId, to: &ActorId) -> Result<(), HubSpotError> {
        let body = AssigneeRequest { actor_id: to.to_string() };
        self.done(Ask::put("assign a thread", self.assignee_path(thread), &body)).await
    }

    /// Takes the thread from whoever has it.
    pub async fn unassign(&self, thread: &ThreadId) -> Result<(), HubSpotError> {
        self.done(Ask::delete("unassign a thread", self.assignee_path(thread))).await
    }

    /// Who that is.
    pub async fn actor(&self, actor: &ActorId) -> Result<Actor, HubSpotError> {
        let path = self.versions().conversations().then("actors").then(actor);
        self.fetch::<ActorResponse, _>(Ask::get("read an actor", path)).await
    }

    /// Who those are. HubSpot leaves out the ones it does not know.
    pub async fn actors(&self, actors: &[ActorId]) -> Result<Vec<Actor>, HubSpotError> {
        let mut found = Vec::with_capacity(actors.len());
        for part in actors.chunks(ACTORS) {
            let path = self.versions().conversations().then("actors").then("batch").then("read");
            let body = ActorsRequest { inputs: part.iter().map(ToString::to_string).collect() };
            let page: Page<Actor> =
                self.fetch::<PageResponse<ActorResponse>, _>(Ask::post_repeatable("read actors", path, &body)).await?;
            found.extend(page.items);
        }
        Ok(found)
    }
}

fn recipient(party: &Party) -> Option<RecipientRequest<'_>> {
    let address = party.address.as_ref()?;
    Some(RecipientRequest {
        actor_id: party.actor.as_ref().map(ToString::to_string),
        name: party.name.as_deref(),
        recipient_field: (address.kind == "HS_EMAIL_ADDRESS").then_some("TO"),
        delivery_identifiers: [IdentifierRequest { kind: &address.kind, value: &address.value }],
    })
}
