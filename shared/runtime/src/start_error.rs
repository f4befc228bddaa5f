//! The reasons for which a function cannot start.

use crate::{ConfigError, SecretError};
use std::fmt;

/// Why a function cannot start.
#[derive(thiserror::Error)]
pub enum StartError {
    /// The environment does not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The table of functions gives the function no such port.
    #[error("the table of functions gives {function} no {port}")]
    NoPort {
        /// The function.
        function: &'static str,
        /// The port.
        port: &'static str,
    },
    /// The secret's content does not fit.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The secret could not be read.
    #[error("the secret could not be fetched: {0}")]
    Fetch(String),
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built: {0}")]
    Http(#[from] reqwest::Error),
}

/// Rust prints an error that `main` returns with this. An operator reads it in the log of the function.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
