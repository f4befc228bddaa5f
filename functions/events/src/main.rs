//! `events` on Lambda.

use runtime::{BothPorts, Start, functions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let start = Start::from_env(&functions::EVENTS)?;
    let sources: &'static _ = Box::leak(Box::new(start.sources()));
    runtime::run_with(start, |bridge, ports: &BothPorts, payload| {
        events::handle(bridge, ports.given(), sources, payload)
    })
    .await
}
