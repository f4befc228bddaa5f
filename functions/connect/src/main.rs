//! `connect` on Lambda.

use connect::{Connect, handle};
use lambda_http::{Error, Request, run, service_fn};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = runtime::connect_parts().await?;
    let connect = &Connect {
        bridge: Arc::new(parts.bridge),
        admin_keys: parts.admin_keys,
        url_keys: parts.url_keys,
        public_url: parts.public_url,
        // Without randomness no secret can be made; a guessable one would be worse than none.
        random: Arc::new(|| runtime::random_id().unwrap_or_else(|_| std::process::abort())),
    };
    run(service_fn(move |request: Request| async move { Ok::<_, Error>(handle(connect, request).await) })).await
}
