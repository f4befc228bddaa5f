//! Access tokens of an organization: refreshed once per expiry, also where many runs see the expiry at the same time.
//!
//! In one process, one task at a time looks for a new token ([`TokenSlot`]). Between processes, a lease on the
//! connection's item decides which run refreshes; the others read what that run stored. Only HubSpot's clear refusal
//! ends a grant: a timeout or a status 5xx proves nothing about it.

use crate::kernel::token_slot::{CachedToken, TokenSlot};
use domain::OrgId;
use futures::future::BoxFuture;
use hubspot::{AccessToken, HubSpot, HubSpotError, OAuthApp, OAuthError, TokenGrant, TokenSource};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use store::{Auth, Connection, ConnectionState, Lease, Refreshed, Secret, Store, StoreError};
use transport::Clock;

/// A token is refreshed this long before it expires.
const REFRESH_AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// The longest time for one refresh call.
const REFRESH_CALL: SignedDuration = SignedDuration::from_secs(11);
/// Longer than [`REFRESH_CALL`]: no other run takes the lease from a holder that still waits for HubSpot.
const REFRESH_LEASE: SignedDuration = SignedDuration::from_secs(20);
/// A run that waits for another run's refresh reads the connection after this time. Each wait doubles up to the
/// longest: a refresh ends within a moment, a crash only with the lease.
const FIRST_POLL: Duration = Duration::from_millis(200);
const LONGEST_POLL: Duration = Duration::from_secs(2);
/// How long HubSpot's access tokens live: <https://developers.hubspot.com/docs/api/oauth/tokens>.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// A token that is refused within this time after its refresh is not refreshed again.
const REFRESH_GAP: SignedDuration = SignedDuration::from_secs(60);
/// After a crash, HubSpot's refusal counts only after this time: the crashed run may still store the tokens it got.
const LATE_STORE: Duration = Duration::from_secs(2);
/// A token that could not be refreshed is used while it lives at least this long.
const LEAST_REST: SignedDuration = SignedDuration::from_secs(10);

/// Gives the calls of one run an organization's tokens.
pub(crate) struct Tokens {
    pub(crate) store: Store,
    pub(crate) hubspot: HubSpot,
    pub(crate) app: Option<Arc<OAuthApp>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) slot: Arc<TokenSlot>,
    /// The state at the start of the run; at most a minute old.
    pub(crate) connection: Arc<Connection>,
    /// Names this run in the lease.
    pub(crate) holder: String,
    pub(crate) until: Timestamp,
}

