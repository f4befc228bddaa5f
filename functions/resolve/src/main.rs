//! `resolve` on Lambda.

use runtime::{Start, functions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::run(Start::from_env(&functions::RESOLVE)?, resolve::handle).await
}
