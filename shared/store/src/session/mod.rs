//! Sessions: their HubSpot objects, the AI's right to speak, resolve and close, and what is agreed on with HubSpot.
//!
//! It must never decide who may speak: the epochs only show that a decision is old. Start with `state` (the item).

pub(crate) mod forget;
pub(crate) mod lifecycle;
pub(crate) mod link;
pub(crate) mod objects;
pub(crate) mod post;
pub(crate) mod property_sync;
pub(crate) mod remark;
pub(crate) mod speech;
pub(crate) mod state;
