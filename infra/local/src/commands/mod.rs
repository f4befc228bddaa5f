//! One file per command of the command line. `api` reaches the runner that most of them talk to.
//! A command reads its options, calls and prints; it must never hold a rule of the bridge.
//! Start with [`run`].

mod api;
mod connect;
mod deliveries;
mod demo;
mod doctor;
mod orgs;
mod redrive;
mod repair;
mod serve;
mod simulate;
mod token;
mod trigger;
mod webhook_url;

use crate::cli::{Cli, Command};
use crate::output;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Does what the command line says. A failure is one line on the error output.
pub fn run(cli: Cli) -> ExitCode {
    let command = cli.command();
    log(level(&command));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(perform(command));
    // Nobody waits for the requests that still run.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn perform(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::serve(args).await,
        Command::Simulate(ports) => simulate::simulate(ports).await,
        Command::Demo(args) => demo::demo(args).await,
        Command::Token(args) => token::token(&args),
        Command::WebhookUrl(args) => webhook_url::webhook_url(&args).await,
        Command::Deliveries(command) => deliveries::deliveries(command).await,
        Command::Doctor(args) => doctor::doctor(&args).await,
        Command::Redrive(args) => redrive::redrive(&args).await,
        Command::Orgs(args) => orgs::orgs(&args).await,
        Command::Repair(args) => repair::repair(&args).await,
        Command::Trigger(args) => trigger::trigger(&args).await,
        Command::Connect(args) => connect::connect(args).await,
    }
}

/// Long-running commands log what happens; the others say what went wrong.
fn level(command: &Command) -> &str {
    match command {
        Command::Serve(args) => &args.log_level,
        Command::Simulate(_) => "info",
        _ => "warn",
    }
}

/// The output belongs to the answers, so the log goes to the error output.
fn log(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second subscriber (a test that runs a command) is refused, and the first one stays.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

fn failed(error: &anyhow::Error) -> ExitCode {
    output::failure(error);
    ExitCode::FAILURE
}
