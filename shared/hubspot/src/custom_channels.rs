//! Custom channels: conversations that take place outside HubSpot, shown as threads in it.
//!
//! See <https://developers.hubspot.com/docs/api/conversations/create-custom-channels>.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::wire::{IdentifierRequest, IdentifierResponse, address};
use domain::{
    ChannelAccountId, ChannelId, ContactId, DeliveryIdentifier, Direction, InboxId, MessageId, Party, RichText,
    ThreadId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use transport::json::{JsonCall, Loose, WireError};
use transport::{Path, debug_only};

/// An account of our own channel: it stands in one inbox.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomAccount {
    /// Its id.
    pub id: ChannelAccountId,
    /// The inbox its conversations arrive in.
    pub inbox: Option<InboxId>,
    /// Its address on the channel; we choose it when we create the account.
    pub address: Option<DeliveryIdentifier>,
    /// False where the portal has switched it off or archived it.
    pub usable: bool,
}

debug_only!(CustomAccount { id, inbox, usable });

/// A message on a channel of ours.
#[derive(Clone, PartialEq)]
pub struct ChannelMessage {
    /// The account.
    pub account: ChannelAccountId,
    /// The customer's messages are incoming.
    pub direction: Direction,
    /// The writer. Needs an address.
    pub sender: Party,
    /// The reader. Needs an address.
    pub recipient: Party,
    /// The words.
    pub text: RichText,
    /// The moment it was written.
    pub at: Timestamp,
    /// Messages with the same one belong to the same thread.
    pub conversation: String,
    /// HubSpot keeps one message of each.
    pub idempotency_key: String,
    /// The customer, where known.
    pub contact: Option<ContactId>,
}

debug_only!(ChannelMessage { account, direction, conversation, idempotency_key });

/// A message as HubSpot keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedMessage {
    /// Its id.
    pub id: MessageId,
    /// The thread it is in.
    pub thread: ThreadId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublishRequest<'a> {
    channel_account_id: &'a str,
    message_direction: &'static str,
    senders: Vec<ParticipantRequest<'a>>,
    recipients: Vec<ParticipantRequest<'a>>,
    text: &'a str,
    rich_text: &'a str,
    timestamp: String,
    integration_thread_id: &'a str,
    integration_idempotency_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    associate_with_contact_id: Option<u64>,
    /// Required by HubSpot even where there are none.
    attachments: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ParticipantRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    delivery_identifier: IdentifierRequest<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct CustomAccountResponse {
    id: Loose,
    inbox_id: Loose,
    delivery_identifier: Option<IdentifierResponse>,
    active: Option<bool>,
    authorized: Option<bool>,
    archived: Option<bool>,
}

impl TryFrom<CustomAccountResponse> for CustomAccount {
    type Error = WireError;

    fn try_from(wire: CustomAccountResponse) -> Result<Self, WireError> {
        let usable = wire.active.unwrap_or(true) && wire.authorized.unwrap_or(true) && !wire.archived.unwrap_or(false);
        Ok(Self {
            id: wire.id.required("id")?,
            inbox: wire.inbox_id.id("inboxId")?,
            address: address(wire.delivery_identifier),
            usable,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PublishedResponse {
    id: Loose,
    conversations_thread_id: Loose,
}

impl TryFrom<PublishedResponse> for PublishedMessage {
    type Error = WireError;

    fn try_from(wire: PublishedResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            thread: wire.conversations_thread_id.required("conversationsThreadId")?,
        })
    }
}

impl Portal {
    fn channel_path(&self, channel: &ChannelId) -> Path {
        Path::new(self.versions().custom_channels).then(channel)
    }

    /// The accounts of our channel in this portal.
    pub async fn custom_accounts(&self, channel: &ChannelId) -> Result<Vec<CustomAccount>, HubSpotError> {
        let path = self.channel_path(channel).then("channel-accounts").with("limit", 100);
        self.list::<CustomAccountResponse, _>(JsonCall::get("list a custom channel's accounts", path)).await
    }

    /// Puts our channel into an inbox, under an address of our choice. Not repeatable: look first.
    pub async fn create_custom_account(
        &self,
        channel: &ChannelId,
        inbox: &InboxId,
        name: &str,
        address: &DeliveryIdentifier,
    ) -> Result<ChannelAccountId, HubSpotError> {
        let path = self.channel_path(channel).then("channel-accounts");
        let identifier = IdentifierRequest::from(address);
        let body = json!({"inboxId": inbox, "name": name, "deliveryIdentifier": identifier, "authorized": true});
        self.create(JsonCall::post_once("create a custom channel's account", path, &body)).await
    }

    /// Puts the message into its thread, and begins the thread with the first message. HubSpot keeps one message of each
    /// idempotency key, so this may be sent again.
    pub async fn publish(
        &self,
        channel: &ChannelId,
        message: &ChannelMessage,
    ) -> Result<PublishedMessage, HubSpotError> {
        let body = PublishRequest {
            channel_account_id: message.account.as_str(),
            message_direction: match message.direction {
                Direction::Incoming => "INCOMING",
                Direction::Outgoing => "OUTGOING",
            },
            senders: participant(&message.sender),
            recipients: participant(&message.recipient),
            text: &message.text.text,
            rich_text: &message.text.html,
            timestamp: message.at.to_string(),
            integration_thread_id: &message.conversation,
            integration_idempotency_id: &message.idempotency_key,
            associate_with_contact_id: message.contact.as_ref().and_then(|contact| contact.as_str().parse().ok()),
            attachments: [],
        };
        let path = self.channel_path(channel).then("messages");
        self.fetch::<PublishedResponse, _>(JsonCall::post_repeatable("publish a message", path, &body)).await
    }
}

/// HubSpot takes one on each side.
fn participant(party: &Party) -> Vec<ParticipantRequest<'_>> {
    let with_address = |address| ParticipantRequest { name: party.name.as_deref(), delivery_identifier: address };
    party.address.iter().map(|address| with_address(address.into())).collect()
}
