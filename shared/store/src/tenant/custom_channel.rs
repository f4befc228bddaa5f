//! The account that OpenCX's own channels have in HubSpot.

use crate::table::{Item, StoreError, map, text};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ChannelAccountId, ChannelId, InboxId, PortalId};

/// The account in HubSpot that gets the conversations of OpenCX's own channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomChannel {
    /// The portal that has the account; in another one it means nothing.
    pub portal: PortalId,
    /// The channel of our HubSpot app.
    pub channel: ChannelId,
    /// Its account.
    pub account: ChannelAccountId,
    /// The inbox it stands in.
    pub inbox: InboxId,
}

pub(crate) fn written(channel: &CustomChannel) -> AttributeValue {
    map([
        ("portal", Some(text(channel.portal.as_str()))),
        ("channel", Some(text(channel.channel.as_str()))),
        ("account", Some(text(channel.account.as_str()))),
        ("inbox", Some(text(channel.inbox.as_str()))),
    ])
}

pub(crate) fn of(item: &Item) -> Result<Option<CustomChannel>, StoreError> {
    let read = |found: Item| {
        Ok(CustomChannel {
            portal: found.parsed("portal")?,
            channel: found.parsed("channel")?,
            account: found.parsed("account")?,
            inbox: found.parsed("inbox")?,
        })
    };
    item.map_if("custom_channel")?.map(read).transpose()
}
