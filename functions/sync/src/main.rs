//! `sync` on Lambda.

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use runtime::{Ports, Ready, Start, variables};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, bridge) = (Start::from_env(&variables::SYNC)?, Ready::new());
    let function = Runtime::new(service_fn(async move |event: LambdaEvent<Value>| {
        let bridge = bridge.get().await;
        sync::handle(bridge, event.payload).await.map_err(|error| runtime::failure(&bridge.meter, error))
    }));
    let ports = |aws: &runtime::Aws<'_>| Ports { queue: aws.no_queue(), delays: aws.no_timers() };
    runtime::serve(function, &start, bridge.fill(start.bridge(ports))).await
}
