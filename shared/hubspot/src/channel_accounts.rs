//! The accounts behind a channel: which address an inbox writes from (facts on conversations, "channel-accounts").

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::ChannelAccountResponse;
use domain::{ChannelAccountId, DeliveryIdentifier};

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

impl Portal {
    /// The account with this id; `None` where the portal has none.
    pub async fn channel_account(&self, id: &ChannelAccountId) -> Result<Option<ChannelAccount>, HubSpotError> {
        let path = self.versions().conversations().then("channel-accounts").then(id);
        self.find::<ChannelAccountResponse, _>(Ask::get("read a channel account", path)).await
    }
}
