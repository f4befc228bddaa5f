//! The options of a runner, and the services it calls.

use crate::engine::Engine;
use crate::keyring::{LocalKeyring, boot_id};
use flows::Timing;
use hubspot::{ApiVersions, OAuthApp};
use std::sync::Arc;
use transport::{Clock, GuardedTransport, Outside, Reach, SystemClock, Transport};

/// The bridge's table in the embedded database.
pub(crate) const TABLE: &str = "opencx-hubspot";
/// A service the bridge calls.
#[derive(Clone)]
pub struct Upstream {
    /// Its base URL.
    pub url: String,
    /// How requests get there.
    pub transport: Arc<dyn Transport>,
}

/// The options of a runner: everything that a simulation replaces.
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

impl RunnerOptions {
    /// A runner of this process, by the machine's clock and without a HubSpot app.
    pub(crate) fn of_process(
        engine: Engine,
        keyring: LocalKeyring,
        (hubspot, opencx): (Upstream, Upstream),
        public_url: &str,
    ) -> anyhow::Result<Self> {
        // HubSpot and OpenCX name files by address: none of them may be on this network.
        let public_web = GuardedTransport::new(flows::LARGEST_FILE, Reach::PublicWeb);
        Ok(Self {
            engine,
            keyring,
            boot: boot_id()?,
            clock: Arc::new(SystemClock),
            hubspot,
            opencx,
            outside: Outside::new(Arc::new(public_web), Reach::PublicWeb),
            public_url: public_url.trim_end_matches('/').to_owned(),
            client_secrets: Vec::new(),
            app: None,
            timing: Timing::default(),
            versions: ApiVersions::default(),
            seed: u64::from(std::process::id()),
        })
    }
}
