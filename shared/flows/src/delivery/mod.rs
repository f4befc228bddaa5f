//! A delivery from its claim to its last word.

pub(crate) mod process;
pub(crate) mod settle;
