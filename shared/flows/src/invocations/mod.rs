//! What others invoke, one file or folder per function: `handoff`, `reply`, `resolve`, `close`, `sync`, `context`, `action`.
//!
//! Each claims its request, does it once, and stores the answer. Start with `handoff`.

pub(crate) mod action;
pub(crate) mod close;
pub(crate) mod context;
pub(crate) mod handoff;
pub(crate) mod reply;
pub(crate) mod resolve;
pub(crate) mod sync;
