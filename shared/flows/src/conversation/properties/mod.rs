//! Ticket properties and custom data of a session, kept equal in both directions.
//!
//! `lock` lets one run at a time do it, `push` goes to HubSpot, `pull` comes from HubSpot.

pub(crate) mod lock;
pub(crate) mod pull;
pub(crate) mod push;
