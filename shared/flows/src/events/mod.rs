//! The events of HubSpot, one file or folder for each kind.
//!
//! `dispatch` has claimed the delivery before it calls a file here; no file here uses `dispatch`. Start with `message`.

pub(crate) mod assignment;
pub(crate) mod handoff_timeout;
pub(crate) mod message;
pub(crate) mod note;
pub(crate) mod privacy;
pub(crate) mod ticket_merge;
pub(crate) mod ticket_property;
pub(crate) mod undelivered;
pub(crate) mod workflow_action;
