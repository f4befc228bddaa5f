//! Tokens: they open portals, and a source gives the next one.

use crate::error::HubSpotError;
use futures::future::BoxFuture;
use std::fmt;

/// Our credential at HubSpot: an OAuth access token, a private app's token or a service key.
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

/// The source of a portal's token: fixed, or refreshed when it has expired.
pub trait TokenSource: Send + Sync {
    /// The token for a call that starts now.
    fn current(&self) -> BoxFuture<'_, Result<AccessToken, HubSpotError>>;
    /// Another token, if there is one, after HubSpot has answered 401 to `refused`: it has `expired`, or HubSpot gave no reason.
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
