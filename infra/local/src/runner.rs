//! One runner: the bridge, its queue and its front in this process.

use crate::door::Door;
use crate::engine::Engine;
use crate::front::{self, Front};
use crate::functions::Function;
use crate::jobs::{Jobs, LocalDelays, LocalQueue, dispatch};
use crate::keyring::{LocalKeyring, random};
use crate::sandbox::Sandbox;
use crate::tasks::Tasks;
use crate::work;
use actions::Actions;
use axum::Router;
use axum::serve::ListenerExt;
use bytes::Bytes;
use connect::Connect;
use domain::OrgId;
use flows::{Bridge, Cache, InvokeError, Timing};
use http::{Request, Response};
use hubspot::{ApiVersions, HubSpot, OAuthApp};
use opencx::{AssumedPaths, OpenCx};
use runtime::AdminKeys;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use transport::{Clock, GuardedTransport, Http, Meter, Outside, Reach, Transport, TransportError};
use webhook::Webhook;

/// The bridge's table in the embedded database.
pub(crate) const TABLE: &str = "opencx-hubspot";
/// How often overdue rows are looked for.
const RECONCILE_EVERY: Duration = Duration::from_mins(5);

/// A service the bridge calls.
#[derive(Clone)]
pub struct Upstream {
    /// Its base URL.
    pub url: String,
    /// How requests get there.
    pub transport: Arc<dyn Transport>,
}

/// What a runner is started with. Everything that a simulation replaces is in here.
pub struct RunnerOptions {
    /// The database; a restarted runner gets the same one.
    pub engine: Engine,
    /// The secrets.
    pub keyring: LocalKeyring,
    /// Tells this start from others: claims of another boot count as expired.
    pub boot: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// HubSpot.
    pub hubspot: Upstream,
    /// OpenCX.
    pub opencx: Upstream,
    /// Where files that OpenCX names are fetched.
    pub outside: Outside,
    /// The URL under which HubSpot reaches this runner.
    pub public_url: String,
    /// Secrets of HubSpot apps whose signatures are accepted, beside the keyring's own.
    pub client_secrets: Vec<String>,
    /// The HubSpot app; without it there is no OAuth.
    pub app: Option<OAuthApp>,
    /// How long things take.
    pub timing: Timing,
    /// Which of HubSpot's paths are called.
    pub versions: ApiVersions,
    /// Starts the jitter between retries.
    pub seed: u64,
}

/// A started runner. Dropping it is [`Runner::kill`] without waiting.
pub struct Runner {
    bridge: Arc<Bridge>,
    jobs: Arc<Jobs>,
    tasks: Arc<Tasks>,
    front: Arc<Front>,
    router: Router,
    sandbox: Arc<Sandbox>,
    stopping: watch::Sender<bool>,
}

impl Runner {
    /// Opens the data, takes up what an earlier runner left, and starts to work.
    pub async fn start(options: RunnerOptions) -> anyhow::Result<Self> {
        let runner = Self::open(options).await?;
        runner.work();
        Ok(runner)
    }

    /// Opens the data and answers requests; what is queued stays where it is.
    pub async fn open(options: RunnerOptions) -> anyhow::Result<Self> {
        let url_key = options.keyring.url_key()?;
        let client = options.engine.client();
        let store = Store::new(client.clone(), TABLE, options.keyring.store_keyring()?).with_boot(options.boot.clone());
        store.create_table().await?;
        let jobs = Jobs::open(client, TABLE, &options.boot, options.clock.clone()).await?;
        let queue = Arc::new(LocalQueue(jobs.clone()));
        let mut client_secrets = options.client_secrets.clone();
        client_secrets.push(options.keyring.client_secret().to_owned());
        let actions = Actions {
            clock: options.clock.clone(),
            client_secrets: client_secrets.clone(),
            public_url: options.public_url.clone(),
            meter: Meter::default(),
        };
        let webhook = Webhook {
            queue: queue.clone(),
            clock: options.clock.clone(),
            url_keys: vec![url_key.clone()],
            client_secrets,
            public_url: options.public_url.clone(),
            accept_v1: false,
            turned_away: webhook::TurnedAway::default(),
            meter: Meter::default(),
        };
        let admin_keys = AdminKeys::new(vec![options.keyring.admin_key()?]);
        let public_url = options.public_url.clone();
        let sandbox = Arc::new(Sandbox::new(options.clock.clone(), options.keyring.token_key()?));
        let bridge = Arc::new(bridge(options, store, queue, Arc::new(LocalDelays(jobs.clone()))));
        // Without randomness no secret can be made; a guessable one would be worse than none.
        let random = Arc::new(|| random(16).unwrap_or_else(|_| std::process::abort()));
        let connect = Connect { bridge: bridge.clone(), admin_keys, url_keys: vec![url_key], public_url, random };
        let tasks = Arc::new(Tasks::new());
        let front = Arc::new(Front { bridge: bridge.clone(), webhook, actions, connect, tasks: tasks.clone() });
        let router = front::router(front.clone(), sandbox.clone());
        Ok(Self { bridge, jobs, tasks, front, router, sandbox, stopping: watch::Sender::new(false) })
    }

