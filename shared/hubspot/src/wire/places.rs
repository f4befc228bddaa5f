//! Channel accounts, also those of our own channel, and what goes on in threads.

use super::conversations::{IdentifierResponse, address};
use super::{Loose, WireError};
use crate::activity::ThreadActivity;
use crate::channel_accounts::ChannelAccount;
use crate::custom_channels::{CustomAccount, PublishedMessage};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ChannelAccountResponse {
    id: Loose,
    active: Option<bool>,
    delivery_identifier: Option<IdentifierResponse>,
}

impl TryFrom<ChannelAccountResponse> for ChannelAccount {
    type Error = WireError;

    fn try_from(wire: ChannelAccountResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            address: wire.delivery_identifier.and_then(address),
            active: wire.active.unwrap_or(true),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ThreadActivityResponse {
    id: Loose,
    latest_message_received_timestamp: Loose,
}

impl TryFrom<ThreadActivityResponse> for ThreadActivity {
    type Error = WireError;

    fn try_from(wire: ThreadActivityResponse) -> Result<Self, WireError> {
        let received = wire.latest_message_received_timestamp.filled();
        Ok(Self { thread: wire.id.required("id")?, received_at: received.and_then(|at| at.parse().ok()) })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CustomAccountResponse {
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
            inbox: wire.inbox_id.id()?,
            address: wire.delivery_identifier.and_then(address),
            usable,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PublishedResponse {
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
