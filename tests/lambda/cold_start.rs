//! How a function refuses to start. Whoever deployed it reads this in its log.

use crate::function::{Function, VARIABLES};
use anyhow::{Context as _, Result};
use runtime::DelayEngine;
use runtime::functions::FUNCTIONS;

#[tokio::test]
async fn all_missing_variables_are_named_together() -> Result<()> {
    let (status, output) = Function::start_with(&[]).await?.end().await?;
    let this = FUNCTIONS.into_iter().find(|function| function.name == env!("CARGO_PKG_NAME"));
    let needed = this.context("find the function's rights")?.needed(DelayEngine::Scheduler);
    let expected = format!("environment variables are missing: {}", needed.join(", "));
    assert!(!status.success() && output.contains(&expected), "{status}, wanted `{expected}` in:\n{output}");
    Ok(())
}

#[tokio::test]
async fn a_variable_that_is_not_missing_is_not_named() -> Result<()> {
    let all_but_one: Vec<_> = VARIABLES.into_iter().filter(|(name, _)| *name != "SECRET_ARN").collect();
    let (status, output) = Function::start_with(&all_but_one).await?.end().await?;
    assert!(
        !status.success() && output.contains("environment variables are missing: SECRET_ARN"),
        "{status}:\n{output}"
    );
    Ok(())
}

#[tokio::test]
async fn a_secret_out_of_reach_is_named_with_the_reason() -> Result<()> {
    let elsewhere = VARIABLES.map(|(name, value)| (name, if name == "SECRET_ARN" { "another" } else { value }));
    let mut function = Function::start_with(&elsewhere).await?;
    let (status, output) = function.end().await?;
    assert!(!status.success(), "{status}:\n{output}");
    assert!(output.contains("the secret could not be fetched") && output.contains("AccessDeniedException"), "{output}");
    Ok(())
}
