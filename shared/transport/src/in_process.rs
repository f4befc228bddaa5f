use crate::{Attempt, Transport, TransportError};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::Request;
use std::sync::Arc;
use std::time::Duration;

type Handler = dyn Fn(Request<Bytes>) -> BoxFuture<'static, Attempt> + Send + Sync;

/// A server in the same process: engine, simulators and flows can then run in one thread on a virtual clock.
#[derive(Clone)]
pub struct InProcess(Arc<Handler>);

impl InProcess {
    /// Answers requests with `handler`.
    pub fn new<F>(handler: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Attempt> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(handler(request))))
    }
}

impl Transport for InProcess {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> BoxFuture<'_, Attempt> {
        let answer = (self.0)(request);
        Box::pin(async move {
            let timed_out = |_| Err(TransportError::Broken("timed out".to_owned()));
            tokio::time::timeout(timeout, answer).await.unwrap_or_else(timed_out)
        })
    }
}
