//! The life of a function that is invoked with JSON: by OpenCX, by a timer, by the queue.

use crate::{Ready, Start, failure, serve};
use flows::{Bridge, InvokeError};
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;

/// Answers invocations with `handle` until the process ends.
pub async fn run<H, A>(start: Start, handle: H) -> Result<(), Error>
where
    H: Fn(&'static Bridge, Value) -> A + Copy + Send + 'static,
    A: Future<Output = Result<Value, InvokeError>> + Send,
{
    let bridge = Ready::new();
    let function = Runtime::new(service_fn(move |event: LambdaEvent<Value>| async move {
        let bridge = bridge.get().await;
        handle(bridge, event.payload).await.map_err(|error| failure(&bridge.meter, error))
    }));
    serve(function, &start, bridge.fill(async { Ok(start.bridge().await?.0) })).await
}
