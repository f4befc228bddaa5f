//! How requests leave the process: one seam for HTTP, one for time, one place that builds the client.
//!
//! `hubspot` and `opencx` send through [`Http`], which retries as their policy says and never starts a call
//! that could outlive the run it belongs to. It must never know a path, a header or a rule of either service.
//! Start with [`Transport`] and [`Http::call`].

mod client;
mod clock;
mod http;
mod in_process;
mod meter;
mod outside;
mod path;
#[cfg(test)]
mod tests;
mod unreadable;

pub use client::{GuardedTransport, ReqwestTransport, https_client};
pub use clock::{Clock, SystemClock, VirtualClock};
pub use http::{Attempt, Call, Http, Verdict};
pub use in_process::InProcess;
pub use meter::{Measure, Meter, Unit};
pub use outside::{FetchError, Fetched, Outside, Reach};
pub use path::Path;
pub use unreadable::Unreadable;

use ::http::{Request, Response};
use bytes::Bytes;
use futures::future::BoxFuture;
use std::time::Duration;

/// Sends one request once. Two implementations: [`ReqwestTransport`] and [`InProcess`].
pub trait Transport: Send + Sync {
    /// Sends `request` and reads the whole answer within `timeout`.
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

/// Why there is no complete answer. Callers branch on whether the work may have been done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// No connection: surely nothing was done.
    #[error("reach the server: {0}")]
    NotSent(String),
    /// The line broke or the time ran out after the request was on its way: it may have been done.
    #[error("read the server's answer: {0}")]
    Broken(String),
    /// The run this call belongs to ends before the call could; it was not started.
    #[error("start a call: the run ends before its timeout")]
    NoTime,
}

impl TransportError {
    /// True where the server cannot have acted on the request.
    pub fn surely_undone(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::NoTime)
    }
}
