//! `webhook` on Lambda.

use lambda_http::{Adapter, Error, Request, lambda_runtime::Runtime, service_fn};
use runtime::{Keys, Ready, Start, functions};
use std::sync::Arc;
use webhook::{TurnedAway, Webhook, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, webhook) = (Start::from_env(&functions::WEBHOOK)?, Ready::new());
    let function = Runtime::new(Adapter::from(service_fn(move |request: Request| async move {
        Ok::<_, Error>(handle(webhook.get().await, request).await)
    })));
    let making = async {
        let (queue, Keys { url_keys, client_secrets, public_url, accept_v1, .. }) = start.door().await?;
        let (clock, meter, turned_away) =
            (Arc::new(transport::SystemClock), start.meter.clone(), TurnedAway::default());
        Ok(Webhook { queue, clock, url_keys, client_secrets, public_url, accept_v1, turned_away, meter })
    };
    runtime::serve(function, &start, webhook.fill(making)).await
}
