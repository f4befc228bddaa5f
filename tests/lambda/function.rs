//! The function of the package under test as Lambda runs it: its own binary, its own process, an environment and nothing else.

use crate::aws::Aws;
use crate::runtime_api::{Answer, RuntimeApi};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The binary of the package that this file is compiled for.
const BINARY: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));
/// Nothing here takes longer, even on a machine that builds something else meanwhile.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) const QUEUE_URL: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/events.fifo";
pub(crate) const SECRET_ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:opencx-hubspot";

/// The variables that template.yaml gives to functions; each function reads those it uses.
pub(crate) const VARIABLES: [(&str, &str); 8] = [
    ("TABLE_NAME", "opencx-hubspot"),
    ("EVENTS_QUEUE_URL", QUEUE_URL),
    ("EVENTS_QUEUE_ARN", "arn:aws:sqs:eu-central-1:123456789012:events.fifo"),
    ("SCHEDULE_GROUP", "opencx-hubspot"),
    ("SCHEDULE_ROLE_ARN", "arn:aws:iam::123456789012:role/scheduler"),
    ("CLOSE_FUNCTION_ARN", "arn:aws:lambda:eu-central-1:123456789012:function:close"),
    ("SECRET_ARN", SECRET_ARN),
    ("PUBLIC_URL", "https://hooks.example.com"),
];

/// The variables that Lambda itself gives.
const LAMBDA: [(&str, &str); 8] = [
    ("AWS_LAMBDA_FUNCTION_NAME", env!("CARGO_PKG_NAME")),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/it"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/20/it"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "AKID"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
];

/// A running function with its Lambda and its AWS. Its process ends with it.
pub(crate) struct Function {
    child: Child,
    api: RuntimeApi,
    pub(crate) aws: Aws,
}

impl Function {
    /// A cold start with everything in place.
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(&VARIABLES).await
    }

    /// A cold start with these of [`VARIABLES`].
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Result<Self> {
        let (api, aws) = (RuntimeApi::start().await?, Aws::start().await?);
        let child = Command::new(BINARY)
            .env_clear()
            .envs(LAMBDA)
            .envs(variables.iter().copied())
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .env("AWS_ENDPOINT_URL", format!("http://{}", aws.address))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{BINARY} cannot be started"))?;
        Ok(Self { child, api, aws })
    }

    /// The process.
    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().context("the function has ended")
    }

    /// Lambda invokes the function with `event`.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<Answer> {
        let invoked = async {
            tokio::select! {
                answer = self.api.invoke(event) => Some(answer),
                _ = self.child.wait() => None,
            }
        };
        if let Some(answer) = timeout(LIMIT, invoked).await.context("the function did not answer in time")? {
            return answer;
        }
        let (status, output) = self.end().await?;
        bail!("the function ended with {status} instead of an answer:\n{output}")
    }

    /// Waits until the process ends by itself: its status, and what it wrote.
    pub(crate) async fn end(&mut self) -> Result<(ExitStatus, String)> {
        let status = timeout(LIMIT, self.child.wait()).await.context("the function did not end in time")??;
        let mut output = String::new();
        if let Some(stdout) = &mut self.child.stdout {
            stdout.read_to_string(&mut output).await?;
        }
        if let Some(stderr) = &mut self.child.stderr {
            stderr.read_to_string(&mut output).await?;
        }
        Ok((status, output))
    }
}

/// `TERM` asks a process to end, `KILL` ends it where it stands.
pub(crate) async fn signal(name: &str, process: u32) -> Result<()> {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status().await?;
    if sent.success() { Ok(()) } else { bail!("kill: {sent}") }
}

/// The metrics among the lines that a function wrote.
pub(crate) fn metrics(output: &str) -> Vec<Value> {
    let lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get("_aws").is_some()).collect()
}
