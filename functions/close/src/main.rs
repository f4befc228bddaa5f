//! `close` on Lambda.

use runtime::{Start, functions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::run(Start::from_env(&functions::CLOSE)?, close::handle).await
}
