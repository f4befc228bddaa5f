//! A runner for this crate's own tests: no simulators, and services that nobody answers for.
use crate::engine::Engine;
use crate::keyring::LocalKeyring;
use crate::options::{RunnerOptions, Upstream};
use crate::runner::Runner;
use bytes::Bytes;
use domain::{AppId, OrgId, PortalId, Settings};
use flows::Timing;
use http::{Method, Request, Response};
use jiff::Timestamp;
use runtime::{LONGEST_TOKEN, sign_admin_token};
use serde_json::Value;
use std::sync::Arc;
use store::{Auth, Connection, PortalProperties, Secret};
use transport::{Clock, InProcess, TransportError, VirtualClock};

/// A machine on which one runner at a time is started.
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    pub(crate) keyring: LocalKeyring,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let began = "2026-11-20T10:00:00Z".parse().unwrap();
        Self {
            engine: Engine::memory().unwrap(),
            keyring: LocalKeyring::generate().unwrap(),
            clock: Arc::new(VirtualClock::starting_at(began)),
        }
    }

    pub(crate) async fn start(&self, boot: &str) -> Runner {
        Runner::start(self.options(boot)).await.unwrap()
    }

    pub(crate) fn options(&self, boot: &str) -> RunnerOptions {
        let nobody = InProcess::new(|_| async { Err(TransportError::NotSent("connection refused".to_owned())) });
        let upstream = |url: &str| Upstream { url: url.to_owned(), transport: Arc::new(nobody.clone()) };
        RunnerOptions {
            engine: self.engine.clone(),
            keyring: self.keyring.clone(),
            boot: boot.to_owned(),
            clock: self.clock.clone(),
            hubspot: upstream("http://hubspot.invalid"),
            opencx: upstream("http://opencx.invalid"),
            outside: transport::Outside::new(Arc::new(nobody.clone()), transport::Reach::PublicWeb),
            public_url: "http://127.0.0.1:8787".to_owned(),
            client_secrets: Vec::new(),
            app: None,
            timing: Timing::default(),
            versions: hubspot::ApiVersions::default(),
            seed: 1,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The `Authorization` header of `role` in `org`.
    pub(crate) fn bearer(&self, org: &str, role: &str) -> String {
        let org = OrgId::parse(org).unwrap();
        let token = sign_admin_token(&org, role, self.now() + LONGEST_TOKEN, &self.keyring.token_key().unwrap());
        format!("Bearer {}", token.unwrap())
    }

    /// Connects `org` to a portal of its own number, live.
    pub(crate) async fn connect(&self, runner: &Runner, org: &str, portal: &str) {
        let connection = Connection {
            org: OrgId::parse(org).unwrap(),
            portal: PortalId::parse(portal).unwrap(),
            apps: vec![AppId::parse("1").unwrap()],
            access_token: Secret::new("pat".to_owned()),
            client_secret: None,
            opencx_api_key: Secret::new("key".to_owned()),
            auth: Auth::PrivateApp,
            settings: Settings { enabled: true, ..Settings::default() },
            nonce: self.keyring.nonce().to_owned(),
            properties: PortalProperties::Unknown,
            version: 0,
            connected_at: self.now(),
            grant: store::Grant::default(),
            milestones: store::Milestones::default(),
            custom_channel: None,
        };
        runner.bridge_of(&crate::OPERATOR).store.save_connection(&connection, self.now()).await.unwrap();
    }
}

/// A request to the front as loopback sends it.
pub(crate) fn request(method: Method, path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8787");
    request.body(body.into()).unwrap()
}

/// Status and JSON body.
pub(crate) fn read(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}
