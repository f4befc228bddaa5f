//! How an invocation by the OpenCX backend fails (contract section 2).

use serde::Serialize;

/// A function error: the `errorType` and `errorMessage` the caller reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvokeError {
    /// One of the contract's error types.
    pub kind: InvokeErrorKind,
    /// What is wrong, for the caller. Never an internal error's text.
    pub message: String,
}

/// The contract's error types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum InvokeErrorKind {
    /// The request names a field that is missing or wrong.
    InvalidRequest,
    /// The organization has no HubSpot connection.
    NotConnected,
    /// HubSpot no longer accepts the connection's credentials.
    ReconnectRequired,
    /// HubSpot refused the request for good.
    HubSpotRejected,
    /// HubSpot could not be reached or asked us to wait.
    HubSpotUnavailable,
    /// OpenCX could not be reached or asked us to wait.
    OpenCxUnavailable,
    /// The same request is running.
    Busy,
    /// A fault of ours.
    Internal,
}

impl InvokeErrorKind {
    /// The `errorType` text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "InvalidRequest",
            Self::NotConnected => "NotConnected",
            Self::ReconnectRequired => "ReconnectRequired",
            Self::HubSpotRejected => "HubSpotRejected",
            Self::HubSpotUnavailable => "HubSpotUnavailable",
            Self::OpenCxUnavailable => "OpenCxUnavailable",
            Self::Busy => "Busy",
            Self::Internal => "Internal",
        }
    }
}

impl InvokeError {
    /// A request that can never work, naming the field.
    pub fn invalid(field: &str, problem: &str) -> Self {
        Self { kind: InvokeErrorKind::InvalidRequest, message: format!("{field}: {problem}") }
    }
}
