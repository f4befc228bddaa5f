//! `events` on Lambda.

use runtime::{Start, functions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let start = Start::from_env(&functions::EVENTS)?;
    let sources: &'static _ = Box::leak(Box::new(start.sources()));
    runtime::run(start, |bridge, payload| events::handle(bridge, sources, payload)).await
}
