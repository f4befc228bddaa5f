//! What the figures of a time are made of.

pub(crate) mod bucket;
pub(crate) mod spread;
pub(crate) mod wait;
