//! `connect` on Lambda.

use connect::{Connect, handle};
use lambda_http::{Adapter, Error, Request, lambda_runtime::Runtime, service_fn};
use runtime::{Keys, QueuePort, Ready, Start, functions};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, connect) = (Start::from_env(&functions::CONNECT)?, Ready::new());
    let function = Runtime::new(Adapter::from(service_fn(move |request: Request| async move {
        Ok::<_, Error>(handle(connect.get().await, request).await)
    })));
    let making = async {
        let (bridge, QueuePort(queue), keys) = start.bridge_with::<QueuePort>().await?;
        let Keys { url_keys, admin_keys, public_url, .. } = keys;
        // Without randomness no secret can be made; a guessable one would be worse than none.
        let random = Arc::new(|| runtime::random_id().unwrap_or_else(|_| std::process::abort()));
        Ok(Connect { bridge: Arc::new(bridge), queue, admin_keys, url_keys, public_url, random })
    };
    runtime::serve(function, &start, connect.fill(making)).await
}
