//! `actions` on Lambda.

use actions::{Actions, handle};
use lambda_http::{Adapter, Error, Request, lambda_runtime::Runtime, service_fn};
use runtime::{Ports, Ready, Start, variables};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, made) = (Start::from_env(&variables::ACTIONS)?, Ready::new());
    let function = Runtime::new(Adapter::from(service_fn(move |request: Request| async move {
        let (actions, bridge) = made.get().await;
        Ok::<_, Error>(handle(actions, bridge, request).await)
    })));
    let making = async {
        let ports = |aws: &runtime::Aws<'_>| Ports { queue: aws.queue(), delays: aws.no_timers() };
        let (bridge, keys) = start.bridge_with_keys(ports).await?;
        let (clock, meter) = (Arc::new(transport::SystemClock), start.meter.clone());
        let (client_secrets, public_url) = (keys.client_secrets, keys.public_url);
        Ok((Actions { clock, client_secrets, public_url, meter }, bridge))
    };
    runtime::serve(function, &start, made.fill(making)).await
}
