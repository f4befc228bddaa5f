//! The bridge on one machine: the same functions and flows as on AWS, with an embedded database instead of DynamoDB,
//! its items instead of SQS and Scheduler, and a small HTTP front instead of API Gateway and the Invoke API.
//!
//! It wires and it waits; it must never hold a rule, a step of a use case or a key of the bridge's own items.
//! Start with [`Runner`] (one started runner, also in tests) and `commands/serve.rs` (what `cargo run` does).

mod bridges;
mod caller;
mod cli;
mod commands;
mod demo_org;
mod door;
mod engine;
mod folder;
mod front;
mod functions;
mod gateway;
mod invoke;
mod jobs;
mod keyring;
mod output;
mod problem;
mod rights;
mod runner;
mod sandbox;
mod simulators;
mod tasks;
#[cfg(test)]
mod testing;
mod work;

pub use bridges::LocalPorts;
pub use cli::Cli;
pub use commands::run;
pub use demo_org::{DEMO_ORG, DemoOrg};
pub use door::{Door, Doorway};
pub use engine::{Engine, Gate};
pub use folder::{DataFolder, FolderError, Running};
pub use functions::Function;
pub use jobs::JobError;
pub use keyring::{LocalKeyring, boot_id};
pub use operations::prepare_properties;
pub use rights::{OPERATOR, Refusals};
pub use runner::{Runner, RunnerOptions, Upstream};
