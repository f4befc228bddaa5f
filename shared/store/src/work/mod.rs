//! Work that is claimed before it is done: its row, its journal, how it ends, and the lists of it.
//!
//! It must never know an organization's connection or a session's state. Start with `claim`.

pub(crate) mod claim;
pub(crate) mod debounce;
pub(crate) mod delivery;
pub(crate) mod delivery_check;
pub(crate) mod finish;
pub(crate) mod journal;
pub(crate) mod log;
pub(crate) mod overdue;
pub(crate) mod terms;
