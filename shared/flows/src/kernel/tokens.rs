//! Tokens that never race: one refresh per expiry, however many workers find out at once, and no grant given up by mistake.
//!
//! Within a process one worker at a time looks (single flight). Between processes a lease on the connection item decides
//! who refreshes; whoever does not get it adopts what the holder stored. Timeouts and 5xx say nothing about a grant.

use crate::kernel::token_slot::{Flight, Held};
use domain::OrgId;
use futures::future::BoxFuture;
use hubspot::{AccessToken, HubSpot, HubSpotError, OAuthApp, OAuthError, TokenGrant, TokenSource};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use store::{Auth, Connection, ConnectionState, Lease, Refreshed, Secret, Store};
use transport::Clock;

/// A token is refreshed so long before its end.
const EARLY: SignedDuration = SignedDuration::from_mins(5);
/// Longer than the call may take (10 s), so that a living holder is not overtaken.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// Those who wait look after this time, then after twice as long, up to the longest: a refresh takes a moment, a crash the lease.
const FIRST_LOOK: Duration = Duration::from_millis(200);
const LONGEST_LOOK: Duration = Duration::from_secs(2);
/// A token so young that another refresh would tell nothing new.
const YOUNG: SignedDuration = SignedDuration::from_secs(60);

/// Where the calls of one run get an organization's tokens from.
pub(crate) struct Tokens {
    pub(crate) store: Store,
    pub(crate) hubspot: HubSpot,
    pub(crate) app: Option<Arc<OAuthApp>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) flight: Arc<Flight>,
    /// As it was when the run began; at most a minute old.
    pub(crate) connection: Arc<Connection>,
    /// Names this run in the lease.
    pub(crate) holder: String,
    pub(crate) until: Timestamp,
}

impl TokenSource for Tokens {
    fn current(&self) -> BoxFuture<'_, Result<AccessToken, HubSpotError>> {
        Box::pin(async move {
            let held = self.flight.newest(&self.connection);
            let connected = self.connection.grant.state == ConnectionState::Connected && !self.flight.is_refused();
            let good = connected && !self.is_due(&held);
            if good { Ok(held.token) } else { Ok(self.next(None).await?.token) }
        })
    }

    fn instead_of<'a>(
        &'a self,
        refused: &'a AccessToken,
        _expired: bool,
    ) -> BoxFuture<'a, Result<Option<AccessToken>, HubSpotError>> {
        Box::pin(async move { Ok(Some(self.next(Some(refused)).await?.token)) })
    }
}

impl Tokens {
    fn org(&self) -> &OrgId {
        &self.connection.org
    }

    fn is_due(&self, held: &Held) -> bool {
        held.expires_at.is_some_and(|end| end - EARLY <= self.clock.now())
    }

    /// The token after the one that is due, or that HubSpot refused.
    async fn next(&self, refused: Option<&AccessToken>) -> Result<Held, HubSpotError> {
        // HubSpot's word is doubted where it says nothing for good: then there is no token at the moment, and work waits.
        let _one_at_a_time = self.flight.gate().await;
        let mut look = FIRST_LOOK;
        loop {
            let connection = self.read().await?;
            let held = Held::of(&connection);
            let is_refused = refused.is_some_and(|refused| held.token == *refused);
            if !is_refused && !self.is_due(&held) {
                return Ok(self.flight.keep(held));
            }
            if connection.auth == Auth::PrivateApp {
                return Err(self.doubt_private_app(&connection, &held).await);
            }
            let young =
                held.expires_at.is_some_and(|end| end - SignedDuration::from_mins(30) + YOUNG > self.clock.now());
            if is_refused && young {
                return Err(HubSpotError::NoToken);
            }
            if let Some(next) = self.refresh(&connection, look).await? {
                if is_refused && next.version == held.version {
                    return Err(HubSpotError::NoToken);
                }
                return Ok(self.flight.keep(next));
            }
            look = (look * 2).min(LONGEST_LOOK);
        }
    }

    /// One look at the lease: the new token, or `None` where the tokens have to be read again, after `look` where another has it.
    async fn refresh(&self, connection: &Connection, look: Duration) -> Result<Option<Held>, HubSpotError> {
        let now = self.clock.now();
        let version = connection.grant.token_version;
        let lease = self.store.take_refresh(self.org(), version, (&self.holder, now + LEASE), now).await;
        match lease.map_err(|error| lost(&error))? {
            Lease::Moved => Ok(None),
            Lease::Held { until } => {
                let left = until.duration_since(now).unsigned_abs().min(look);
                if now + left >= self.until {
                    return self.make_do(connection).map(Some);
                }
                self.clock.sleep(left).await;
                Ok(None)
            }
            Lease::Taken { after_crash } => self.refresh_as_holder(connection, after_crash).await,
        }
    }
}

fn lost(error: &store::StoreError) -> HubSpotError {
    tracing::warn!(%error, "the store did not answer while a token was due");
    HubSpotError::NoToken
}

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
