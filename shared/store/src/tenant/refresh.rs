//! The lease to refresh an organization's tokens, and which tokens count.

use crate::table::{Item, Key, Secret, Store, StoreError, Write, number, text, time, word};
use crate::tenant::connection::Updated;
use crate::tenant::credential::Auth;
use crate::tenant::grant::ConnectionState;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::OrgId;
use jiff::Timestamp;

/// The answer to a process that wants the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The lease is the caller's until its time is over.
    Taken {
        /// The holder before neither finished nor gave the lease back, so it may have used the refresh token.
        after_crash: bool,
    },
    /// Another refreshes the tokens.
    Held {
        /// The end of its lease.
        until: Timestamp,
    },
    /// The tokens are not those the caller saw: read them again.
    Moved,
}

/// HubSpot's answer to a refresh token.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The new access token.
    pub access_token: Secret<String>,
    /// The next refresh token; often the same.
    pub refresh_token: Secret<String>,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

impl Store {
    /// Takes the right to refresh the tokens of `version`, if nobody has it.
    pub async fn take_refresh(
        &self,
        org: &OrgId,
        version: u64,
        (holder, until): (&str, Timestamp),
        now: Timestamp,
    ) -> Result<Lease, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("refresh_holder", text(holder))
            .set("refresh_until", time(until))
            .only_if("#token_version = :version AND (attribute_not_exists(#refresh_until) OR #refresh_until <= :now)")
            .with("version", number(version))
            .with("now", time(now));
        match self.update("take the right to refresh", write, ReturnValue::AllOld).await? {
            Ok(before) => Ok(Lease::Taken { after_crash: before.contains_key("refresh_until") }),
            Err(Some(item)) if item.is("token_version", &number(version)) => match item.time_if("refresh_until")? {
                // Our own lease, whose answer was lost and which the SDK asked for again. The lease before it is no longer
                // known, so a crash is assumed: then HubSpot's rejection is doubted once.
                Some(_) if item.is("refresh_holder", &text(holder)) && item.is("refresh_until", &time(until)) => {
                    Ok(Lease::Taken { after_crash: true })
                }
                Some(until) => Ok(Lease::Held { until }),
                None => Ok(Lease::Moved),
            },
            Err(_) => Ok(Lease::Moved),
        }
    }

    /// Stores what a refresh of the tokens of `version` brought. False where newer ones are there: those count.
    ///
    /// Only the version counts: also a refresher whose lease is over may store its tokens. A credential that was kept for
    /// going back is removed, because the new one has worked.
    pub async fn save_refreshed(
        &self,
        org: &OrgId,
        version: u64,
        tokens: &Refreshed,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let seal = |field, secret: &Secret<String>| self.keyring.seal(org, field, secret.expose()).map(text);
        let write = Write::update(Key::connection(org))
            .set("access_token", seal("access_token", &tokens.access_token)?)
            .set("refresh_token", seal("refresh_token", &tokens.refresh_token)?)
            .set("token_expires_at", time(tokens.expires_at))
            .set("refreshed_at", time(now))
            .add("token_version", 1)
            .remove(["refresh_holder", "refresh_until", "kept"])
            .only_if("#token_version = :version AND #auth = :oauth")
            .with("version", number(version))
            .with("oauth", word(Auth::OAuth));
        self.write("save refreshed tokens", write).await
    }

    /// Gives the lease back, so that nobody waits for its end.
    pub async fn release_refresh(&self, org: &OrgId, holder: &str) -> Result<(), StoreError> {
        let write = Write::update(Key::connection(org))
            .remove(["refresh_holder", "refresh_until"])
            .only_if("#refresh_holder = :holder")
            .with("holder", text(holder));
        self.write("give back the right to refresh", write).await.map(drop)
    }

    /// HubSpot accepts a private app's token of `version` again. False where another token is there.
    pub async fn withdraw_reconnect(&self, org: &OrgId, version: u64) -> Result<bool, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("state", word(ConnectionState::Connected))
            .remove(["reconnect_reason"])
            .add("version", 1)
            .only_if("#token_version = :version AND #state = :asked AND #auth = :private")
            .with("version", number(version))
            .with("asked", word(ConnectionState::ReconnectRequired))
            .with("private", word(Auth::PrivateApp));
        // True also where it is withdrawn already, by another or by our own write whose answer was lost.
        let withdrawn = |item: &Item| {
            let (connected, private) = (word(ConnectionState::Connected), word(Auth::PrivateApp));
            item.is("token_version", &number(version)) && item.is("state", &connected) && item.is("auth", &private)
        };
        Ok(self.change_unless("withdraw a reconnect", write, withdrawn).await? == Updated::Yes)
    }

    /// HubSpot has refused the credentials of `version` for good. False where newer ones are there, where a reconnect was asked
    /// for before, or where another holds the lease.
    pub async fn require_reconnect(
        &self,
        org: &OrgId,
        version: u64,
        holder: Option<&str>,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("state", word(ConnectionState::ReconnectRequired))
            .set("reconnect_reason", text(reason))
            .remove(["refresh_holder", "refresh_until"])
            .add("version", 1)
            .with("version", number(version))
            .with("connected", word(ConnectionState::Connected));
        // Items from before there were states and versions count as connected, and as version 0.
        let same = "(#token_version = :version OR (attribute_not_exists(#token_version) AND :version = :none)) AND \
                    (attribute_not_exists(#state) OR #state = :connected)";
        let write = write.with("none", number(0_u8));
        let write = match holder {
            Some(holder) => {
                write.only_if(&format!("{same} AND #refresh_holder = :holder")).with("holder", text(holder))
            }
            None => write.only_if(same),
        };
        // Only one holder can have asked for it; then it was our own write, whose answer was lost.
        let own = |item: &Item| {
            let (asked, why) = (word(ConnectionState::ReconnectRequired), text(reason));
            let same = item.is("token_version", &number(version)) && item.is("state", &asked);
            holder.is_some() && same && item.is("reconnect_reason", &why)
        };
        Ok(self.change_unless("ask for a reconnect", write, own).await? == Updated::Yes)
    }
}
