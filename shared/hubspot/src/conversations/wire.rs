//! Threads and messages as HubSpot writes them.

use crate::wire::{IdentifierResponse, actor, address};
use domain::{ActorId, Attachment, Client, Direction, Message, MessageKind, Party, RichText, Thread};
use serde::Deserialize;
use transport::json::{Loose, WireError};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ThreadResponse {
    id: Loose,
    status: Loose,
    assigned_to: Loose,
    inbox_id: Loose,
    associated_contact_id: Loose,
    original_channel_id: Loose,
    original_channel_account_id: Loose,
    thread_associations: Option<ThreadAssociationsResponse>,
    spam: Loose,
    archived: Loose,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ThreadAssociationsResponse {
    associated_ticket_id: Loose,
}

impl TryFrom<ThreadResponse> for Thread {
    type Error = WireError;

    fn try_from(wire: ThreadResponse) -> Result<Self, WireError> {
        let assigned_to = wire.assigned_to.filled().map(|text| ActorId::parse_user(&text)).transpose();
        let assigned_to = assigned_to.map_err(|_| WireError::no_id("assignedTo"))?;
        Ok(Self {
            id: wire.id.required("id")?,
            // A new word beside OPEN and CLOSED counts as open.
            open: !wire.status.is("CLOSED"),
            assigned_to,
            inbox: wire.inbox_id.id("inboxId")?,
            contact: wire.associated_contact_id.id("associatedContactId")?,
            channel: wire.original_channel_id.id("originalChannelId")?,
            channel_account: wire.original_channel_account_id.id("originalChannelAccountId")?,
            ticket: wire.thread_associations.unwrap_or_default().associated_ticket_id.id("associatedTicketId")?,
            spam: wire.spam.is("true"),
            archived: wire.archived.is("true"),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MessageResponse {
    id: Loose,
    conversations_thread_id: Loose,
    #[serde(rename = "type")]
    kind: Loose,
    created_at: Loose,
    created_by: Loose,
    client: Option<ClientResponse>,
    direction: Loose,
    senders: Option<Vec<PartyResponse>>,
    recipients: Option<Vec<PartyResponse>>,
    text: Loose,
    rich_text: Loose,
    subject: Loose,
    channel_id: Loose,
    channel_account_id: Loose,
    truncation_status: Loose,
    status: Option<StatusResponse>,
    attachments: Option<Vec<AttachmentResponse>>,
    archived: Loose,
    assigned_to: Loose,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ClientResponse {
    client_type: Loose,
    integration_app_id: Loose,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PartyResponse {
    actor_id: Loose,
    name: Loose,
    delivery_identifier: Option<IdentifierResponse>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct StatusResponse {
    status_type: Loose,
    failure_details: Option<FailureResponse>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct FailureResponse {
    error_message: Loose,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AttachmentResponse {
    #[serde(rename = "type")]
    kind: Loose,
    name: Loose,
    url: Loose,
    file_id: Loose,
}

impl TryFrom<MessageResponse> for Message {
    type Error = WireError;

    fn try_from(wire: MessageResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            thread: wire.conversations_thread_id.required("conversationsThreadId")?,
            kind: kind(wire.kind, wire.assigned_to)?,
            created_at: wire.created_at.time().ok_or(WireError::no_time("createdAt"))?,
            created_by: actor(wire.created_by, "createdBy")?,
            client: client(wire.client.unwrap_or_default())?,
            direction: direction(&wire.direction),
            senders: parties(wire.senders)?,
            recipients: parties(wire.recipients)?,
            text: wire.text.text().unwrap_or_default(),
            rich_text: wire.rich_text.filled(),
            subject: wire.subject.filled(),
            channel: wire.channel_id.id("channelId")?,
            channel_account: wire.channel_account_id.id("channelAccountId")?,
            // TRUNCATED_TO_MOST_RECENT_REPLY is an e-mail without the history it quotes, as we want it.
            truncated: wire.truncation_status.is("TRUNCATED"),
            failed: wire.status.and_then(failure),
            attachments: wire.attachments.unwrap_or_default().into_iter().filter_map(attachment).collect(),
            archived: wire.archived.is("true"),
        })
    }
}

fn parties(list: Option<Vec<PartyResponse>>) -> Result<Vec<Party>, WireError> {
    list.unwrap_or_default().into_iter().map(Party::try_from).collect()
}

fn kind(kind: Loose, assigned_to: Loose) -> Result<MessageKind, WireError> {
    Ok(match kind.as_str() {
        Some("MESSAGE") => MessageKind::Message,
        Some("COMMENT") => MessageKind::Comment,
        Some("WELCOME_MESSAGE") => MessageKind::Welcome,
        Some("ASSIGNMENT") => MessageKind::Assignment { to: actor(assigned_to, "assignedTo")? },
        _ => MessageKind::Other(kind.text().unwrap_or_default()),
    })
}

fn client(wire: ClientResponse) -> Result<Client, WireError> {
    Ok(match wire.client_type.as_str() {
        Some("HUBSPOT") => Client::HubSpot,
        Some("INTEGRATION") => Client::Integration(wire.integration_app_id.id("integrationAppId")?),
        Some("SYSTEM") => Client::System,
        _ => Client::Unknown,
    })
}

fn direction(wire: &Loose) -> Option<Direction> {
    match wire.as_str()? {
        "INCOMING" => Some(Direction::Incoming),
        "OUTGOING" => Some(Direction::Outgoing),
        _ => None,
    }
}

fn failure(status: StatusResponse) -> Option<String> {
    let reason = || status.failure_details.and_then(|details| details.error_message.filled());
    status.status_type.is("FAILED").then(|| reason().unwrap_or_else(|| "HubSpot names no reason".to_owned()))
}

/// A file that the person sent along. Headers, buttons and metadata of the channel are in the same list and left out.
fn attachment(wire: AttachmentResponse) -> Option<Attachment> {
    let own = ["QUICK_REPLIES", "MESSAGE_HEADER", "SOCIAL_MEDIA_METADATA", "WHATSAPP_TEMPLATE_METADATA"];
    if own.iter().any(|kind| wire.kind.is(kind)) {
        return None;
    }
    Some(Attachment { name: wire.name.filled(), url: wire.url.filled(), file_id: wire.file_id.filled() })
}

impl TryFrom<PartyResponse> for Party {
    type Error = WireError;

    fn try_from(wire: PartyResponse) -> Result<Self, WireError> {
        let (actor, address) = (actor(wire.actor_id, "actorId")?, address(wire.delivery_identifier));
        Ok(Self { actor, name: wire.name.filled(), address })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct OriginalContentResponse {
    text: Loose,
    rich_text: Loose,
}

impl TryFrom<OriginalContentResponse> for RichText {
    type Error = WireError;

    fn try_from(wire: OriginalContentResponse) -> Result<Self, WireError> {
        Ok(Self { text: wire.text.text().unwrap_or_default(), html: wire.rich_text.text().unwrap_or_default() })
    }
}
