//! OpenCX's own channels are shown in HubSpot: our custom channel gets an account in one of the portal's inboxes.

use crate::connecting::establish::PATIENCE;
use domain::{CUSTOM_CHANNEL_SCOPES, ChannelId, DeliveryIdentifier, InboxId, OrgId, Settings, channel_address};
use flows::Bridge;
use hubspot::{HubSpotError, Portal};
use store::{Auth, ConnectionState, CustomChannel, StoreError, Updated};

/// Why OpenCX's channels are not shown in HubSpot. Nothing was changed. The texts are for the admin.
#[derive(Debug, thiserror::Error)]
pub enum CustomChannelError {
    /// There is no connection.
    #[error("connect HubSpot first")]
    NotConnected,
    /// HubSpot keeps custom channels from private apps.
    #[error("HubSpot lets private apps use no custom channels: connect with OAuth first")]
    LegacyConnection,
    /// The operator has registered no channel for the HubSpot app.
    #[error(
        "the operator of this deployment has registered no custom channel for its HubSpot app (DEPLOY.md says how)"
    )]
    NoChannel,
    /// Scopes that are not granted.
    #[error(
        "missing scopes: {}; reconnect as a super admin of a portal whose plan has custom channels",
        .0.join(", ")
    )]
    MissingScopes(Vec<String>),
    /// HubSpot refuses it: the portal's plan has no custom channels.
    #[error(
        "HubSpot does not allow custom channels in this portal: they need Sales or Service Hub Professional or above"
    )]
    NotInPlan,
    /// HubSpot does not have the deployment's channel.
    #[error("HubSpot does not know this deployment's custom channel: the operator has to register it again")]
    UnknownChannel,
    /// The portal has no such inbox, or none at all.
    #[error("the portal has no such inbox")]
    NoInbox,
    /// HubSpot could not be used.
    #[error("{0}")]
    HubSpot(HubSpotError),
    /// The store could not be used.
    #[error("{0}")]
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

/// Finds or makes the account in the inbox that `settings` name, and records it. A repeat finds the same account.
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
    let mut missing: Vec<String> = CUSTOM_CHANNEL_SCOPES.map(str::to_owned).into();
    missing.retain(|scope| !connection.grant.scopes.contains(scope));
    if !missing.is_empty() {
        return Err(CustomChannelError::MissingScopes(missing));
    }
    let portal = bridge.portal(org, bridge.clock.now() + PATIENCE).await?;
    let portal = portal.ok_or(CustomChannelError::NotConnected)?;
    let inbox = inbox(&portal, settings).await?;
    let (kind, value) = ("CHANNEL_SPECIFIC_OPAQUE_ID".to_owned(), channel_address(org, &inbox));
    let address = DeliveryIdentifier { kind, value };
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
    let mut accounts = portal.custom_accounts(channel).await?.into_iter();
    match accounts.find(|it| it.usable && it.inbox.as_ref() == Some(inbox) && it.address.as_ref() == Some(address)) {
        Some(account) => Ok(account.id),
        None => Ok(portal.create_custom_account(channel, inbox, "OpenCX", address).await?),
    }
}
