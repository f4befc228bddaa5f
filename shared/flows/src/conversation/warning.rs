//! What could not be done without stopping the rest.

use serde::{Deserialize, Serialize};

/// Something that could not be done without stopping the rest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Warning {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}
