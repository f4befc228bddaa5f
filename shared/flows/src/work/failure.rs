//! What a failure means for the work: again later, or never; and what the log and the caller hear of it.

use crate::{InvokeError, InvokeErrorKind, PortError};
use domain::{Reason, Retry};
use hubspot::HubSpotError;
use opencx::OpenCxError;
use std::time::Duration;
use store::StoreError;

/// Why a flow stopped in the middle. The sources are for the log; [`FlowError::judge`] is for the work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FlowError {
    #[error("use HubSpot: {0}")]
    HubSpot(#[from] HubSpotError),
    #[error("use OpenCX: {0}")]
    OpenCx(#[from] OpenCxError),
    #[error("use the store: {0}")]
    Store(#[from] StoreError),
    #[error("use the queue or the timers: {0}")]
    Port(#[from] PortError),
    #[error("find the organization's connection")]
    NotConnected,
    /// Nothing is wrong; it is just too early.
    #[error("go on at once: {why}")]
    Wait { after: Duration, reason: Reason, why: &'static str },
    /// The input can never work.
    #[error("go on: {message}")]
    Impossible { reason: Reason, message: String },
}

/// What the queue should do with the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// Try again, at most `attempts` times in all.
    Again { after: Option<Duration>, reason: Reason, unexpected: bool },
    /// It will never work.
    Never { reason: Reason },
    /// Wait until an admin has reconnected.
    Park { reason: Reason },
    /// Another run owns it now.
    NotMine,
}

impl FlowError {
    pub(crate) fn judge(&self) -> Judgement {
        match self {
            Self::HubSpot(error) => judge_hubspot(error),
            Self::OpenCx(error) => judge_opencx(error),
            Self::Store(StoreError::LostRun) => Judgement::NotMine,
            Self::Store(error) => match error.retry() {
                Retry::Later { after } => {
                    // What newer code has written waits for that code to come back.
                    let passing = matches!(error, StoreError::Unavailable { .. } | StoreError::NewerSchema { .. });
                    again(after, Reason::Poison, !passing)
                }
                Retry::Never => Judgement::Never { reason: Reason::Poison },
            },
            Self::Port(_) => again(None, Reason::Poison, false),
            Self::NotConnected => Judgement::Never { reason: Reason::NotConnected },
            Self::Wait { after, reason, .. } => again(Some(*after), reason.clone(), false),
            Self::Impossible { reason, .. } => Judgement::Never { reason: reason.clone() },
        }
    }
}

fn again(after: Option<Duration>, reason: Reason, unexpected: bool) -> Judgement {
    Judgement::Again { after, reason, unexpected }
}

fn judge_hubspot(error: &HubSpotError) -> Judgement {
    match error {
        HubSpotError::Unauthorized { .. } => Judgement::Park { reason: Reason::ReconnectRequired },
        HubSpotError::MissingScopes(scopes) => {
            let scope = scopes.first().cloned().unwrap_or_else(|| "unknown".to_owned());
            Judgement::Never { reason: Reason::MissingScope(scope) }
        }
        HubSpotError::Unreadable(_) => again(None, Reason::HubspotUnavailable, true),
        error => match error.retry() {
            Retry::Later { after } => again(after, Reason::HubspotUnavailable, false),
            Retry::Never => Judgement::Never { reason: Reason::HubspotRejected },
        },
    }
}

fn judge_opencx(error: &OpenCxError) -> Judgement {
    match error.retry() {
        Retry::Later { after } => again(after, Reason::OpencxUnavailable, matches!(error, OpenCxError::Unreadable(_))),
        Retry::Never => Judgement::Never { reason: Reason::OpencxUnavailable },
    }
}

impl From<FlowError> for InvokeError {
    fn from(error: FlowError) -> Self {
        use InvokeErrorKind as Kind;
        let told = |kind, message: String| Self { kind, message };
        match &error {
            FlowError::HubSpot(hubspot) => match hubspot {
                HubSpotError::Unauthorized { .. } => {
                    told(Kind::ReconnectRequired, "HubSpot no longer accepts the connection's credentials".to_owned())
                }
                HubSpotError::MissingScopes(scopes) => {
                    told(Kind::HubSpotRejected, format!("MISSING_SCOPES: {}", scopes.join(", ")))
                }
                HubSpotError::Rejected { category, correlation_id, .. } => told(
                    Kind::HubSpotRejected,
                    format!(
                        "{} (correlation id {})",
                        category.as_deref().unwrap_or("no category"),
                        correlation_id.as_deref().unwrap_or("unknown")
                    ),
                ),
                other if matches!(other.retry(), Retry::Never) => {
                    told(Kind::HubSpotRejected, "HubSpot does not have what the request needs".to_owned())
                }
                _ => told(
                    Kind::HubSpotUnavailable,
                    "HubSpot could not be reached or asked to wait; repeat the request".to_owned(),
                ),
            },
            FlowError::OpenCx(_) => told(
                Kind::OpenCxUnavailable,
                "OpenCX could not be reached or asked to wait; repeat the request".to_owned(),
            ),
            FlowError::NotConnected => {
                told(Kind::NotConnected, "the organization has no HubSpot connection".to_owned())
            }
            FlowError::Wait { after, reason, .. } => {
                let (kind, what) = match reason {
                    Reason::Duplicate => (Kind::Busy, "the same request is running"),
                    _ => (Kind::OpenCxUnavailable, "OpenCX's limit for this minute is used up"),
                };
                told(kind, format!("{what}; retry after {} s", after.as_secs().max(1)))
            }
            FlowError::Store(StoreError::LostRun) => {
                told(Kind::Busy, "the same request is running; retry after 5 s".to_owned())
            }
            FlowError::Impossible { reason: Reason::HubspotRejected, message } => {
                told(Kind::HubSpotRejected, message.clone())
            }
            FlowError::Impossible { reason: Reason::Poison, .. } => {
                told(Kind::Internal, "what is stored for this request cannot be read".to_owned())
            }
            FlowError::Impossible { message, .. } => told(Kind::InvalidRequest, message.clone()),
            FlowError::Store(_) | FlowError::Port(_) => {
                told(Kind::Internal, "an internal error; repeat the request".to_owned())
            }
        }
    }
}
