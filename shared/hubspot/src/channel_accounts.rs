//! The accounts behind a channel: which address an inbox writes from.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::wire::{IdentifierResponse, address};
use domain::{ChannelAccountId, DeliveryIdentifier};
use serde::Deserialize;
use transport::debug_only;
use transport::json::{JsonCall, Loose, WireError};

/// One connected account of a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelAccount {
    /// Its id.
    pub id: ChannelAccountId,
    /// The address it writes from, where HubSpot says.
    pub address: Option<DeliveryIdentifier>,
    /// False where the portal has switched it off.
    pub active: bool,
}

debug_only!(ChannelAccount { id, active });

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ChannelAccountResponse {
    id: Loose,
    active: Option<bool>,
    delivery_identifier: Option<IdentifierResponse>,
}

impl TryFrom<ChannelAccountResponse> for ChannelAccount {
    type Error = WireError;

    fn try_from(wire: ChannelAccountResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            address: address(wire.delivery_identifier),
            active: wire.active.unwrap_or(true),
        })
    }
}

impl Portal {
    /// The account with this id; `None` where the portal has none.
    pub async fn channel_account(&self, id: &ChannelAccountId) -> Result<Option<ChannelAccount>, HubSpotError> {
        let path = self.conversations().then("channel-accounts").then(id);
        self.find::<ChannelAccountResponse, _>(JsonCall::get("read a channel account", path)).await
    }
}
