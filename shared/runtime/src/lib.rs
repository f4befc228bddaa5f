//! What a function needs around its flow on AWS: configuration, secret, clients, queue, timers, logs.
//!
//! Implements the flows' `Queue` and `Delays` with SQS and EventBridge Scheduler. It must never decide anything about
//! a conversation, and nothing outside `config` reads an environment variable. Start with `start`.

mod admin_token;
mod aws_error;
mod aws_http;
mod batch;
mod config;
mod invoke;
mod queue_depth;
mod random;
mod scheduler;
mod secret;
mod sqs;
mod start;
mod telemetry;

pub use admin_token::{Admin, AdminKey, AdminKeys, LONGEST_TOKEN, TokenRefused, sign_admin_token};
pub use aws_http::AwsHttp;
pub use batch::process_batch;
pub use config::{Config, ConfigError};
pub use invoke::{InvokeFailure, answer, parse_request};
pub use random::random_id;
pub use scheduler::SchedulerDelays;
pub use secret::{BundleSecret, SecretError};
pub use sqs::SqsQueue;
pub use start::{ConnectParts, StartError, WebhookParts, bridge, connect_parts, webhook_parts};
pub use telemetry::init_logs;
