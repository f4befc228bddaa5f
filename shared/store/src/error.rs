//! How the store fails.

use crate::SealError;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::Retry;
use std::error::Error;
use std::time::Duration;

/// Why a move of the store failed. A lost race is not among them: those are outcomes.
///
/// The causes are kept as text, because the SDK's errors print whole items in their `Debug`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table cannot be reached, is throttled, or two transactions met.
    #[error("{action}: {problem}")]
    Unavailable {
        /// What was tried.
        action: &'static str,
        /// The causes, outermost first.
        problem: String,
    },
    /// The table refused the request: permissions, a missing table, or a fault of ours.
    #[error("{action}: {problem}")]
    Aws {
        /// What was tried.
        action: &'static str,
        /// The causes, outermost first.
        problem: String,
    },
    /// Stored data contradicts the model. A person must look at the item.
    #[error("read item {pk} / {sk}: {problem}")]
    Corrupt {
        /// Partition key of the item.
        pk: String,
        /// Sort key of the item.
        sk: String,
        /// What is wrong with it, without its values.
        problem: String,
    },
    /// A newer version of this code wrote the item; it is left for that version.
    #[error("read item {pk} / {sk}: its schema {schema} is newer than this code")]
    NewerSchema {
        /// Partition key of the item.
        pk: String,
        /// Sort key of the item.
        sk: String,
        /// The item's generation.
        schema: u64,
    },
    /// Another run owns the work now; this one must stop without another effect.
    #[error("go on: another run owns the work now")]
    LostRun,
    /// A secret could not be sealed or opened.
    #[error("use a sealed secret: {0}")]
    Seal(#[from] SealError),
    /// The log of an organization is stored by day, and the store has no clock: say where the list ends.
    #[error("list deliveries: neither an object nor the time where the list ends is given")]
    OpenEnded,
}

impl StoreError {
    /// Whether the same call may work later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unavailable { .. } | Self::Aws { .. } | Self::LostRun => Retry::Later { after: None },
            // The newer version is being rolled out; it takes the work when it is there.
            Self::NewerSchema { .. } => Retry::Later { after: Some(Duration::from_mins(1)) },
            // A key that a process does not know yet is there after its next start.
            Self::Seal(SealError::UnknownKey(_) | SealError::NoRandomness) => {
                Retry::Later { after: Some(Duration::from_mins(1)) }
            }
            Self::Corrupt { .. } | Self::Seal(_) | Self::OpenEnded => Retry::Never,
        }
    }

    pub(crate) fn of_sdk<E>(action: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let problem = causes(error);
        let passing = match error {
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
            SdkError::ServiceError(service) => {
                service.raw().status().as_u16() >= 500 || service.err().code().is_some_and(is_passing)
            }
            _ => false,
        };
        if passing { Self::Unavailable { action, problem } } else { Self::Aws { action, problem } }
    }
}

/// Codes that say "later" with a status below 500. The SDK has repeated most of them already.
pub(crate) fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "ItemCollectionSizeLimitExceeded"
            | "LimitExceededException"
            | "ProvisionedThroughputExceeded"
            | "ProvisionedThroughputExceededException"
            | "ReplicatedWriteConflictException"
            | "RequestLimitExceeded"
            | "ThrottlingError"
            | "ThrottlingException"
            | "TransactionConflict"
            | "TransactionConflictException"
            | "TransactionInProgressException"
    )
}

fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
