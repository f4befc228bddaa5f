//! OpenCX's own channels come into HubSpot: our custom channel gets an account in one of the portal's inboxes.

use crate::connecting::establish::PATIENCE;
use domain::{CUSTOM_CHANNEL_SCOPES, ChannelId, DeliveryIdentifier, InboxId, OrgId, Settings, channel_address};
use flows::Bridge;
use hubspot::{HubSpotError, Portal};
use store::{Auth, ConnectionState, CustomChannel, StoreError, Updated};

/// Why OpenCX's channels stay out of HubSpot. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CustomChannelError {
    /// There is no connection.
    #[error("find the connection")]
    NotConnected,
    /// HubSpot keeps custom channels from private apps.
    #[error("use custom channels: the connection is a private app's")]
    LegacyConnection,
    /// The operator has registered no channel for the HubSpot app.
    #[error("use custom channels: the deployment has none")]
    NoChannel,
    /// Scopes that are not granted.
    #[error("use custom channels: missing scopes {0:?}")]
    MissingScopes(Vec<String>),
    /// HubSpot allows it to no app: the portal's plan does not have it.
    #[error("use custom channels: HubSpot does not allow it in this portal")]
    NotInPlan,
    /// HubSpot does not have the deployment's channel.
    #[error("use custom channels: HubSpot does not know the channel")]
    UnknownChannel,
    /// The portal has no such inbox, or none at all.
    #[error("find the inbox")]
    NoInbox,
    /// HubSpot could not be used.
    #[error("use HubSpot: {0}")]
    HubSpot(HubSpotError),
    /// The store could not be used.
    #[error("use the store: {0}")]
    Store(#[from] StoreError),
}

impl From<HubSpotError> for CustomChannelError {
    fn from(error: HubSpotError) -> Self {
        match error {
            HubSpotError::MissingScopes(scopes) => Self::MissingScopes(scopes),
            HubSpotError::Rejected { status: 403, .. } => Self::NotInPlan,
            HubSpotError::NotFound => Self::UnknownChannel,
            other => Self::HubSpot(other),
        }
    }
}

/// Finds or makes the account in the inbox that `settings` name, and records it. Repeated, it finds what it made.
pub async fn connect_custom_channel(
    bridge: &Bridge,
    org: &OrgId,
    settings: &Settings,
) -> Result<CustomChannel, CustomChannelError> {
    let connection = bridge.store.connection(org).await?;
    let connected = connection.filter(|found| found.grant.state == ConnectionState::Connected);
    let connection = connected.ok_or(CustomChannelError::NotConnected)?;
    if connection.auth != Auth::OAuth {
        return Err(CustomChannelError::LegacyConnection);
    }
    let channel = bridge.app.as_ref().and_then(|app| app.custom_channel.clone());
    let channel = channel.ok_or(CustomChannelError::NoChannel)?;
    let granted = |scope: &&str| connection.grant.scopes.iter().any(|granted| granted == scope);
    let missing = CUSTOM_CHANNEL_SCOPES.iter().filter(|scope| !granted(scope));
    let missing: Vec<String> = missing.map(|scope| (*scope).to_owned()).collect();
    if !missing.is_empty() {
        return Err(CustomChannelError::MissingScopes(missing));
    }
    let portal = bridge.portal(org, bridge.clock.now() + PATIENCE).await?;
    let portal = portal.ok_or(CustomChannelError::NotConnected)?;
    let inbox = inbox(&portal, settings).await?;
    let address =
        DeliveryIdentifier { kind: "CHANNEL_SPECIFIC_OPAQUE_ID".to_owned(), value: channel_address(org, &inbox) };
    let account = account(&portal, &channel, &inbox, &address).await?;
    let found = CustomChannel { portal: connection.portal, channel, account, inbox };
    if bridge.store.set_custom_channel(org, &found).await? != Updated::Yes {
        return Err(CustomChannelError::NotConnected);
    }
    bridge.cache.clear();
    Ok(found)
}

/// The one that was chosen, else the first that the AI answers in, else the portal's first.
async fn inbox(portal: &Portal, settings: &Settings) -> Result<InboxId, CustomChannelError> {
    let there = portal.inboxes().await.map_err(CustomChannelError::HubSpot)?;
    let chosen = settings.custom_channels_inbox.as_ref().or(settings.inboxes.as_ref().and_then(|ids| ids.first()));
    let found = there.into_iter().map(|inbox| inbox.id).find(|id| chosen.is_none_or(|chosen| chosen == id));
    found.ok_or(CustomChannelError::NoInbox)
}

async fn account(
    portal: &Portal,
    channel: &ChannelId,
    inbox: &InboxId,
    address: &DeliveryIdentifier,
) -> Result<domain::ChannelAccountId, CustomChannelError> {
    let accounts = portal.custom_accounts(channel).await?;
    let ours = accounts
        .into_iter()
        .find(|it| it.usable && it.inbox.as_ref() == Some(inbox) && it.address.as_ref() == Some(address));
    match ours {
        Some(account) => Ok(account.id),
        None => Ok(portal.create_custom_account(channel, inbox, "OpenCX", address).await?),
    }
}
