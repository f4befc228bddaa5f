//! Who may refresh an organization's tokens, and whose new ones count.

use crate::access::Written;
use crate::item::{number, text, time, word};
use crate::keys::Key;
use crate::write::Write;
use crate::{Auth, ConnectionState, Secret, Store, StoreError, Updated};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::OrgId;
use jiff::Timestamp;

/// What became of asking for the right to refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// It is the caller's until its time is over.
    Taken {
        /// The one before neither finished nor gave it back: it may have used the refresh token.
        after_crash: bool,
    },
    /// Somebody refreshes; at this moment the lease may be taken over.
    Held {
        /// That moment.
        until: Timestamp,
    },
    /// The tokens are not those the caller saw: read them again.
    Moved,
}

/// What HubSpot gave for a refresh token.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The new access token.
    pub access_token: Secret<String>,
    /// What to refresh with next time; often the same.
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
            Written::Yes(before) => Ok(Lease::Taken { after_crash: before.contains_key("refresh_until") }),
            Written::No(None) => Ok(Lease::Moved),
            Written::No(Some(item)) => {
                let held = item.time_if("refresh_until")?;
                match held {
                    Some(until) if item.number_if("token_version")? == Some(version) => Ok(Lease::Held { until }),
                    _ => Ok(Lease::Moved),
                }
            }
        }
    }

    /// Stores what a refresh of the tokens of `version` brought. False where newer ones are there: those count.
    ///
    /// A refresher that was late is welcome too, so this asks for the version only. A credential kept for going back is
    /// removed: the new one has worked.
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
            .remove("refresh_holder")
            .remove("refresh_until")
            .remove("kept")
            .only_if("#token_version = :version AND #auth = :oauth")
            .with("version", number(version))
            .with("oauth", word(Auth::OAuth));
        Ok(self.change("save refreshed tokens", write).await? == Updated::Yes)
    }

    /// Gives the right back, so that the next one need not wait for its end.
    pub async fn release_refresh(&self, org: &OrgId, holder: &str) -> Result<(), StoreError> {
        let write = Write::update(Key::connection(org))
            .remove("refresh_holder")
            .remove("refresh_until")
            .only_if("#refresh_holder = :holder")
            .with("holder", text(holder));
        self.change("give back the right to refresh", write).await.map(drop)
    }

    /// A private app's token of `version` is accepted again: nobody has to connect anew. False where it is not that any more.
    pub async fn withdraw_reconnect(&self, org: &OrgId, version: u64) -> Result<bool, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("state", word(ConnectionState::Connected))
            .remove("reconnect_reason")
            .add("version", 1)
            .only_if("#token_version = :version AND #state = :asked AND #auth = :private")
            .with("version", number(version))
            .with("asked", word(ConnectionState::ReconnectRequired))
            .with("private", word(Auth::PrivateApp));
        Ok(self.change("withdraw a reconnect", write).await? == Updated::Yes)
    }

    /// HubSpot has refused the credentials of `version` for good. False where newer ones are there, or another holds the lease.
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
            .remove("refresh_holder")
            .remove("refresh_until")
            .add("version", 1)
            .with("version", number(version))
            .with("connected", word(ConnectionState::Connected));
        // Items of the time before there were states and versions are connected, and of version 0.
        let same = "(#token_version = :version OR (attribute_not_exists(#token_version) AND :version = :none)) AND \
                    (attribute_not_exists(#state) OR #state = :connected)";
        let write = write.with("none", number(0_u8));
        let write = match holder {
            Some(holder) => {
                write.only_if(&format!("{same} AND #refresh_holder = :holder")).with("holder", text(holder))
            }
            None => write.only_if(same),
        };
        Ok(self.change("ask for a reconnect", write).await? == Updated::Yes)
    }
}
