//! The steps of answering a customer.

pub(crate) mod ask_ai;
pub(crate) mod follow_answer;
pub(crate) mod kept_answer;
pub(crate) mod open_session;
pub(crate) mod post_answer;
pub(crate) mod quiet;
pub(crate) mod thread_session;
pub(crate) mod words;
