//! Ticket properties and custom data of a session are kept equal in both directions.
//!
//! `lock` admits one run at a time, `push` writes to HubSpot, `pull` reads from HubSpot.

pub(crate) mod lock;
pub(crate) mod pull;
pub(crate) mod push;
