//! `close` on Lambda.

use runtime::{DelaysPort, Start, functions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let start = Start::from_env(&functions::CLOSE)?;
    runtime::run_with(start, |bridge, delays: &DelaysPort, payload| close::handle(bridge, &*delays.0, payload)).await
}
