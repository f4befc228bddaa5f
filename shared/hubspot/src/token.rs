//! Tokens: what opens a portal, and where the next one comes from.

use crate::HubSpotError;
use futures::future::BoxFuture;
use std::fmt;

/// What proves to HubSpot who we are: an OAuth access token, a private app's token or a service key.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// Takes the token as HubSpot gave it.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// Where a portal's token comes from: fixed, or refreshed when its time is over.
pub trait TokenSource: Send + Sync {
    /// The token for a call that starts now.
    fn current(&self) -> BoxFuture<'_, Result<AccessToken, HubSpotError>>;
    /// HubSpot has answered 401 to `refused`, because it has `expired` or for no stated reason: another token, if there is one.
    fn instead_of<'a>(
        &'a self,
        refused: &'a AccessToken,
        expired: bool,
    ) -> BoxFuture<'a, Result<Option<AccessToken>, HubSpotError>>;
}

/// The token it is, for as long as HubSpot accepts it.
impl TokenSource for AccessToken {
    fn current(&self) -> BoxFuture<'_, Result<AccessToken, HubSpotError>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }

    fn instead_of<'a>(
        &'a self,
        _: &'a AccessToken,
        _: bool,
    ) -> BoxFuture<'a, Result<Option<AccessToken>, HubSpotError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
