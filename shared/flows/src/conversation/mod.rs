//! What several flows say and look up in a HubSpot conversation.

pub(crate) mod addressee;
pub(crate) mod contact;
pub(crate) mod pipeline;
pub(crate) mod posting;
pub(crate) mod signing;
