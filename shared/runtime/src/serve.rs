//! A function's life: it makes what it works with, asks Lambda for events, and ends in an orderly way.

use crate::emf::Emf;
use crate::{Start, StartError};
use futures::future::BoxFuture;
use lambda_runtime::tower::Layer;
use lambda_runtime::{Error, LambdaInvocation, Runtime, Service, layers::TracingLayer};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Runs `function` until its process ends. `making` goes on while Lambda is asked for the first event; what it cannot
/// make ends the process, whose log then says why.
///
/// A SIGTERM lets the invocation under way finish and its answer go out. Nothing else is to be done: log lines are
/// written as they arise, and whatever dies in the middle is taken up again.
pub async fn serve<S>(
    function: Runtime<S>,
    start: &Start,
    making: impl Future<Output = Result<(), StartError>>,
) -> Result<(), Error>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
    S::Future: Send + 'static,
{
    let busy = Arc::new(watch::Sender::new(false));
    let emf = Emf::new(&start.config.function_name, start.meter.clone());
    let run = function.layer(TracingLayer::new()).layer(Around { busy: busy.clone(), emf: Arc::new(emf) }).run();
    tokio::pin!(run);
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = &mut run => return ended,
        Err(error) = making => return Err(error.into()),
        _ = terminated.recv() => tracing::info!("asked to end"),
    }
    let mut busy = busy.subscribe();
    tokio::select! {
        ended = &mut run => ended,
        _ = busy.wait_for(|busy| !busy) => Ok(()),
    }
}

/// Wraps every invocation, from its arrival until its answer is out.
struct Around {
    busy: Arc<watch::Sender<bool>>,
    emf: Arc<Emf>,
}

struct AroundEach<S> {
    within: S,
    busy: Arc<watch::Sender<bool>>,
    emf: Arc<Emf>,
}

impl<S> Layer<S> for Around {
    type Service = AroundEach<S>;

    fn layer(&self, within: S) -> AroundEach<S> {
        AroundEach { within, busy: self.busy.clone(), emf: self.emf.clone() }
    }
}

impl<S> Service<LambdaInvocation> for AroundEach<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = Error;
    type Future = BoxFuture<'static, Result<(), Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.within.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        self.busy.send_replace(true);
        let (busy, emf, began) = (self.busy.clone(), self.emf.clone(), tokio::time::Instant::now());
        let work = self.within.call(invocation);
        Box::pin(async move {
            let done = work.await;
            emf.write(began.elapsed());
            busy.send_replace(false);
            done
        })
    }
}
