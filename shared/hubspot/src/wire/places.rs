//! Channel accounts, and what goes on in threads.

use super::conversations::{IdentifierResponse, address};
use super::{Loose, WireError};
use crate::activity::ThreadActivity;
use crate::channel_accounts::ChannelAccount;
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
