//! One runner: the bridge, its queue and its front in this process.

use crate::bridges::{Bridges, LocalPorts};
use crate::door::Door;
use crate::engine::Engine;
use crate::front::{self, Front};
use crate::functions::Function;
use crate::jobs::{Jobs, dispatch};
use crate::keyring::{LocalKeyring, random};
use crate::rights::Refusals;
use crate::sandbox::Sandbox;
use crate::tasks::Tasks;
use crate::work;
use actions::Actions;
use axum::Router;
use axum::serve::ListenerExt;
use bytes::Bytes;
use connect::Connect;
use domain::OrgId;
use flows::{Bridge, InvokeError, Timing};
use http::{Request, Response};
use hubspot::{ApiVersions, OAuthApp};
use runtime::AdminKeys;
use runtime::functions::{CONNECT, EVENTS, FunctionSpec, WEBHOOK};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use transport::{Clock, GuardedTransport, Meter, Outside, Reach, Transport, TransportError};
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

/// The options of a runner. They hold everything that a simulation replaces.
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
    /// The client for files that OpenCX names by address.
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
    bridges: Arc<Bridges>,
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
        let keyring = options.keyring.store_keyring()?;
        Store::new(client.clone(), TABLE, keyring.clone()).create_table().await?;
        let jobs = Jobs::open(client, TABLE, &options.boot, options.clock.clone()).await?;
        let mut client_secrets = options.client_secrets.clone();
        client_secrets.push(options.keyring.client_secret().to_owned());
        let (clock, public_url) = (options.clock.clone(), options.public_url.clone());
        let admin_keys = AdminKeys::new(vec![options.keyring.admin_key()?]);
        let sandbox = Arc::new(Sandbox::new(clock.clone(), options.keyring.token_key()?));
        let bridges = Arc::new(Bridges::new(options, keyring, jobs.clone()));
        let actions = Actions {
            clock: clock.clone(),
            client_secrets: client_secrets.clone(),
            public_url: public_url.clone(),
            meter: Meter::default(),
        };
        let webhook = Webhook {
            queue: bridges.queue(&WEBHOOK),
            clock,
            url_keys: vec![url_key.clone()],
            client_secrets,
            public_url: public_url.clone(),
            accept_v1: false,
            turned_away: webhook::TurnedAway::default(),
            meter: Meter::default(),
        };
        // Without randomness no secret can be made; a guessable one would be worse than none.
        let random = Arc::new(|| random(16).unwrap_or_else(|_| std::process::abort()));
        let connect = Connect {
            bridge: bridges.of(&CONNECT),
            queue: bridges.queue(&CONNECT),
            admin_keys,
            url_keys: vec![url_key],
            public_url,
            random,
        };
        let tasks = Arc::new(Tasks::new());
        let front = Arc::new(Front { bridges: bridges.clone(), webhook, actions, connect, tasks: tasks.clone() });
        let router = front::router(front.clone(), sandbox.clone());
        Ok(Self { bridges, jobs, tasks, front, router, sandbox, stopping: watch::Sender::new(false) })
    }

    fn work(&self) {
        let mut stopping = self.stopping.subscribe();
        let stop = async move {
            // An error means that the runner is gone, which stops the work as well.
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        let handler = work::handler(&self.bridges);
        self.tasks.spawn(dispatch(self.jobs.clone(), self.tasks.clone(), handler, stop));
        self.tasks.spawn(reconcile(self.bridges.clone()));
    }

    /// Queue and timers as one function may use them.
    pub fn ports_of(&self, function: &FunctionSpec) -> LocalPorts {
        self.bridges.ports(function)
    }

    /// Answers a request as if it came over the network.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.door().handle(request).await
    }

    /// Invokes a function by its name.
    pub async fn invoke(&self, function: Function, request: Value) -> Result<Value, InvokeError> {
        function.invoke(&self.bridges, request).await
    }

    /// A way in that can be handed to others.
    pub fn door(&self) -> Door {
        Door::new(self.router.clone(), self.tasks.clone())
    }

    /// The bridge of one function, under its rights.
    pub fn bridge_of(&self, function: &FunctionSpec) -> Arc<Bridge> {
        self.bridges.of(function)
    }

    /// Every function reads anew what it had read, as its process on AWS does within a minute.
    pub fn drop_caches(&self) {
        self.bridges.drop_caches();
    }

    /// Operations that functions had no right to.
    pub fn refusals(&self) -> &Refusals {
        self.bridges.refusals()
    }

    /// The signed URL for an organization's webhooks; `None` where it has no connection.
    pub async fn webhook_url(&self, org: &OrgId) -> Result<Option<String>, store::StoreError> {
        let connection = self.front.connect.bridge.store.connection(org).await?;
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

/// Files from the public web alone.
pub(crate) fn public_web() -> Outside {
    let guarded = GuardedTransport::new(flows::LARGEST_FILE, Reach::PublicWeb);
    Outside::new(Arc::new(guarded), Reach::PublicWeb)
}

async fn reconcile(bridges: Arc<Bridges>) {
    let (bridge, ports) = (bridges.of(&EVENTS), bridges.ports(&EVENTS));
    loop {
        bridge.clock.sleep(RECONCILE_EVERY).await;
        if let Err(error) = operations::reconcile(&bridge, ports.given()).await {
            tracing::warn!(%error, "the reconciler could not finish; it comes back in five minutes");
        }
    }
}
