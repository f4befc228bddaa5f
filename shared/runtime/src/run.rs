//! The life of a function that is invoked with JSON: by OpenCX, by a timer, by the queue.

use crate::given::{Given, NoPorts};
use crate::{Ready, Start, failure, serve};
use flows::{Bridge, InvokeError};
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;

/// Answers invocations with `handle` until the process ends. The function has neither queue nor timers.
pub async fn run<H, A>(start: Start, handle: H) -> Result<(), Error>
where
    H: Fn(&'static Bridge, Value) -> A + Copy + Send + 'static,
    A: Future<Output = Result<Value, InvokeError>> + Send,
{
    run_with(start, move |bridge, _: &NoPorts, payload| handle(bridge, payload)).await
}

/// The same for a function with ports.
pub async fn run_with<P, H, A>(start: Start, handle: H) -> Result<(), Error>
where
    P: Given + Send + Sync + 'static,
    H: Fn(&'static Bridge, &'static P, Value) -> A + Copy + Send + 'static,
    A: Future<Output = Result<Value, InvokeError>> + Send,
{
    let made = Ready::new();
    let function = Runtime::new(service_fn(move |event: LambdaEvent<Value>| async move {
        let (bridge, ports) = made.get().await;
        handle(bridge, ports, event.payload).await.map_err(|error| failure(&bridge.meter, error))
    }));
    let making = async {
        let (bridge, ports, _) = start.bridge_with::<P>().await?;
        Ok((bridge, ports))
    };
    serve(function, &start, made.fill(making)).await
}
