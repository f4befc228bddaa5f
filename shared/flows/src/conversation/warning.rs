//! Warnings: a part of a request was not done, and the rest was.

use serde::{Deserialize, Serialize};

/// A part of a request was not done. The rest was.
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
