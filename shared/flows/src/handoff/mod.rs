//! The steps of a handoff.

pub(crate) mod answer;
pub(crate) mod availability;
pub(crate) mod comment;
pub(crate) mod existing;
pub(crate) mod facts;
pub(crate) mod notes;
pub(crate) mod people;
pub(crate) mod properties;
pub(crate) mod request;
pub(crate) mod ticket;
