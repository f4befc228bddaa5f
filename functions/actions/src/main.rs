//! `actions` on Lambda.

use actions::{Actions, handle};
use lambda_http::{Adapter, Error, Request, lambda_runtime::Runtime, service_fn};
use runtime::{Keys, QueuePort, Ready, Start, functions};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, made) = (Start::from_env(&functions::ACTIONS)?, Ready::new());
    let function = Runtime::new(Adapter::from(service_fn(move |request: Request| async move {
        let (actions, bridge, QueuePort(queue)) = made.get().await;
        Ok::<_, Error>(handle(actions, bridge, &**queue, request).await)
    })));
    let making = async {
        let (bridge, queue, Keys { client_secrets, public_url, .. }) = start.bridge_with::<QueuePort>().await?;
        let (clock, meter) = (Arc::new(transport::SystemClock), start.meter.clone());
        Ok((Actions { clock, client_secrets, public_url, meter }, bridge, queue))
    };
    runtime::serve(function, &start, made.fill(making)).await
}
