//! What all ways of connecting share.

pub(crate) mod audit;
pub(crate) mod error;
pub(crate) mod establish;
pub(crate) mod properties;
