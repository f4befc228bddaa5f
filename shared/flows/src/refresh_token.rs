//! Tokens that never race: one refresh per expiry, however many workers find out at once, and no grant given up by mistake.
//!
//! Within a process one worker at a time looks (single flight). Between processes a lease on the connection item decides
//! who refreshes; whoever does not get it adopts what the holder stored. Timeouts and 5xx say nothing about a grant.

use crate::work::flights::{Flight, Held};
use domain::OrgId;
use futures::future::BoxFuture;
use hubspot::{AccessToken, HubSpot, HubSpotError, OAuthApp, OAuthError, TokenSource};
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

#[path = "work/refreshing.rs"]
mod refreshing;
