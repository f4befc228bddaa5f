//! `resolve` on Lambda.

use runtime::{DelaysPort, Start, functions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let start = Start::from_env(&functions::RESOLVE)?;
    runtime::run_with(start, |bridge, delays: &DelaysPort, payload| resolve::handle(bridge, &*delays.0, payload)).await
}
