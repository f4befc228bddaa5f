//! `events` on Lambda.

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use runtime::{Ports, Ready, Start, variables};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, bridge) = (Start::from_env(&variables::EVENTS)?, Ready::new());
    let sources: &'static _ = Box::leak(Box::new(start.sources()));
    let function = Runtime::new(service_fn(async move |event: LambdaEvent<Value>| {
        let bridge = bridge.get().await;
        let answer = events::handle(bridge, sources, event.payload).await;
        answer.map_err(|error| runtime::failure(&bridge.meter, error))
    }));
    let ports = |aws: &runtime::Aws<'_>| Ports { queue: aws.queue(), delays: aws.timers() };
    runtime::serve(function, &start, bridge.fill(start.bridge(ports))).await
}
