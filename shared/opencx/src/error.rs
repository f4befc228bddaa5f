use domain::Retry;
use std::fmt;
use std::time::Duration;
use transport::TransportError;
use transport::json::Unreadable;

/// A call to OpenCX has failed.
///
/// `Display` and `Debug` never show what OpenCX wrote in prose, because that may repeat addresses and texts.
#[derive(Clone, thiserror::Error)]
pub enum OpenCxError {
    /// 401: the key is missing, wrong or withdrawn.
    #[error("OpenCX refused the API key: it is not valid")]
    Unauthorized,
    /// 404.
    #[error("OpenCX has no such record")]
    NotFound,
    /// OpenCX understood the request and refuses it. 403 means that the key lacks a scope.
    #[error("OpenCX refused the request: status {status}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// OpenCX's prose: for people, never for logs.
        message: String,
    },
    /// 429, and longer than the client itself waits.
    #[error("OpenCX's rate limit is reached")]
    RateLimited {
        /// The time to leave OpenCX alone, where it says so.
        after: Option<Duration>,
    },
    /// OpenCX is out of service; nothing was done, or it can be done again.
    #[error("OpenCX is unavailable: status {status}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The time for which OpenCX asks to be left alone.
        after: Option<Duration>,
    },
    /// A write that must not be repeated may have been done: look before sending it again.
    #[error("OpenCX may have done it: {0}")]
    Ambiguous(#[source] Box<OpenCxError>),
    /// OpenCX answered something this client does not understand.
    #[error("OpenCX's answer cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// There is no complete answer.
    #[error("OpenCX: {0}")]
    Transport(#[from] TransportError),
}

impl OpenCxError {
    /// Whether the same call can work later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unauthorized | Self::NotFound | Self::Rejected { .. } => Retry::Never,
            Self::RateLimited { after } | Self::Unavailable { after, .. } => Retry::Later { after: *after },
            Self::Ambiguous(cause) => cause.retry(),
            Self::Unreadable(_) | Self::Transport(_) => Retry::Later { after: None },
        }
    }

    /// True where a write that must not be repeated may have been done.
    pub fn maybe_done(&self) -> bool {
        matches!(self, Self::Ambiguous(_))
    }
}

impl fmt::Debug for OpenCxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenCxError({self})")
    }
}
