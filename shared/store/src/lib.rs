//! All state of the bridge, in one DynamoDB table.
//!
//! Conditional writes and transactions decide every race; nothing here reads and then writes without the condition
//! that the item is still as it was read. The store must never hold a rule of the product (`domain`) or an order of steps
//! (`flows`), and it has no clock: time comes as an argument.
//!
//! The folders have one direction: `table` <- `tenant`, `work` <- `session`. Start with `work::claim` (the claim that every
//! flow begins with), `session::post` (the right to speak) and `session::lifecycle` (resolve, close, reopen).

mod session;
mod table;
mod tenant;
#[cfg(test)]
mod tests;
mod work;

pub use session::lifecycle::{Reopened, Resolved};
pub use session::link::{Begin, Linked, ThreadLink};
pub use session::post::{AboutToPost, PostGuard, PostRight};
pub use session::property_sync::{PropertyLock, PropertySync};
pub use session::remark::RemarkSource;
pub use session::speech::{AiChange, AiChanged};
pub use session::state::{CloseRequest, Session};
pub use table::access::Store;
pub use table::error::StoreError;
pub use table::item::SCHEMA;
pub use table::keyring::{Keyring, SealError, Secret};
pub use tenant::audit::{AuditEntry, AuditPage};
pub use tenant::bucket::Taken;
pub use tenant::connecting::{Draft, NewGrant};
pub use tenant::connection::{Connection, PortalProperties, Updated};
pub use tenant::credential::{Auth, Credential};
pub use tenant::crm::{CrmAccess, CrmConnection};
pub use tenant::custom_channel::CustomChannel;
pub use tenant::door::DoorCounts;
pub use tenant::grant::{ConnectionState, Grant, PendingPortal};
pub use tenant::milestones::{Milestone, Milestones};
pub use tenant::oauth_state::OAuthState;
pub use tenant::organizations::Organization;
pub use tenant::portal::Saved;
pub use tenant::refresh::{Lease, Refreshed};
pub use work::delivery::{Delivery, State};
pub use work::delivery_check::DeliveryCheck;
pub use work::finish::Replayed;
pub use work::journal::{Journal, Step};
pub use work::log::{Filter, Page};
pub use work::overdue::Overdue;
pub use work::terms::{Claim, Index, Outcome, OutcomeState, Release, Run, Seed, Won, Work};
