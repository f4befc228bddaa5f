//! `serve`: everything on this machine.

use super::token::console_link;
use crate::cli::ServeArgs;
use crate::demo_org::DemoOrg;
use crate::engine::Engine;
use crate::folder::{DataFolder, Running};
use crate::keyring::LocalKeyring;
use crate::options::{RunnerOptions, Upstream};
use crate::runner::Runner;
use crate::sandbox::DEMO_ORG;
use crate::simulators::{self, Socket};
use crate::{output, simulators::bind};
use anyhow::Context;
use domain::OrgId;
use runtime::{LONGEST_TOKEN, sign_admin_token};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use transport::{Clock, ReqwestTransport, SystemClock, Transport};

/// How often items whose time to live has passed are removed.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

pub(super) async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let folder = DataFolder::open(&args.data.data_dir)?;
    let place = Place::bind(&args).await?;
    let keyring = LocalKeyring::open(&folder.keyring())?;
    let demo = args.demo || place.simulates_both();
    place.print(if demo { Some(console(&place.url, &keyring)?) } else { None });
    folder.announce(&place.running())?;
    let engine = if args.memory { Engine::memory()? } else { Engine::file(&folder.database())? };
    let network: Arc<dyn Transport> = Arc::new(ReqwestTransport::new(transport::https_client()?));
    let Place { listener, url, public_url, hubspot, opencx } = place;
    let upstream = |url| Upstream { url, transport: network.clone() };
    let (hubspot, opencx) = (upstream(hubspot.start(true)?), upstream(opencx.start(false)?));
    let demo = if demo { Some(DemoOrg::find(&hubspot, &opencx).await?) } else { None };
    let (simulated_hubspot, simulated_opencx) = (hubspot.clone(), opencx.clone());
    let runner = Runner::start(RunnerOptions {
        app: demo.as_ref().and_then(|demo| demo.app(&public_url, &hubspot.url)),
        client_secrets: demo.iter().map(|demo| demo.client_secret().to_owned()).collect(),
        ..RunnerOptions::of_process(engine.clone(), keyring.clone(), (hubspot, opencx), &public_url)?
    })
    .await?;
    if let Some(demo) = demo {
        demo.connect(&runner, &keyring).await.context("the organization `demo` is not connected")?;
        demo.register(&runner, &url).await.context("the simulators do not know the runner's address")?;
        runner.open_sandbox(simulated_hubspot, simulated_opencx);
    }
    tokio::spawn(sweep(engine));
    runner.serve(listener, told_to_stop()).await?;
    tokio::spawn(async {
        told_to_stop().await;
        // A second Ctrl-C ends at once. The next start takes up the work that was running.
        std::process::exit(130);
    });
    runner.stop().await;
    Ok(())
}

/// The console as the demo organization's admin; the link is good for an hour.
fn console(url: &str, keyring: &LocalKeyring) -> anyhow::Result<String> {
    let expires = SystemClock.now() + LONGEST_TOKEN;
    let token = sign_admin_token(&OrgId::parse(DEMO_ORG)?, "admin", expires, &keyring.token_key()?)?;
    Ok(console_link(url, &token))
}

/// Every socket and URL of this start.
struct Place {
    listener: TcpListener,
    url: String,
    public_url: String,
    hubspot: Service,
    opencx: Service,
}

/// A service that runs elsewhere, or a simulator that starts here.
enum Service {
    Elsewhere(String),
    Here(Socket),
}

impl Place {
    async fn bind(args: &ServeArgs) -> anyhow::Result<Self> {
        let listener = bind(args.port).await?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Self {
            listener,
            public_url: args.public_url.as_ref().unwrap_or(&url).trim_end_matches('/').to_owned(),
            url,
            hubspot: Service::bind(args.services.hubspot_url.as_ref(), args.ports.hubspot_port).await?,
            opencx: Service::bind(args.services.opencx_url.as_ref(), args.ports.opencx_port).await?,
        })
    }

    fn simulates_both(&self) -> bool {
        matches!((&self.hubspot, &self.opencx), (Service::Here(_), Service::Here(_)))
    }

    fn print(&self, console: Option<String>) {
        output::line(format_args!("opencx-hubspot  {}", self.url));
        if let Some(console) = console {
            output::line(format_args!("console         {console}"));
        }
        if self.public_url != self.url {
            output::line(format_args!("public          {}", self.public_url));
        }
        output::line(format_args!("sandbox         {}/sandbox", self.url));
        output::line(format_args!("HubSpot         {}{}", self.hubspot.url(), self.hubspot.kind()));
        output::line(format_args!("OpenCX          {}{}", self.opencx.url(), self.opencx.kind()));
    }

    fn running(&self) -> Running {
        Running {
            pid: std::process::id(),
            url: self.url.clone(),
            hubspot_url: self.hubspot.url().to_owned(),
            opencx_url: self.opencx.url().to_owned(),
        }
    }
}

impl Service {
    async fn bind(url: Option<&String>, port: u16) -> anyhow::Result<Self> {
        Ok(match url {
            Some(url) => Self::Elsewhere(url.trim_end_matches('/').to_owned()),
            None => Self::Here(Socket::bind(port).await?),
        })
    }

    fn url(&self) -> &str {
        match self {
            Self::Elsewhere(url) => url,
            Self::Here(socket) => &socket.url,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Elsewhere(_) => "",
            Self::Here(_) => "  (simulated)",
        }
    }

    /// Starts the simulator where it is one; the service's URL.
    fn start(self, hubspot: bool) -> anyhow::Result<String> {
        let url = self.url().to_owned();
        if let Self::Here(socket) = self {
            let options = simulators::options(Arc::new(SystemClock))?;
            if hubspot { simulators::start_hubspot(socket, options) } else { simulators::start_opencx(socket, options) }
        }
        Ok(url)
    }
}

async fn sweep(engine: Engine) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let engine = engine.clone();
        match tokio::task::spawn_blocking(move || engine.sweep_expired()).await {
            Ok(Ok(removed)) => tracing::debug!(removed, "expired items were removed"),
            Ok(Err(error)) => tracing::warn!(%error, "expired items could not be removed"),
            Err(error) => tracing::warn!(%error, "the removal of expired items ended early"),
        }
    }
}

/// Completes with Ctrl-C, or when a supervisor ends the process.
pub(super) async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupted => {}
        () = terminated => {}
    }
}
