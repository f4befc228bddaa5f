//! What every use case stands on: ports, claimed jobs, tokens, tenants.
//!
//! It never knows a use case. Start with `job` (claimed work) and `bridge` (what a process has).

pub(crate) mod bridge;
pub(crate) mod cache;
pub(crate) mod effects;
pub(crate) mod failure;
pub(crate) mod invocation;
pub(crate) mod invoke_error;
pub(crate) mod job;
pub(crate) mod message;
pub(crate) mod once;
pub(crate) mod ports;
pub(crate) mod replay;
pub(crate) mod tenant;
pub(crate) mod token_slot;
pub(crate) mod tokens;
