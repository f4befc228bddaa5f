//! The parts of the context panel.

pub(crate) mod answer;
pub(crate) mod cards;
pub(crate) mod labels;
