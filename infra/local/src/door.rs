//! A runner's front without a socket.

use crate::tasks::Tasks;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response};
use std::sync::{Arc, Mutex, PoisonError};
use transport::{InProcess, TransportError};

/// The front of one runner.
#[derive(Clone)]
pub struct Door {
    router: Router,
    tasks: Arc<Tasks>,
}

impl Door {
    pub(crate) fn new(router: Router, tasks: Arc<Tasks>) -> Self {
        Self { router, tasks }
    }

    /// Answers a request, unless the runner was stopped or killed.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if self.tasks.ended() {
            return Err(TransportError::NotSent("connection refused".to_owned()));
        }
        let response = answer(self.router.clone(), request).await;
        if self.tasks.ended() {
            return Err(TransportError::Broken("connection reset".to_owned()));
        }
        Ok(response)
    }
}

/// The router's answer to a request that did not come over a socket.
async fn answer(router: Router, request: Request<Bytes>) -> Response<Bytes> {
    let response = match tower::ServiceExt::oneshot(router, request.map(Body::from)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    // A body that is complete in memory cannot fail to be read.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, body)
}

/// The place where a runner is expected. Simulators send to it, whether a runner is there or not.
#[derive(Clone, Default)]
pub struct Doorway(Arc<Mutex<Option<Door>>>);

impl Doorway {
    /// From now on requests go to the runner behind `door`.
    pub fn open(&self, door: Door) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(door);
    }

    /// The transport whose requests arrive here.
    pub fn transport(&self) -> InProcess {
        let doorway = self.0.clone();
        InProcess::new(move |request| {
            let door = doorway.lock().unwrap_or_else(PoisonError::into_inner).clone();
            async move {
                match door {
                    Some(door) => door.handle(request).await,
                    None => Err(TransportError::NotSent("connection refused".to_owned())),
                }
            }
        })
    }
}
