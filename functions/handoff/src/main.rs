//! `handoff` on Lambda.

use runtime::{QueuePort, Start, functions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let start = Start::from_env(&functions::HANDOFF)?;
    runtime::run_with(start, |bridge, queue: &QueuePort, payload| handoff::handle(bridge, &*queue.0, payload)).await
}
