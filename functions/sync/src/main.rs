//! `sync` on Lambda.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use runtime::InvokeFailure;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bridge = &runtime::bridge().await?;
    let work = move |event: LambdaEvent<Value>| async move {
        sync::handle(bridge, event.payload).await.map_err(|error| Diagnostic::from(InvokeFailure(error)))
    };
    run(service_fn(work)).await
}
