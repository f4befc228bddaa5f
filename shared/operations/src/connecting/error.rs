use hubspot::{HubSpotError, OAuthError};
use store::StoreError;

/// Why an organization was not connected. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Private apps' tokens begin with `pat-`.
    #[error("connect: this is no private app's token")]
    NotAToken,
    /// HubSpot does not know the token.
    #[error("connect: HubSpot does not accept the token")]
    TokenRefused,
    /// Required scopes that are not granted.
    #[error("connect: missing scopes {0:?}")]
    MissingScopes(Vec<&'static str>),
    /// Another organization has the portal.
    #[error("connect: the portal belongs to another organization")]
    PortalTaken,
    /// The operator allows OAuth only.
    #[error("connect: private apps are not allowed here")]
    OAuthOnly,
    /// The deployment has no HubSpot app.
    #[error("connect: there is no HubSpot app")]
    NoOAuth,
    /// Neither `A-123` nor `123`.
    #[error("connect: this names no HubSpot user")]
    NotAUser,
    /// The portal has no such user.
    #[error("connect: the portal has no such user")]
    UnknownUser,
    /// There is no credential to go back to.
    #[error("go back: no former credential is kept")]
    NothingKept,
    /// The confirmation is unknown, used or too late.
    #[error("confirm a portal: the confirmation is over")]
    Unconfirmed,
    /// There is no connection.
    #[error("find the connection")]
    NotConnected,
    /// HubSpot could not be used.
    #[error("use HubSpot: {0}")]
    HubSpot(#[from] HubSpotError),
    /// HubSpot gave no token.
    #[error("use HubSpot: {0}")]
    OAuth(#[from] OAuthError),
    /// The store could not be used.
    #[error("use the store: {0}")]
    Store(#[from] StoreError),
}
