//! The base of all use cases: claimed jobs, the exactly-once protocol, tokens, ports.
//!
//! It never knows a use case. Start with `job` (a claimed job), then `once` (its effects).

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
