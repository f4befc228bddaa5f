//! `connect` on Lambda.

use connect::{Connect, handle};
use lambda_http::{Adapter, Error, Request, lambda_runtime::Runtime, service_fn};
use runtime::{Ready, Start, variables};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, connect) = (Start::from_env(&variables::CONNECT)?, Ready::new());
    let function = Runtime::new(Adapter::from(service_fn(move |request: Request| async move {
        Ok::<_, Error>(handle(connect.get().await, request).await)
    })));
    let making = async {
        let parts = start.connect().await?;
        Ok(Connect {
            bridge: Arc::new(parts.bridge),
            admin_keys: parts.admin_keys,
            url_keys: parts.url_keys,
            public_url: parts.public_url,
            // Without randomness no secret can be made; a guessable one would be worse than none.
            random: Arc::new(|| runtime::random_id().unwrap_or_else(|_| std::process::abort())),
        })
    };
    runtime::serve(function, &start, connect.fill(making)).await
}
