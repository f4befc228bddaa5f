//! `webhook` on Lambda.

use lambda_http::{Error, Request, run, service_fn};
use std::sync::Arc;
use webhook::{Webhook, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = runtime::webhook_parts().await?;
    let webhook = &Webhook {
        queue: parts.queue,
        clock: Arc::new(transport::SystemClock),
        url_keys: parts.url_keys,
        client_secrets: parts.client_secrets,
        public_url: parts.public_url,
        accept_v1: parts.accept_v1,
        turned_away: webhook::TurnedAway::default(),
    };
    run(service_fn(move |request: Request| async move { Ok::<_, Error>(handle(webhook, request).await) })).await
}
