//! The single calls of a refresh, and what each outcome means.

use super::{Connection, Held, HubSpotError, OAuthError, Refreshed, Secret, SignedDuration, Tokens, lost};
use hubspot::{AccessToken, TokenGrant};
use std::time::Duration;
use store::{Auth, ConnectionState};

/// The call may take ten seconds, and the lease twenty.
const CALL: SignedDuration = SignedDuration::from_secs(11);

/// How long a rejection after a crash is doubted: the one before may be about to store what it got.
const DOUBT: Duration = Duration::from_secs(2);

impl Tokens {
    /// The connection as it is now. One that waits for a reconnect has no token to call with.
    pub(super) async fn read(&self) -> Result<Connection, HubSpotError> {
        let read = self.read_now().await;
        self.flight.set_refused(matches!(read, Err(HubSpotError::Unauthorized { .. })));
        read
    }

    async fn read_now(&self) -> Result<Connection, HubSpotError> {
        let found = self.store.connection(self.org()).await.map_err(|error| lost(&error))?;
        let refused = HubSpotError::Unauthorized { expired: false };
        match found {
            Some(connection) if connection.grant.state == ConnectionState::Connected => Ok(connection),
            Some(connection)
                if connection.grant.state == ConnectionState::ReconnectRequired
                    && connection.auth == Auth::PrivateApp =>
            {
                if self.is_accepted_again(&connection).await? {
                    Ok(connection)
                } else {
                    Err(refused)
                }
            }
            _ => Err(refused),
        }
    }

    /// A private app's token may be good again, as after an outage. Those of OAuth are new ones after a reconnect.
    async fn is_accepted_again(&self, connection: &Connection) -> Result<bool, HubSpotError> {
        let portal = self.hubspot.portal(&Held::of(connection).token, self.until);
        match portal.token_info().await {
            Ok(_) => {}
            Err(HubSpotError::NotFound | HubSpotError::Unauthorized { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        let version = connection.grant.token_version;
        let withdrawn = self.store.withdraw_reconnect(&connection.org, version).await.map_err(|error| lost(&error))?;
        tracing::info!(org.id = %connection.org, withdrawn, "HubSpot accepts a private app's token again");
        Ok(withdrawn)
    }

    pub(super) async fn refresh_as_holder(
        &self,
        connection: &Connection,
        after_crash: bool,
    ) -> Result<Option<Held>, HubSpotError> {
        let mut doubted = !after_crash;
        loop {
            match self.ask(connection).await {
                Ok(tokens) => return self.store_new(connection, tokens).await,
                Err(OAuthError::BadRefreshToken) => {
                    if self.read().await?.grant.token_version != connection.grant.token_version {
                        return Ok(None);
                    }
                    if doubted {
                        return self.give_up(connection).await;
                    }
                    doubted = true;
                    self.clock.sleep(DOUBT).await;
                    if self.read().await?.grant.token_version != connection.grant.token_version {
                        return Ok(None);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, org.id = %self.org(), "a token could not be refreshed; the grant stays");
                    if let Err(error) = self.store.release_refresh(self.org(), &self.holder).await {
                        tracing::warn!(%error, "the right to refresh ends by itself");
                    }
                    return self.make_do(connection).map(Some);
                }
            }
        }
    }

    /// Asks HubSpot for new tokens, once.
    pub(super) async fn ask(&self, connection: &Connection) -> Result<TokenGrant, OAuthError> {
        let (Some(app), Some(token)) = (&self.app, &connection.grant.refresh_token) else {
            tracing::error!(org.id = %connection.org, "an OAuth connection cannot be refreshed without the HubSpot app");
            return Err(HubSpotError::NoToken.into());
        };
        let until = (self.clock.now() + CALL).min(self.until);
        self.hubspot.refresh(app, token.expose(), until).await
    }

    /// Stores what HubSpot gave; `None` where newer tokens are there.
    pub(super) async fn store_new(
        &self,
        connection: &Connection,
        tokens: TokenGrant,
    ) -> Result<Option<Held>, HubSpotError> {
        let (now, version) = (self.clock.now(), connection.grant.token_version);
        let expires_at = now + SignedDuration::from_secs(tokens.expires_in_s);
        let refreshed = Refreshed {
            access_token: Secret::new(tokens.access_token.clone()),
            refresh_token: Secret::new(tokens.refresh_token),
            expires_at,
        };
        let saved = self.store.save_refreshed(&connection.org, version, &refreshed, now).await;
        let saved = saved.map_err(|error| lost(&error))?;
        tracing::info!(org.id = %connection.org, saved, "a token is refreshed");
        let token = AccessToken::new(tokens.access_token);
        Ok(saved.then_some(Held { token, version: version + 1, expires_at: Some(expires_at) }))
    }

    /// HubSpot has refused the refresh token for good, and nobody has a newer one.
    pub(super) async fn give_up(&self, connection: &Connection) -> Result<Option<Held>, HubSpotError> {
        let reason = "HubSpot no longer accepts the refresh token: the app was uninstalled or its access revoked";
        let version = connection.grant.token_version;
        let declared = self.store.require_reconnect(&connection.org, version, Some(&self.holder), reason).await;
        if declared.map_err(|error| lost(&error))? {
            tracing::error!(org.id = %connection.org, "HubSpot has to be connected again");
            self.flight.set_refused(true);
            return Err(HubSpotError::Unauthorized { expired: false });
        }
        Ok(None)
    }

    /// The token that is there, if it is still good for a while; else none at the moment.
    pub(super) fn make_do(&self, connection: &Connection) -> Result<Held, HubSpotError> {
        let held = Held::of(connection);
        let good = held.expires_at.is_some_and(|end| end > self.clock.now() + SignedDuration::from_secs(10));
        if good { Ok(held) } else { Err(HubSpotError::NoToken) }
    }

    /// HubSpot has answered 401 to a private app's token. Only its word on the token itself counts for good.
    pub(super) async fn doubt_private_app(&self, connection: &Connection, held: &Held) -> HubSpotError {
        let portal = self.hubspot.portal(&held.token, self.until);
        let Err(HubSpotError::NotFound | HubSpotError::Unauthorized { .. }) = portal.token_info().await else {
            return HubSpotError::NoToken;
        };
        let reason = "HubSpot no longer accepts the private app's token: it was rotated, or the app was deleted";
        let version = connection.grant.token_version;
        match self.store.require_reconnect(&connection.org, version, None, reason).await {
            Ok(declared) => {
                if declared {
                    tracing::error!(org.id = %connection.org, "HubSpot has to be connected again");
                }
                self.flight.set_refused(true);
                HubSpotError::Unauthorized { expired: false }
            }
            Err(error) => lost(&error),
        }
    }
}