    fn work(&self) {
        let mut stopping = self.stopping.subscribe();
        let stop = async move {
            // An error means that the runner is gone, which stops the work as well.
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        let handler = work::handler(self.bridge.clone());
        self.tasks.spawn(dispatch(self.jobs.clone(), self.tasks.clone(), handler, stop));
        self.tasks.spawn(reconcile(self.bridge.clone()));
    }

    /// Answers a request as if it came over the network.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.door().handle(request).await
    }

    /// Invokes a function by its name.
    pub async fn invoke(&self, function: Function, request: Value) -> Result<Value, InvokeError> {
        function.invoke(&self.bridge, request).await
    }

    /// A way in that can be handed to others.
    pub fn door(&self) -> Door {
        Door::new(self.router.clone(), self.tasks.clone())
    }

    /// What all use cases work with.
    pub fn bridge(&self) -> &Bridge {
        &self.bridge
    }

    /// The signed URL for an organization's webhooks; `None` where it has no connection.
    pub async fn webhook_url(&self, org: &OrgId) -> Result<Option<String>, store::StoreError> {
        let connection = self.bridge.store.connection(org).await?;
        Ok(connection.and_then(|connection| self.front.connect.webhook_url(org, &connection.nonce)))
    }

    /// Lets `/sandbox` play with the simulators at these places.
    pub fn open_sandbox(&self, hubspot: Upstream, opencx: Upstream) {
        self.sandbox.open(hubspot, opencx);
    }

    /// Serves the front on `listener` until `stop` completes and every open request is answered.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let stopping = self.stopping.clone();
        let stop = async move {
            stop.await;
            stopping.send_replace(true);
        };
        let listener = listener.tap_io(|stream| {
            // Answers are small: waiting to fill a packet only delays them.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, self.router.clone()).with_graceful_shutdown(stop).await
    }

    /// Completes when no job is due or running. Timers of the future do not count.
    pub async fn idle(&self) {
        self.jobs.idle().await;
    }

    /// Starts nothing new and finishes what runs. What waits is taken up by the next start.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        tokio::join!(self.jobs.at_rest(), self.tasks.calls_over());
        self.tasks.kill().await;
    }

    /// Ends everything where it stands, as `kill -9` does.
    pub async fn kill(self) {
        self.tasks.kill().await;
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.tasks.abandon();
    }
}

fn bridge(options: RunnerOptions, store: Store, queue: Arc<LocalQueue>, delays: Arc<LocalDelays>) -> Bridge {
    let RunnerOptions { boot, clock, hubspot, opencx, app, outside, timing, versions, seed, .. } = options;
    let runs = AtomicU64::new(0);
    Bridge {
        store,
        hubspot: HubSpot::new(Http::new(hubspot.transport, clock.clone(), seed), &hubspot.url, versions),
        opencx: OpenCx::new(Http::new(opencx.transport, clock.clone(), seed), &opencx.url, AssumedPaths::default()),
        outside,
        queue,
        delays,
        clock,
        cache: Cache::default(),
        timing,
        meter: Meter::default(),
        app: app.map(Arc::new),
        ids: Arc::new(move || format!("{boot}-{}", runs.fetch_add(1, Ordering::Relaxed))),
    }
}

/// Files from the public web alone.
pub(crate) fn public_web() -> Outside {
    let guarded = GuardedTransport::new(flows::LARGEST_FILE, Reach::PublicWeb);
    Outside::new(Arc::new(guarded), Reach::PublicWeb)
}

async fn reconcile(bridge: Arc<Bridge>) {
    loop {
        bridge.clock.sleep(RECONCILE_EVERY).await;
        if let Err(error) = operations::reconcile(&bridge).await {
            tracing::warn!(%error, "the reconciler could not finish; it comes back in five minutes");
        }
    }
}
