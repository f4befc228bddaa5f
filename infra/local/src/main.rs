//! The command line of the bridge on one machine.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    local::run(local::Cli::parse())
}
