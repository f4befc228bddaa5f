//! Claimed work: its organization, its run, its journal, its failures.

pub(crate) mod cache;
pub(crate) mod errand;
pub(crate) mod failure;
pub(crate) mod flights;
pub(crate) mod invocation;
pub(crate) mod tenant;
