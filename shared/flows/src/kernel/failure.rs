//! The errors of a flow, and their meaning for the job and for the caller.

use crate::kernel::invoke_error::{InvokeError, InvokeErrorKind};
use crate::kernel::ports::PortError;
use domain::{Reason, Retry};
use hubspot::HubSpotError;
use opencx::OpenCxError;
use std::time::Duration;
use store::StoreError;

/// Why a flow stopped. The text is for the log; [`FlowError::decision`] says what happens to the job.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A call to HubSpot failed.
    #[error("{0}")]
    HubSpot(#[from] HubSpotError),
    /// A call to OpenCX failed.
    #[error("{0}")]
    OpenCx(#[from] OpenCxError),
    /// The store failed, or another run holds the job now.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The queue or a timer failed.
    #[error("{0}")]
    Port(#[from] PortError),
    /// The organization has no connection to HubSpot.
    #[error("the organization is not connected to HubSpot")]
    NotConnected,
    /// The job has to wait. Nothing is wrong.
    #[error("{why}")]
    Wait {
        /// The time until the next run.
        after: Duration,
        /// The reason that the log of deliveries shows.
        reason: Reason,
        /// What the job waits for, as a statement.
        why: &'static str,
    },
    /// The job can never succeed.
    #[error("{message}")]
    Impossible {
        /// The reason that the log of deliveries shows.
        reason: Reason,
        /// What is wrong, as a statement.
        message: String,
    },
}

/// What happens to a job after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryDecision {
    /// It runs again.
    Again {
        /// The time until then. `None`: the usual schedule decides.
        after: Option<Duration>,
        /// The reason that the log of deliveries shows.
        reason: Reason,
        /// The code does not expect this failure. Fewer attempts follow.
        unexpected: bool,
    },
    /// It fails for good.
    Never {
        /// The reason that the log of deliveries shows.
        reason: Reason,
    },
    /// It waits until an admin has connected HubSpot again.
    Park {
        /// The reason that the log of deliveries shows.
        reason: Reason,
    },
    /// Another run holds it now.
    NotMine,
}

impl FlowError {
    /// What happens to the job.
    pub fn decision(&self) -> RetryDecision {
        match self {
            Self::HubSpot(error) => judge_hubspot(error),
            Self::OpenCx(error) => judge_opencx(error),
            Self::Store(StoreError::LostRun) => RetryDecision::NotMine,
            Self::Store(error) => match error.retry() {
                Retry::Later { after } => {
                    // A newer version wrote the item. The job waits for that version.
                    let passing = matches!(error, StoreError::Unavailable { .. } | StoreError::NewerSchema { .. });
                    again(after, Reason::Poison, !passing)
                }
                Retry::Never => RetryDecision::Never { reason: Reason::Poison },
            },
            Self::Port(_) => again(None, Reason::Poison, false),
            Self::NotConnected => RetryDecision::Never { reason: Reason::NotConnected },
            Self::Wait { after, reason, .. } => again(Some(*after), reason.clone(), false),
            Self::Impossible { reason, .. } => RetryDecision::Never { reason: reason.clone() },
        }
    }
}

fn again(after: Option<Duration>, reason: Reason, unexpected: bool) -> RetryDecision {
    RetryDecision::Again { after, reason, unexpected }
}

fn judge_hubspot(error: &HubSpotError) -> RetryDecision {
    match error {
        HubSpotError::Unauthorized { .. } => RetryDecision::Park { reason: Reason::ReconnectRequired },
        HubSpotError::MissingScopes(scopes) => {
            let scope = scopes.first().cloned().unwrap_or_else(|| "unknown".to_owned());
            RetryDecision::Never { reason: Reason::MissingScope(scope) }
        }
        HubSpotError::Unreadable(_) => again(None, Reason::HubspotUnavailable, true),
        error => match error.retry() {
            Retry::Later { after } => again(after, Reason::HubspotUnavailable, false),
            Retry::Never => RetryDecision::Never { reason: Reason::HubspotRejected },
        },
    }
}

fn judge_opencx(error: &OpenCxError) -> RetryDecision {
    match error.retry() {
        Retry::Later { after } => again(after, Reason::OpencxUnavailable, matches!(error, OpenCxError::Unreadable(_))),
        Retry::Never => RetryDecision::Never { reason: Reason::OpencxUnavailable },
    }
}

impl From<FlowError> for InvokeError {
    fn from(error: FlowError) -> Self {
        use InvokeErrorKind as Kind;
        let (kind, message) = match error {
            FlowError::HubSpot(error) => return of_hubspot(&error),
            FlowError::OpenCx(_) => {
                (Kind::OpenCxUnavailable, "OpenCX could not be reached or asked to wait; repeat the request".to_owned())
            }
            FlowError::NotConnected => (Kind::NotConnected, "the organization has no HubSpot connection".to_owned()),
            FlowError::Wait { after, reason, why } => {
                let (kind, why) = match reason {
                    Reason::Duplicate => (Kind::Busy, "the same request is running"),
                    _ => (Kind::OpenCxUnavailable, why),
                };
                (kind, format!("{why}; retry after {} s", after.as_secs().max(1)))
            }
            FlowError::Store(StoreError::LostRun) => {
                (Kind::Busy, "the same request is running; retry after 5 s".to_owned())
            }
            FlowError::Impossible { reason: Reason::HubspotRejected, message } => (Kind::HubSpotRejected, message),
            FlowError::Impossible { reason: Reason::Poison, .. } => {
                (Kind::Internal, "what is stored for this request cannot be read".to_owned())
            }
            FlowError::Impossible { message, .. } => (Kind::InvalidRequest, message),
            FlowError::Store(_) | FlowError::Port(_) => {
                (Kind::Internal, "an internal error; repeat the request".to_owned())
            }
        };
        Self { kind, message }
    }
}

fn of_hubspot(error: &HubSpotError) -> InvokeError {
    use InvokeErrorKind as Kind;
    let (kind, message) = match error {
        HubSpotError::Unauthorized { .. } => {
            (Kind::ReconnectRequired, "HubSpot no longer accepts the connection's credentials".to_owned())
        }
        HubSpotError::MissingScopes(scopes) => {
            (Kind::HubSpotRejected, format!("MISSING_SCOPES: {}", scopes.join(", ")))
        }
        HubSpotError::Rejected { category, correlation_id, .. } => {
            let category = category.as_deref().unwrap_or("no category");
            let id = correlation_id.as_deref().unwrap_or("unknown");
            (Kind::HubSpotRejected, format!("{category} (correlation id {id})"))
        }
        other if other.retry() == Retry::Never => {
            (Kind::HubSpotRejected, "HubSpot does not have what the request needs".to_owned())
        }
        _ => (Kind::HubSpotUnavailable, "HubSpot could not be reached or asked to wait; repeat the request".to_owned()),
    };
    InvokeError { kind, message }
}
