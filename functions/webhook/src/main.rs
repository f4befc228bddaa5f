//! `webhook` on Lambda.

use lambda_http::{Adapter, Error, Request, lambda_runtime::Runtime, service_fn};
use runtime::{DoorKeys, Ready, Start, variables};
use std::sync::Arc;
use webhook::{TurnedAway, Webhook, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (start, webhook) = (Start::from_env(&variables::WEBHOOK)?, Ready::new());
    let function = Runtime::new(Adapter::from(service_fn(move |request: Request| async move {
        Ok::<_, Error>(handle(webhook.get().await, request).await)
    })));
    let making = async {
        let door = start.door().await?;
        let DoorKeys { url_keys, client_secrets, public_url, accept_v1 } = door.keys;
        let (queue, clock, meter) = (door.queue, Arc::new(transport::SystemClock), start.meter.clone());
        Ok(Webhook {
            queue,
            clock,
            url_keys,
            client_secrets,
            public_url,
            accept_v1,
            turned_away: TurnedAway::default(),
            meter,
        })
    };
    runtime::serve(function, &start, webhook.fill(making)).await
}
