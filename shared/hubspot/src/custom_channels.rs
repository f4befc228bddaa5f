//! Custom channels: conversations that take place outside HubSpot, as threads in it (HubSpot's custom channels guide).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{CustomAccountResponse, Page, PageResponse, PublishedResponse};
use domain::{
    ChannelAccountId, ChannelId, ContactId, DeliveryIdentifier, Direction, InboxId, MessageId, Party, RichText,
    ThreadId,
};
use jiff::Timestamp;
use serde::Serialize;
use transport::Path;

/// An account of our own channel: it stands in one inbox.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomAccount {
    /// Its id.
    pub id: ChannelAccountId,
    /// The inbox its conversations arrive in.
    pub inbox: Option<InboxId>,
    /// What it is called on the channel; we choose it when we create the account.
    pub address: Option<DeliveryIdentifier>,
    /// False where the portal has switched it off or archived it.
    pub usable: bool,
}

debug_only!(CustomAccount { id, inbox, usable });

/// What was said on a channel of ours.
#[derive(Clone, PartialEq)]
pub struct ChannelMessage {
    /// The account.
    pub account: ChannelAccountId,
    /// Incoming is what the customer says.
    pub direction: Direction,
    /// Who says it. Needs an address.
    pub sender: Party,
    /// To whom. Needs an address.
    pub recipient: Party,
    /// What is said.
    pub text: RichText,
    /// When.
    pub at: Timestamp,
    /// Messages with the same one belong to the same thread.
    pub conversation: String,
    /// HubSpot keeps one message of each.
    pub idempotency_key: String,
    /// Whose conversation it is, where that is known.
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
struct AccountRequest<'a> {
    inbox_id: &'a str,
    name: &'a str,
    delivery_identifier: IdentifierRequest<'a>,
    authorized: bool,
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

#[derive(Serialize)]
struct IdentifierRequest<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    value: &'a str,
}

impl<'a> From<&'a DeliveryIdentifier> for IdentifierRequest<'a> {
    fn from(address: &'a DeliveryIdentifier) -> Self {
        Self { kind: &address.kind, value: &address.value }
    }
}

impl Portal {
    fn channel_path(&self, channel: &ChannelId) -> Path {
        self.versions().custom_channels().then(channel)
    }

    /// The accounts of our channel in this portal.
    pub async fn custom_accounts(&self, channel: &ChannelId) -> Result<Vec<CustomAccount>, HubSpotError> {
        let path = self.channel_path(channel).then("channel-accounts").with("limit", 100);
        let ask = Ask::get("list a custom channel's accounts", path);
        let page: Page<CustomAccount> = self.fetch::<PageResponse<CustomAccountResponse>, _>(ask).await?;
        Ok(page.items)
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
        let body =
            AccountRequest { inbox_id: inbox.as_str(), name, delivery_identifier: address.into(), authorized: true };
        self.create(Ask::post_once("create a custom channel's account", path, &body)).await
    }

    /// Puts what was said into its thread, and begins the thread with the first message. The same idempotency key has
    /// the same message, so this may be sent again.
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
        self.fetch::<PublishedResponse, _>(Ask::post_repeatable("publish a message", path, &body)).await
    }
}

/// HubSpot takes one on each side.
fn participant(party: &Party) -> Vec<ParticipantRequest<'_>> {
    let with_address = |address| ParticipantRequest { name: party.name.as_deref(), delivery_identifier: address };
    party.address.iter().map(|address| with_address(address.into())).collect()
}
