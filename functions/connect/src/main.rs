//! `connect` on Lambda.

use connect::{Connect, handle};
use lambda_http::{Adapter, Error, Request, lambda_runtime::Runtime, service_fn};
use runtime::{Keys, Ready, Start, functions};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, connect) = (Start::from_env(&functions::CONNECT)?, Ready::new());
    let function = Runtime::new(Adapter::from(service_fn(move |request: Request| async move {
        Ok::<_, Error>(handle(connect.get().await, request).await)
    })));
    let making = async {
        let (bridge, Keys { url_keys, admin_keys, public_url, .. }) = start.bridge().await?;
        // Without randomness no secret can be made; a guessable one would be worse than none.
        let random = Arc::new(|| runtime::random_id().unwrap_or_else(|_| std::process::abort()));
        Ok(Connect { bridge: Arc::new(bridge), admin_keys, url_keys, public_url, random })
    };
    runtime::serve(function, &start, connect.fill(making)).await
}
