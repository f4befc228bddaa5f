//! How the store fails.

use crate::table::keyring::SealError;
use crate::table::keys::Key;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use domain::Retry;
use std::error::Error;
use std::time::Duration;

/// Why a call of the store failed. A lost race is not among them: lost races are outcomes.
///
/// The causes are kept as text, because the SDK's errors print whole items in their `Debug`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table cannot be reached, is throttled, or two transactions met.
    #[error("the table is not available now ({action}): {problem}")]
    Unavailable {
        /// The call that failed.
        action: &'static str,
        /// The causes, outermost first.
        problem: String,
    },
    /// The table refused the request: permissions, a missing table, or a fault of ours.
    #[error("the table refused a request ({action}): {problem}")]
    Aws {
        /// The call that failed.
        action: &'static str,
        /// The causes, outermost first.
        problem: String,
    },
    /// Stored data contradicts the model. A person must look at the item.
    #[error("item {pk} / {sk} contradicts the model: {problem}")]
    Corrupt {
        /// Partition key of the item.
        pk: String,
        /// Sort key of the item.
        sk: String,
        /// The contradiction, without the item's values.
        problem: String,
    },
    /// A newer version of this code wrote the item; it is left for that version.
    #[error("item {pk} / {sk} has schema {schema}, which is newer than this code")]
    NewerSchema {
        /// Partition key of the item.
        pk: String,
        /// Sort key of the item.
        sk: String,
        /// The item's generation.
        schema: u64,
    },
    /// Another run owns the work now; this one must stop without another effect.
    #[error("another run owns the work now")]
    LostRun,
    /// A secret could not be sealed or opened.
    #[error("a stored secret cannot be used: {0}")]
    Seal(#[from] SealError),
    /// The log of an organization is stored by day, and the store has no clock: the filter must say where the list ends.
    #[error("a list of deliveries needs an object, or the time where it ends")]
    OpenEnded,
}

impl StoreError {
    /// Whether the same call may work later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unavailable { .. } | Self::Aws { .. } | Self::LostRun => Retry::Later { after: None },
            // The newer version is on its way, and takes the work when it is there.
            Self::NewerSchema { .. } => Retry::Later { after: Some(Duration::from_mins(1)) },
            // The next start of the process reads a key that it does not know yet.
            Self::Seal(SealError::UnknownKey(_) | SealError::NoRandomness) => {
                Retry::Later { after: Some(Duration::from_mins(1)) }
            }
            Self::Corrupt { .. } | Self::Seal(_) | Self::OpenEnded => Retry::Never,
        }
    }

    pub(crate) fn unavailable(action: &'static str, problem: &str) -> Self {
        Self::Unavailable { action, problem: problem.to_owned() }
    }

    pub(crate) fn corrupt(key: Key, problem: impl Into<String>) -> Self {
        Self::Corrupt { pk: key.pk, sk: key.sk, problem: problem.into() }
    }

    /// A transaction was cancelled, and none of the conditions that the caller knows was the reason.
    pub(crate) fn no_reason(action: &'static str) -> Self {
        Self::unavailable(action, "the transaction was refused without a reason")
    }

    /// The condition that no newer code wrote the item does not hold.
    pub(crate) fn by_newer_code(action: &'static str) -> Self {
        Self::unavailable(action, "newer code wrote the item")
    }

    pub(crate) fn of_request(action: &'static str, error: &BuildError) -> Self {
        Self::Aws { action, problem: error.to_string() }
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
    match error.source() {
        Some(cause) => format!("{error}: {}", causes(cause)),
        None => error.to_string(),
    }
}
