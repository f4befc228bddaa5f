//! Threads, their entries, actors and inboxes (facts on conversations, "Thread", "Message", "Actors").

use super::{Loose, WireError};
use crate::conversations::Actor;
use crate::inboxes::Inbox;
use domain::{
    ActorId, Attachment, Client, DeliveryIdentifier, Direction, Message, MessageKind, Party, RichText, Thread,
};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ThreadResponse {
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
        let assigned_to = wire.assigned_to.filled().map(|text| ActorId::parse_user(&text)).transpose()?;
        Ok(Self {
            id: wire.id.required("id")?,
            // What HubSpot adds beside OPEN and CLOSED is not over.
            open: !wire.status.is("CLOSED"),
            assigned_to,
            inbox: wire.inbox_id.id()?,
            contact: wire.associated_contact_id.id()?,
            channel: wire.original_channel_id.id()?,
            channel_account: wire.original_channel_account_id.id()?,
            ticket: wire.thread_associations.unwrap_or_default().associated_ticket_id.id()?,
            spam: wire.spam.is("true"),
            archived: wire.archived.is("true"),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MessageResponse {
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
#[serde(default)]
pub(super) struct IdentifierResponse {
    #[serde(rename = "type")]
    kind: Loose,
    value: Loose,
}

pub(super) fn address(wire: IdentifierResponse) -> Option<DeliveryIdentifier> {
    let (kind, value) = wire.kind.filled().zip(wire.value.filled())?;
    Some(DeliveryIdentifier { kind, value })
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
        let created_at = wire.created_at.as_str().and_then(|text| text.parse().ok());
        let not_a_time = WireError { field: "createdAt", problem: "it is missing or no time" };
        Ok(Self {
            id: wire.id.required("id")?,
            thread: wire.conversations_thread_id.required("conversationsThreadId")?,
            kind: kind(wire.kind, wire.assigned_to)?,
            created_at: created_at.ok_or(not_a_time)?,
            created_by: actor(wire.created_by)?,
            client: client(wire.client.unwrap_or_default())?,
            direction: direction(&wire.direction),
            senders: parties(wire.senders)?,
            recipients: parties(wire.recipients)?,
            text: wire.text.text().unwrap_or_default(),
            rich_text: wire.rich_text.filled(),
            subject: wire.subject.filled(),
            channel: wire.channel_id.id()?,
            channel_account: wire.channel_account_id.id()?,
            // TRUNCATED_TO_MOST_RECENT_REPLY is an e-mail without the history it quotes, which is what we want.
            truncated: wire.truncation_status.is("TRUNCATED"),
            failed: wire.status.and_then(failure),
            attachments: wire.attachments.unwrap_or_default().into_iter().filter_map(attachment).collect(),
            archived: wire.archived.is("true"),
        })
    }
}

fn actor(text: Loose) -> Result<Option<ActorId>, WireError> {
    Ok(text.filled().map(|text| ActorId::parse(&text)).transpose()?)
}

fn parties(list: Option<Vec<PartyResponse>>) -> Result<Vec<Party>, WireError> {
    list.unwrap_or_default().into_iter().map(Party::try_from).collect()
}

fn kind(kind: Loose, assigned_to: Loose) -> Result<MessageKind, WireError> {
    Ok(match kind.as_str() {
        Some("MESSAGE") => MessageKind::Message,
        Some("COMMENT") => MessageKind::Comment,
        Some("WELCOME_MESSAGE") => MessageKind::Welcome,
        Some("ASSIGNMENT") => MessageKind::Assignment { to: actor(assigned_to)? },
        _ => MessageKind::Other(kind.text().unwrap_or_default()),
    })
}

fn client(wire: ClientResponse) -> Result<Client, WireError> {
    Ok(match wire.client_type.as_str() {
        Some("HUBSPOT") => Client::HubSpot,
        Some("INTEGRATION") => Client::Integration(wire.integration_app_id.id()?),
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

/// What the person sent along. Headers, buttons and channel metadata ride in the same list and are not.
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
        let address = wire.delivery_identifier.and_then(address);
        Ok(Self { actor: actor(wire.actor_id)?, name: wire.name.filled(), address })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OriginalContentResponse {
    text: Loose,
    rich_text: Loose,
}

impl TryFrom<OriginalContentResponse> for RichText {
    type Error = WireError;

    fn try_from(wire: OriginalContentResponse) -> Result<Self, WireError> {
        Ok(Self { text: wire.text.text().unwrap_or_default(), html: wire.rich_text.text().unwrap_or_default() })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ActorResponse {
    id: Loose,
    name: Loose,
    email: Loose,
}

impl TryFrom<ActorResponse> for Actor {
    type Error = WireError;

    fn try_from(wire: ActorResponse) -> Result<Self, WireError> {
        let missing = WireError { field: "id", problem: "it is missing" };
        Ok(Self { id: actor(wire.id)?.ok_or(missing)?, name: wire.name.filled(), email: wire.email.filled() })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct InboxResponse {
    id: Loose,
    name: Loose,
    #[serde(rename = "type")]
    kind: Loose,
}

impl TryFrom<InboxResponse> for Inbox {
    type Error = WireError;

    fn try_from(wire: InboxResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            name: wire.name.text().unwrap_or_default(),
            help_desk: wire.kind.is("HELP_DESK"),
        })
    }
}