impl TokenSource for Tokens {
    fn current(&self) -> BoxFuture<'_, Result<AccessToken, HubSpotError>> {
        Box::pin(async move {
            let cached = self.slot.newest(&self.connection);
            let connected = self.connection.grant.state == ConnectionState::Connected && !self.slot.is_refused();
            let good = connected && !self.is_due(&cached);
            if good { Ok(cached.token) } else { Ok(self.next(None).await?.token) }
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

    fn is_due(&self, token: &CachedToken) -> bool {
        token.expires_at.is_some_and(|end| end - REFRESH_AHEAD <= self.clock.now())
    }

    /// The token that replaces one that is due or that HubSpot has `refused`.
    ///
    /// Where it stays unclear whether the grant lives, there is no token at the moment, and the job waits.
    async fn next(&self, refused: Option<&AccessToken>) -> Result<CachedToken, HubSpotError> {
        let _one_at_a_time = self.slot.gate().await;
        let mut poll = FIRST_POLL;
        loop {
            let connection = self.read().await?;
            let stored = CachedToken::of(&connection);
            let is_refused = refused.is_some_and(|refused| stored.token == *refused);
            if !is_refused && !self.is_due(&stored) {
                return Ok(self.slot.keep(stored));
            }
            if connection.auth == Auth::PrivateApp {
                return Err(self.doubt_private_app(&connection, &stored).await);
            }
            let young = stored.expires_at.is_some_and(|end| end - TOKEN_LIFETIME + REFRESH_GAP > self.clock.now());
            if is_refused && young {
                return Err(HubSpotError::NoToken);
            }
            if let Some(next) = self.refresh(&connection, poll).await? {
                if is_refused && next.version == stored.version {
                    return Err(HubSpotError::NoToken);
                }
                return Ok(self.slot.keep(next));
            }
            poll = (poll * 2).min(LONGEST_POLL);
        }
    }

    /// Tries once to take the lease and refresh. `None`: the connection has to be read again. Where another run has the
    /// lease, that answer comes after `poll`.
    async fn refresh(&self, connection: &Connection, poll: Duration) -> Result<Option<CachedToken>, HubSpotError> {
        let now = self.clock.now();
        let version = connection.grant.token_version;
        let lease = self.store.take_refresh(self.org(), version, (&self.holder, now + REFRESH_LEASE), now).await;
        match lease.map_err(|error| no_store(&error))? {
            Lease::Moved => Ok(None),
            Lease::Held { until } => {
                let wait = until.duration_since(now).unsigned_abs().min(poll);
                if now + wait >= self.until {
                    return self.make_do(connection).map(Some);
                }
                self.clock.sleep(wait).await;
                Ok(None)
            }
            Lease::Taken { after_crash } => self.refresh_as_holder(connection, after_crash).await,
        }
    }

    /// The connection as it is stored now. One that waits for a reconnect has no token.
    async fn read(&self) -> Result<Connection, HubSpotError> {
        let read = self.read_now().await;
        self.slot.set_refused(matches!(read, Err(HubSpotError::Unauthorized { .. })));
        read
    }

    async fn read_now(&self) -> Result<Connection, HubSpotError> {
        let refused = HubSpotError::Unauthorized { expired: false };
        let found = self.store.connection(self.org()).await.map_err(|error| no_store(&error))?;
        let Some(connection) = found else { return Err(refused) };
        let usable = match (connection.grant.state, connection.auth) {
            (ConnectionState::Connected, _) => true,
            (ConnectionState::ReconnectRequired, Auth::PrivateApp) => self.is_accepted_again(&connection).await?,
            _ => false,
        };
        if usable { Ok(connection) } else { Err(refused) }
    }

    /// HubSpot may accept a private app's token again, for example after an outage. An OAuth token never comes back.
    async fn is_accepted_again(&self, connection: &Connection) -> Result<bool, HubSpotError> {
        let portal = self.hubspot.portal(&CachedToken::of(connection).token, self.until);
        match portal.token_info().await {
            Ok(_) => {}
            Err(HubSpotError::NotFound | HubSpotError::Unauthorized { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        let withdrawn = self.store.withdraw_reconnect(self.org(), connection.grant.token_version).await;
        let withdrawn = withdrawn.map_err(|error| no_store(&error))?;
        tracing::info!(org.id = %self.org(), withdrawn, "HubSpot accepts a private app's token again");
        Ok(withdrawn)
    }

    async fn refresh_as_holder(
        &self,
        connection: &Connection,
        after_crash: bool,
    ) -> Result<Option<CachedToken>, HubSpotError> {
        let mut final_refusal = !after_crash;
        loop {
            match self.ask(connection).await {
                Ok(tokens) => return self.store_new(connection, tokens).await,
                Err(OAuthError::BadRefreshToken) => {
                    if self.is_replaced(connection).await? {
                        return Ok(None);
                    }
                    if final_refusal {
                        return self.give_up(connection).await;
                    }
                    final_refusal = true;
                    self.clock.sleep(LATE_STORE).await;
                    if self.is_replaced(connection).await? {
                        return Ok(None);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, org.id = %self.org(), "a token could not be refreshed; the grant stays");
                    if let Err(error) = self.store.release_refresh(self.org(), &self.holder).await {
                        tracing::warn!(%error, "the refresh lease was not given back; it ends by itself");
                    }
                    return self.make_do(connection).map(Some);
                }
            }
        }
    }

    /// Whether another run has stored newer tokens.
    async fn is_replaced(&self, connection: &Connection) -> Result<bool, HubSpotError> {
        Ok(self.read().await?.grant.token_version != connection.grant.token_version)
    }

    /// Asks HubSpot once for new tokens.
    async fn ask(&self, connection: &Connection) -> Result<TokenGrant, OAuthError> {
        let (Some(app), Some(token)) = (&self.app, &connection.grant.refresh_token) else {
            tracing::error!(org.id = %self.org(), "an OAuth connection cannot be refreshed without the HubSpot app");
            return Err(HubSpotError::NoToken.into());
        };
        let until = (self.clock.now() + REFRESH_CALL).min(self.until);
        self.hubspot.refresh(app, token.expose(), until).await
    }

    /// Stores HubSpot's new tokens. `None`: newer ones are stored already.
    async fn store_new(
        &self,
        connection: &Connection,
        tokens: TokenGrant,
    ) -> Result<Option<CachedToken>, HubSpotError> {
        let (now, version) = (self.clock.now(), connection.grant.token_version);
        let expires_at = now + SignedDuration::from_secs(tokens.expires_in_s);
        let refreshed = Refreshed {
            access_token: Secret::new(tokens.access_token.clone()),
            refresh_token: Secret::new(tokens.refresh_token),
            expires_at,
        };
        let saved = self.store.save_refreshed(self.org(), version, &refreshed, now).await;
        let saved = saved.map_err(|error| no_store(&error))?;
        tracing::info!(org.id = %self.org(), saved, "a token is refreshed");
        let token = AccessToken::new(tokens.access_token);
        Ok(saved.then_some(CachedToken { token, version: version + 1, expires_at: Some(expires_at) }))
    }

    /// HubSpot has refused the refresh token for good, and no run has stored a newer one.
    async fn give_up(&self, connection: &Connection) -> Result<Option<CachedToken>, HubSpotError> {
        let reason = "HubSpot no longer accepts the refresh token: the app was uninstalled or its access revoked";
        if self.require_reconnect(connection, Some(&self.holder), reason).await? {
            return Err(HubSpotError::Unauthorized { expired: false });
        }
        Ok(None)
    }

    /// HubSpot has answered 401 to a private app's token. Only HubSpot's answer about the token itself ends the grant.
    async fn doubt_private_app(&self, connection: &Connection, stored: &CachedToken) -> HubSpotError {
        let portal = self.hubspot.portal(&stored.token, self.until);
        let Err(HubSpotError::NotFound | HubSpotError::Unauthorized { .. }) = portal.token_info().await else {
            return HubSpotError::NoToken;
        };
        let reason = "HubSpot no longer accepts the private app's token: it was rotated, or the app was deleted";
        match self.require_reconnect(connection, None, reason).await {
            Ok(_) => {
                self.slot.set_refused(true);
                HubSpotError::Unauthorized { expired: false }
            }
            Err(error) => error,
        }
    }

    /// Marks the connection for an admin. False: newer tokens are stored, and the connection stays as it is.
    async fn require_reconnect(
        &self,
        connection: &Connection,
        holder: Option<&str>,
        reason: &str,
    ) -> Result<bool, HubSpotError> {
        let declared = self.store.require_reconnect(self.org(), connection.grant.token_version, holder, reason).await;
        let declared = declared.map_err(|error| no_store(&error))?;
        if declared {
            tracing::error!(org.id = %self.org(), "HubSpot has to be connected again");
            self.slot.set_refused(true);
        }
        Ok(declared)
    }

    /// The stored token, where it lives long enough for a call.
    fn make_do(&self, connection: &Connection) -> Result<CachedToken, HubSpotError> {
        let stored = CachedToken::of(connection);
        let good = stored.expires_at.is_some_and(|end| end > self.clock.now() + LEAST_REST);
        if good { Ok(stored) } else { Err(HubSpotError::NoToken) }
    }
}

fn no_store(error: &StoreError) -> HubSpotError {
    tracing::warn!(%error, "the store did not answer while a token was due");
    HubSpotError::NoToken
}
