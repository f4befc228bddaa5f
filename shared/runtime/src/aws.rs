//! AWS as one function sees it: clients over the process's one HTTP client, made when they are asked for.

use crate::delay_queue::SqsDelays;
use crate::functions::{FunctionSpec, TimerRight};
use crate::scheduler::{ReturnTarget, ScheduleTargets};
use crate::{AwsHttp, Config, DelayEngine, SchedulerDelays, SqsQueue};
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use flows::Delays;
use std::sync::Arc;
use std::time::Duration;
use transport::SystemClock;

/// One attempt of a call to AWS, which has two more. A connection that died while Lambda kept the process frozen would
/// otherwise hold a call for as long as the function may run.
const ATTEMPT: Duration = Duration::from_secs(5);

/// AWS with the function's configuration.
pub struct Aws<'a> {
    pub(crate) sdk: SdkConfig,
    pub(crate) config: &'a Config,
    client: &'a reqwest::Client,
}

impl<'a> Aws<'a> {
    pub(crate) async fn new(client: &'a reqwest::Client, config: &'a Config) -> Self {
        let http = SharedHttpClient::new(AwsHttp::new(client.clone()));
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).build();
        let sdk =
            aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts).load().await;
        Self { sdk, config, client }
    }

    /// The events queue.
    pub(crate) fn sqs_queue(&self) -> Arc<SqsQueue> {
        Arc::new(SqsQueue::new(aws_sdk_sqs::Client::new(&self.sdk), text(self.config.events_queue_url.as_ref())))
    }

    /// The timers that `DELAY_ENGINE` chose.
    pub(crate) fn timers(&self, spec: &FunctionSpec) -> Arc<dyn Delays> {
        let config = self.config;
        match config.delay_engine {
            DelayEngine::Scheduler => {
                let targets = ScheduleTargets {
                    group: text(config.schedule_group.as_ref()),
                    role_arn: text(config.schedule_role_arn.as_ref()),
                    dlq_arn: config.schedule_dlq_arn.clone(),
                    close_function_arn: text(config.close_function_arn.as_ref()),
                };
                let returns = config.events_queue_arn.clone().filter(|_| spec.timers.contains(&TimerRight::SetReturn));
                let returns = returns.map(|queue_arn| ReturnTarget { queue_arn, queue: self.sqs_queue() });
                let client = aws_sdk_scheduler::Client::new(&self.sdk);
                Arc::new(SchedulerDelays::new(client, targets, returns, Arc::new(SystemClock)))
            }
            DelayEngine::Sqs => {
                let (returns, closes) = (&config.delay_queue_url, &config.close_delay_queue_url);
                let client = aws_sdk_sqs::Client::new(&self.sdk);
                Arc::new(SqsDelays::new(client, returns.clone(), closes.clone(), Arc::new(SystemClock)))
            }
        }
    }

    /// Opens the connection to the table beside all else, with a read of nothing: the first event finds it open.
    pub(crate) fn reach_table(database: &aws_sdk_dynamodb::Client, table: &str) {
        let nothing = || AttributeValue::S("NOTHING".to_owned());
        let read = database.get_item().table_name(table).key("pk", nothing()).key("sk", nothing());
        tokio::spawn(async move {
            if read.send().await.is_err() {
                tracing::debug!("the connection to the table could not be opened beforehand");
            }
        });
    }

    /// Opens the connection to SQS likewise. A role that may only send has no call without an effect; any answer will do.
    pub(crate) fn reach_queue(&self) {
        let queue = text(self.config.events_queue_url.as_ref());
        let Ok(mut url) = reqwest::Url::parse(self.sdk.endpoint_url().unwrap_or(&queue)) else { return };
        url.set_path("/ping");
        let ping = self.client.get(url).timeout(ATTEMPT).send();
        tokio::spawn(async move {
            if ping.await.is_err() {
                tracing::debug!("the connection to the queue could not be opened beforehand");
            }
        });
    }
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}
