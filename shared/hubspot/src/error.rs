use domain::Retry;
use std::fmt;
use std::time::Duration;
use transport::TransportError;
use transport::json::Unreadable;

/// A call to HubSpot has failed.
///
/// `Display` and `Debug` never show what HubSpot wrote in prose, because that may repeat addresses and texts.
#[derive(Clone, thiserror::Error)]
pub enum HubSpotError {
    /// 401. Trying again with the same token is useless.
    #[error("HubSpot refused the token: it {}", if *expired { "has expired" } else { "is not valid" })]
    Unauthorized {
        /// The token was right once; a refreshed one may work.
        expired: bool,
    },
    /// There is no token to call with at this moment; nothing was sent.
    #[error("HubSpot cannot be called now: there is no fresh token yet")]
    NoToken,
    /// 403: the named scopes are not granted. Empty where HubSpot did not name them.
    #[error("HubSpot refused the call: missing scopes {0:?}")]
    MissingScopes(Vec<String>),
    /// 404.
    #[error("HubSpot has no such record")]
    NotFound,
    /// 409: it exists.
    #[error("HubSpot has this record already")]
    Conflict {
        /// The id of what exists, where HubSpot's answer names it.
        existing: Option<String>,
    },
    /// A value of a unique property is taken.
    #[error("HubSpot refused the write: another record has the same value in a unique property")]
    DuplicateValue,
    /// The portal has no such properties; HubSpot refuses the whole write because of them.
    #[error("HubSpot refused the write: unknown properties {0:?}")]
    UnknownProperties(Vec<String>),
    /// HubSpot understood the request and refuses it.
    #[error(
        "HubSpot refused the request: status {status}, {}, correlation id {}",
        category.as_deref().unwrap_or("no category"),
        correlation_id.as_deref().unwrap_or("unknown")
    )]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// HubSpot's category, else the sub-category or code of its first inner error.
        category: Option<String>,
        /// HubSpot's prose: for people, never for logs.
        message: String,
        /// HubSpot's support asks for it.
        correlation_id: Option<String>,
        /// Properties whose values it does not take; it refuses the whole write because of them.
        properties: Vec<String>,
    },
    /// 429, and longer than the client itself waits.
    #[error("HubSpot's rate limit is reached")]
    RateLimited {
        /// The time to leave HubSpot alone.
        after: Option<Duration>,
    },
    /// HubSpot or the account is out of service; nothing was done, or the call can be repeated.
    #[error("HubSpot is unavailable: status {status}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The time for which HubSpot asks to be left alone.
        after: Option<Duration>,
    },
    /// A write that must not be repeated may have been done: look before sending it again.
    #[error("HubSpot may have done it: {0}")]
    Ambiguous(#[source] Box<HubSpotError>),
    /// HubSpot answered something this client does not understand.
    #[error("HubSpot's answer cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// There is no complete answer.
    #[error("HubSpot: {0}")]
    Transport(#[from] TransportError),
}

impl HubSpotError {
    /// Whether the same call can work later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unauthorized { .. }
            | Self::MissingScopes(_)
            | Self::NotFound
            | Self::Conflict { .. }
            | Self::DuplicateValue
            | Self::UnknownProperties(_)
            | Self::Rejected { .. } => Retry::Never,
            Self::RateLimited { after } | Self::Unavailable { after, .. } => Retry::Later { after: *after },
            Self::Ambiguous(cause) => cause.retry(),
            Self::NoToken | Self::Unreadable(_) | Self::Transport(_) => Retry::Later { after: None },
        }
    }

    /// True where a write that must not be repeated may have been done.
    pub fn maybe_done(&self) -> bool {
        matches!(self, Self::Ambiguous(_))
    }
}

impl fmt::Debug for HubSpotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HubSpotError({self})")
    }
}
