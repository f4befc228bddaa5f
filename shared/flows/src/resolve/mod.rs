//! The steps of resolving and reopening.

pub(crate) mod reopening;
