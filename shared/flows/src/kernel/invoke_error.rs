//! The error that an invocation by the OpenCX backend returns.

use serde::Serialize;

/// The caller reads it as `errorType` and `errorMessage`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvokeError {
    /// The `errorType`.
    pub kind: InvokeErrorKind,
    /// The `errorMessage`. Never an internal error's text.
    pub message: String,
}

/// The values of `errorType`. The OpenCX backend compares them.
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
    /// HubSpot did not answer, or it asked us to wait.
    HubSpotUnavailable,
    /// OpenCX did not answer, or it asked us to wait.
    OpenCxUnavailable,
    /// Another run has the same request.
    Busy,
    /// Our own fault.
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
    /// A request that can never work. The message names the wrong field.
    pub fn invalid(field: &str, problem: &str) -> Self {
        Self { kind: InvokeErrorKind::InvalidRequest, message: format!("{field}: {problem}") }
    }
}
