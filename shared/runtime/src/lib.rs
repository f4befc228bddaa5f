//! The surroundings of a flow on AWS: configuration, secret, clients, queue, timers, logs.
//!
//! Implements the flows' `Queue` and `Delays` with SQS and EventBridge Scheduler. It must never decide anything about
//! a conversation, and nothing outside `config` reads an environment variable. Start with `start`.

mod admin_token;
mod aws;
mod aws_error;
mod aws_http;
mod batch;
mod config;
mod delay_queue;
mod emf;
pub mod functions;
mod given;
mod http_answer;
mod invoke;
mod queue_depth;
mod random;
mod ready;
mod run;
mod scheduler;
mod secret;
mod serve;
mod sqs;
mod start;
mod start_error;
mod telemetry;
#[cfg(test)]
mod wire;

pub use admin_token::{Admin, AdminKey, AdminKeys, LONGEST_TOKEN, TokenRefused, sign_admin_token};
pub use aws_http::AwsHttp;
pub use batch::{Sources, process_batch};
pub use config::{Config, ConfigError};
pub use delay_queue::{SqsDelays, process_closes};
pub use functions::DelayEngine;
pub use given::{BothPorts, DelaysPort, QueuePort};
pub use http_answer::{json, problem, problem_document};
pub use invoke::{answer, failure, parse_request};
pub use random::random_id;
pub use ready::Ready;
pub use run::{run, run_with};
pub use scheduler::SchedulerDelays;
pub use secret::{BundleSecret, SecretError};
pub use serve::serve;
pub use sqs::SqsQueue;
pub use start::{Keys, Start};
pub use start_error::StartError;
pub use telemetry::init_logs;
