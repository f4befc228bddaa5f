//! From the environment to what a function works with, once per cold start.

use crate::aws::Aws;
use crate::aws_error::causes;
use crate::functions::FunctionSpec;
use crate::given::Given;
use crate::start_error::StartError;
use crate::{AdminKeys, BundleSecret, Config, Sources, SqsQueue, random_id};
use domain::UrlKey;
use flows::{Bridge, Cache, Timing};
use std::sync::Arc;
use store::Store;
use transport::{Clock, GuardedTransport, Http, Meter, Outside, Reach, ReqwestTransport, SystemClock};

/// A function's cold start: the environment is read, nothing was called yet.
pub struct Start {
    pub(crate) config: Config,
    spec: &'static FunctionSpec,
    client: reqwest::Client,
    /// Counts what becomes of the work; [`crate::serve`] writes it out.
    pub meter: Meter,
}

/// The keys and secrets that prove callers.
pub struct Keys {
    /// Verify signed URLs; the first signs them.
    pub url_keys: Vec<UrlKey>,
    /// Verify HubSpot's signatures.
    pub client_secrets: Vec<String>,
    /// Verify admin tokens.
    pub admin_keys: AdminKeys,
    /// Where people and HubSpot reach us; without a slash at the end.
    pub public_url: String,
    /// Whether HubSpot's signature of version 1 counts where version 3 is absent.
    pub accept_v1: bool,
}

impl Start {
    /// Reads the environment and starts the log.
    pub fn from_env(spec: &'static FunctionSpec) -> Result<Self, StartError> {
        let config = Config::from_env(spec)?;
        crate::init_logs(&config.log_level);
        Ok(Self { config, spec, client: transport::https_client()?, meter: Meter::on() })
    }

    /// The queues that the worker's messages come from.
    pub fn sources(&self) -> Sources {
        Sources::new(self.config.events_dead_letter_arn.clone(), self.config.delay_queue_url.as_deref())
    }

    /// Everything the flows work with, the ports of the function's type, and what callers are known by.
    pub async fn bridge_with<P: Given>(&self) -> Result<(Bridge, P, Keys), StartError> {
        let config = &self.config;
        let aws = Aws::new(&self.client, config).await;
        let ports = P::of(&aws, self.spec)?;
        let table = config.table_name.clone().unwrap_or_default();
        let database = aws_sdk_dynamodb::Client::new(&aws.sdk);
        Aws::reach_table(&database, &table);
        let secret = secret(&aws).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let seed = u64::try_from(clock.now().as_nanosecond()).unwrap_or(1);
        let http = Http::new(Arc::new(ReqwestTransport::new(self.client.clone())), clock.clone(), seed);
        let (to_hubspot, to_opencx) = (http.counting(&self.meter, "HubSpot"), http.counting(&self.meter, "OpenCx"));
        let versions = config.hubspot_api_versions.parse().unwrap_or_else(|_| hubspot::ApiVersions::dated());
        let guarded = GuardedTransport::new(flows::LARGEST_FILE, Reach::PublicWeb);
        let bridge = Bridge {
            store: Store::new(database, &table, secret.keyring.clone()),
            hubspot: hubspot::HubSpot::new(to_hubspot, &config.hubspot_api_url, versions),
            opencx: opencx::OpenCx::new(to_opencx, &config.opencx_api_url, opencx::AssumedPaths::default()),
            outside: Outside::new(Arc::new(guarded), Reach::PublicWeb),
            clock,
            cache: Cache::default(),
            timing: Timing { email_delay: config.email_delay, close_delay: config.close_delay, ..Timing::default() },
            meter: self.meter.clone(),
            app: hubspot_app(config, &secret).map(Arc::new),
            // A process without randomness cannot hold claims; one id per process start would be worse than none.
            ids: Arc::new(|| random_id().unwrap_or_else(|_| std::process::abort())),
        };
        Ok((bridge, ports, keys(config, secret)))
    }

    /// The queue and the keys: `webhook` needs nothing else.
    pub async fn door(&self) -> Result<(Arc<SqsQueue>, Keys), StartError> {
        let aws = Aws::new(&self.client, &self.config).await;
        aws.reach_queue();
        let keys = keys(&self.config, secret(&aws).await?);
        Ok((aws.sqs_queue(), keys))
    }
}

fn keys(config: &Config, secret: BundleSecret) -> Keys {
    Keys {
        url_keys: secret.url_keys,
        client_secrets: secret.hubspot_client_secrets,
        admin_keys: secret.admin_keys,
        public_url: config.public_url.clone().unwrap_or_default(),
        accept_v1: config.accept_v1_signatures,
    }
}

/// Our HubSpot app, where the deployment has one.
fn hubspot_app(config: &Config, secret: &BundleSecret) -> Option<hubspot::OAuthApp> {
    Some(hubspot::OAuthApp {
        client_id: secret.hubspot_client_id.clone()?,
        client_secret: secret.hubspot_client_secrets.first()?.clone(),
        redirect_uri: format!("{}/oauth/callback", config.public_url.as_deref().unwrap_or_default()),
        app_url: config.hubspot_app_url.clone(),
        custom_channel: secret.hubspot_custom_channel_id.clone(),
    })
}

async fn secret(aws: &Aws<'_>) -> Result<BundleSecret, StartError> {
    let client = aws_sdk_secretsmanager::Client::new(&aws.sdk);
    let id = aws.config.secret_arn.as_deref().unwrap_or_default();
    let fetched = client.get_secret_value().secret_id(id).send().await;
    let fetched = fetched.map_err(|error| StartError::Fetch(causes(&error)))?;
    Ok(BundleSecret::parse(fetched.secret_string.as_deref().unwrap_or_default())?)
}
