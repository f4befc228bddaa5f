use crate::{Transport, TransportError};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use std::sync::Arc;
use std::time::Duration;

type Handler = dyn Fn(Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> + Send + Sync;

/// A server in the same process: engine, simulators and flows can then run in one thread on a virtual clock.
#[derive(Clone)]
pub struct InProcess(Arc<Handler>);

impl InProcess {
    /// Answers requests with `handler`.
    pub fn new<F>(handler: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(handler(request))))
    }
}

impl Transport for InProcess {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let answer = (self.0)(request);
        Box::pin(async move {
            match tokio::time::timeout(timeout, answer).await {
                Ok(answer) => answer,
                Err(_) => Err(TransportError::Broken("timed out".to_owned())),
            }
        })
    }
}
