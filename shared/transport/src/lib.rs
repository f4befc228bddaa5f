//! Requests to other services: one seam for HTTP, one for time, one place that builds the client.
//!
//! [`Http`] retries as a service's policy says and never starts a call that could outlive its run; [`json`] adds JSON.
//! No path, header or rule of HubSpot or OpenCX may be known here. Start with [`Transport`] and [`json::JsonClient`].

mod client;
mod clock;
mod http;
mod in_process;
pub mod json;
mod meter;
mod outside;
mod path;
mod public_web;
mod redact;
#[cfg(test)]
mod tests;

pub use client::{GuardedTransport, ReqwestTransport, https_client};
pub use clock::{Clock, SystemClock, VirtualClock};
pub use http::{Attempt, Call, Http, Verdict};
pub use in_process::InProcess;
pub use meter::{Measure, Meter, Unit};
pub use outside::{FetchError, Fetched, Outside};
pub use path::Path;
pub use public_web::Reach;

use ::http::Request;
use bytes::Bytes;
use futures::future::BoxFuture;
use std::time::Duration;

/// Sends one request once. Two implementations: [`ReqwestTransport`] and [`InProcess`].
pub trait Transport: Send + Sync {
    /// Sends `request` and reads the whole answer within `timeout`.
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> BoxFuture<'_, Attempt>;
}

/// There is no complete answer. Callers branch on whether the work may have been done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// There was no connection, so nothing was done.
    #[error("the server is out of reach: {0}")]
    NotSent(String),
    /// The line broke or the time ran out after the request was on its way: it may have been done.
    #[error("the server's answer was lost: {0}")]
    Broken(String),
    /// The run this call belongs to ends before the call could; it was not started.
    #[error("no time is left for a call: the run ends before its timeout")]
    NoTime,
}

impl TransportError {
    /// True where the server cannot have acted on the request.
    pub fn surely_undone(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::NoTime)
    }
}
