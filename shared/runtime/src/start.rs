//! From the environment to what a function works with, once per cold start.

use crate::aws_error::causes;
use crate::scheduler::ScheduleTargets;
use crate::{AdminKeys, AwsHttp, BundleSecret, Config, ConfigError, SchedulerDelays, SecretError, SqsQueue, random_id};
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use domain::UrlKey;
use flows::{Bridge, Cache, Timing};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use transport::{Clock, GuardedTransport, Http, Outside, Reach, ReqwestTransport, SystemClock};

/// Why a function cannot start.
#[derive(thiserror::Error)]
pub enum StartError {
    /// The environment does not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The secret's content does not fit.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The secret could not be read.
    #[error("fetch the secret: {0}")]
    Fetch(String),
    /// The HTTP client could not be built.
    #[error("build the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

/// An error that `main` returns is printed with this; whoever deployed the function reads it in its log.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One attempt of a call to AWS, which has two more. A connection that died while Lambda kept the process frozen would
/// otherwise hold a call for as long as the function may run.
const AWS_ATTEMPT: Duration = Duration::from_secs(5);

/// What every function that runs flows reads.
const FLOW_VARIABLES: [&str; 8] = [
    "TABLE_NAME",
    "EVENTS_QUEUE_URL",
    "EVENTS_QUEUE_ARN",
    "SCHEDULE_GROUP",
    "SCHEDULE_ROLE_ARN",
    "CLOSE_FUNCTION_ARN",
    "SECRET_ARN",
    "PUBLIC_URL",
];

/// Everything the flows work with, on AWS.
pub async fn bridge() -> Result<Bridge, StartError> {
    let config = Config::from_env(&FLOW_VARIABLES)?;
    crate::init_logs(&config.log_level);
    let client = transport::https_client()?;
    let aws = aws(&client).await;
    let secret = secret(&aws, &config).await?;
    Ok(bridge_of(&config, client, &aws, &secret))
}

/// What `connect` works with: the flows, and what proves admins and the HubSpot app.
pub struct ConnectParts {
    /// For the flows.
    pub bridge: Bridge,
    /// The first signs webhook URLs.
    pub url_keys: Vec<UrlKey>,
    /// Verifies admin tokens.
    pub admin_keys: AdminKeys,
    /// Our HubSpot app; without it there is no OAuth.
    pub client_id: Option<String>,
    /// Its secrets, newest first.
    pub client_secrets: Vec<String>,
    /// Where people reach us; without a slash at the end.
    pub public_url: String,
    /// Where people consent.
    pub hubspot_app_url: String,
}

/// The console's part of the environment: that of the flows.
pub async fn connect_parts() -> Result<ConnectParts, StartError> {
    let config = Config::from_env(&FLOW_VARIABLES)?;
    crate::init_logs(&config.log_level);
    let client = transport::https_client()?;
    let aws = aws(&client).await;
    let secret = secret(&aws, &config).await?;
    Ok(ConnectParts {
        bridge: bridge_of(&config, client, &aws, &secret),
        url_keys: secret.url_keys,
        admin_keys: secret.admin_keys,
        client_id: secret.hubspot_client_id,
        client_secrets: secret.hubspot_client_secrets,
        public_url: config.public_url.unwrap_or_default(),
        hubspot_app_url: config.hubspot_app_url,
    })
}

fn bridge_of(config: &Config, client: reqwest::Client, aws: &SdkConfig, secret: &BundleSecret) -> Bridge {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let seed = u64::try_from(clock.now().as_nanosecond()).unwrap_or(1);
    let http = Http::new(Arc::new(ReqwestTransport::new(client)), clock.clone(), seed);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let targets = ScheduleTargets {
        group: text(&config.schedule_group),
        role_arn: text(&config.schedule_role_arn),
        dlq_arn: config.schedule_dlq_arn.clone(),
        events_queue_arn: text(&config.events_queue_arn),
        close_function_arn: text(&config.close_function_arn),
    };
    let versions = config.hubspot_api_versions.parse().unwrap_or_else(|_| hubspot::ApiVersions::dated());
    Bridge {
        store: Store::new(aws_sdk_dynamodb::Client::new(aws), &text(&config.table_name), secret.keyring.clone()),
        hubspot: hubspot::HubSpot::new(http.clone(), &config.hubspot_api_url, versions),
        opencx: opencx::OpenCx::new(http, &config.opencx_api_url, opencx::AssumedPaths::default()),
        outside: Outside::new(Arc::new(GuardedTransport::new(flows::LARGEST_FILE, Reach::PublicWeb)), Reach::PublicWeb),
        queue: Arc::new(SqsQueue::new(aws_sdk_sqs::Client::new(aws), text(&config.events_queue_url))),
        delays: Arc::new(SchedulerDelays::new(aws_sdk_scheduler::Client::new(aws), targets, clock.clone())),
        clock,
        cache: Cache::default(),
        timing: Timing { email_delay: config.email_delay, close_delay: config.close_delay, ..Timing::default() },
        // A process without randomness cannot hold claims; one id per process start would be worse than none.
        ids: Arc::new(|| random_id().unwrap_or_else(|_| std::process::abort())),
    }
}

/// What `webhook` works with: the queue and the keys, nothing else.
pub struct WebhookParts {
    /// The events queue.
    pub queue: Arc<SqsQueue>,
    /// Verifies signed URLs.
    pub url_keys: Vec<UrlKey>,
    /// Verifies HubSpot's signatures.
    pub client_secrets: Vec<String>,
    /// What HubSpot signed.
    pub public_url: String,
    /// Whether v1 counts where v3 is absent.
    pub accept_v1: bool,
}

/// The door's part of the environment.
pub async fn webhook_parts() -> Result<WebhookParts, StartError> {
    let config = Config::from_env(&["EVENTS_QUEUE_URL", "SECRET_ARN", "PUBLIC_URL"])?;
    crate::init_logs(&config.log_level);
    let client = transport::https_client()?;
    let aws = aws(&client).await;
    let secret = secret(&aws, &config).await?;
    Ok(WebhookParts {
        queue: Arc::new(SqsQueue::new(aws_sdk_sqs::Client::new(&aws), config.events_queue_url.unwrap_or_default())),
        url_keys: secret.url_keys,
        client_secrets: secret.hubspot_client_secrets,
        public_url: config.public_url.unwrap_or_default(),
        accept_v1: config.accept_v1_signatures,
    })
}

async fn aws(client: &reqwest::Client) -> SdkConfig {
    let http = SharedHttpClient::new(AwsHttp::new(client.clone()));
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(AWS_ATTEMPT).build();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts).load().await
}

async fn secret(aws: &SdkConfig, config: &Config) -> Result<BundleSecret, StartError> {
    let client = aws_sdk_secretsmanager::Client::new(aws);
    let fetched = client.get_secret_value().secret_id(config.secret_arn.as_deref().unwrap_or_default()).send().await;
    let fetched = fetched.map_err(|error| StartError::Fetch(causes(&error)))?;
    Ok(BundleSecret::parse(fetched.secret_string.as_deref().unwrap_or_default())?)
}
