//! One conversation, as several use cases need it: its session, its contact, its words, posting into it.
//!
//! This folder never claims work and never knows which use case asks. Start with `incoming` and `session`.

pub(crate) mod addressee;
pub(crate) mod contact;
pub(crate) mod debounce;
pub(crate) mod give_back;
pub(crate) mod incoming;
pub(crate) mod pipeline;
pub(crate) mod posting;
pub(crate) mod properties;
pub(crate) mod remark;
pub(crate) mod session;
pub(crate) mod signing;
pub(crate) mod warning;
pub(crate) mod words;
