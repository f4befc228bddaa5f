//! All state of the bridge, in one DynamoDB table.
//!
//! Conditional writes and transactions decide every race; nothing here reads and then writes without the condition
//! that what was read still holds. It must never hold a rule of the product (`domain`) or an order of steps (`flows`),
//! and it has no clock: time comes as an argument. Start with `work` (the claim that every flow begins with), `post`
//! (the right to speak) and `lifecycle` (what becomes of a session).

mod access;
mod agreed;
mod audit;
mod bucket;
mod claim;
mod connection;
mod contact;
mod credential;
mod crm;
mod custom_channel;
mod delivery;
mod door;
mod error;
mod finish;
mod firsts;
mod forget;
mod grant;
mod item;
mod journal;
mod keyring;
mod keys;
mod lifecycle;
mod link;
mod log;
mod noted;
mod oauth_state;
mod organizations;
mod overdue;
mod portal;
mod post;
mod quiet;
mod refresh;
mod row;
mod session;
mod signature;
mod speech;
mod table;
#[cfg(test)]
mod tests;
mod ticket;
mod watch;
mod words;
mod work;
mod write;

pub use agreed::{Book, Held};
pub use audit::{AuditEntry, AuditPage};
pub use bucket::Taken;
pub use connection::{Auth, Connection, PortalProperties, Updated};
pub use credential::Credential;
pub use crm::{CrmAccess, CrmConnection};
pub use custom_channel::CustomChannel;
pub use delivery::{Delivery, State};
pub use door::DoorCounts;
pub use error::StoreError;
pub use finish::Replayed;
pub use firsts::{First, Firsts};
pub use grant::{ConnectionState, Draft, Grant, NewGrant, PendingPortal};
pub use journal::{Journal, Step};
pub use keyring::{Keyring, SealError, Secret};
pub use lifecycle::{Reopened, Resolved};
pub use link::{Begin, Linked, ThreadLink};
pub use log::{Filter, Page};
pub use noted::Way;
pub use oauth_state::OAuthState;
pub use organizations::Organization;
pub use overdue::Overdue;
pub use portal::Saved;
pub use post::{AboutToPost, PostGuard, PostRight};
pub use refresh::{Lease, Refreshed};
pub use session::{CloseWish, Session};
pub use speech::{AiChange, AiChanged};
pub use watch::Watched;
pub use work::{Claim, Final, Index, Outcome, Release, Run, Seed, Won, Work};

use std::sync::Arc;

/// The generation of items this code reads and writes. Items of a newer one are left alone.
pub const SCHEMA: u64 = 1;

/// The table. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    client: aws_sdk_dynamodb::Client,
    table: Arc<str>,
    keyring: Arc<Keyring>,
    boot: Option<Arc<str>>,
}

impl Store {
    /// The table `table` as `client` reaches it; `keyring` seals and opens its secrets.
    pub fn new(client: aws_sdk_dynamodb::Client, table: &str, keyring: Arc<Keyring>) -> Self {
        Self { client, table: table.into(), keyring, boot: None }
    }

    /// For a runner that is the only one on its data: claims of an earlier boot count as expired, because that
    /// process is dead.
    #[must_use]
    pub fn with_boot(mut self, boot: String) -> Self {
        self.boot = Some(boot.into());
        self
    }
}
