//! What HubSpot tells us, one file or folder per kind of event.
//!
//! The delivery is claimed already when an event comes here (`dispatch`). Start with `message`.

pub(crate) mod assignment;
pub(crate) mod handoff_timeout;
pub(crate) mod message;
pub(crate) mod note;
pub(crate) mod privacy;
pub(crate) mod ticket_merge;
pub(crate) mod ticket_property;
pub(crate) mod undelivered;
pub(crate) mod workflow_action;
