//! The steps of resolving and reopening.

pub(crate) mod again;
pub(crate) mod reopening;
