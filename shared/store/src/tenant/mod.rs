//! Organizations: their connection to a portal, its credentials, settings and limits, and what is kept for their admins.
//!
//! A secret must never be stored unsealed. Start with `connection` (the item) and `connecting` (how credentials change).

pub(crate) mod audit;
pub(crate) mod bucket;
pub(crate) mod connecting;
pub(crate) mod connection;
pub(crate) mod credential;
pub(crate) mod crm;
pub(crate) mod custom_channel;
pub(crate) mod door;
pub(crate) mod grant;
pub(crate) mod milestones;
pub(crate) mod oauth_state;
pub(crate) mod organizations;
pub(crate) mod portal;
pub(crate) mod refresh;
pub(crate) mod signature;
