//! The parts of a workflow action: whose conversation it is about, and what takes its time.

pub(crate) mod output;
pub(crate) mod run_action;
pub(crate) mod target;
pub(crate) mod unanswered;
