//! One bridge per function, over the same data: each has its function's rights and a cache of its own, as its process
//! on AWS would have. Start with [`Bridges::of`].

use crate::engine::Engine;
use crate::jobs::{Jobs, LocalDelays, LocalQueue};
use crate::rights::{Refusals, Rights};
use crate::runner::{RunnerOptions, TABLE};
use flows::{Bridge, Cache, Ports, Timing};
use hubspot::{HubSpot, OAuthApp};
use opencx::{AssumedPaths, OpenCx};
use runtime::functions::FunctionSpec;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Keyring, Store};
use transport::{Clock, Http, Meter, Outside};

/// The bridges of one runner, each made when it is asked for.
pub(crate) struct Bridges {
    made: Mutex<BTreeMap<&'static str, Arc<Bridge>>>,
    refusals: Refusals,
    engine: Engine,
    keyring: Arc<Keyring>,
    jobs: Arc<Jobs>,
    boot: String,
    hubspot: HubSpot,
    opencx: OpenCx,
    outside: Outside,
    clock: Arc<dyn Clock>,
    timing: Timing,
    app: Option<Arc<OAuthApp>>,
    ids: Arc<dyn Fn() -> String + Send + Sync>,
}

/// Queue and timers of one function.
pub struct LocalPorts {
    queue: Arc<LocalQueue>,
    delays: Arc<LocalDelays>,
}

impl LocalPorts {
    /// As the flows take them.
    pub fn given(&self) -> Ports<'_> {
        Ports { queue: &*self.queue, delays: &*self.delays }
    }
}

impl Bridges {
    pub(crate) fn new(options: RunnerOptions, keyring: Arc<Keyring>, jobs: Arc<Jobs>) -> Self {
        let RunnerOptions { engine, boot, clock, hubspot, opencx, app, outside, timing, versions, seed, .. } = options;
        let http = |transport| Http::new(transport, clock.clone(), seed);
        let (runs, of_boot) = (AtomicU64::new(0), boot.clone());
        Self {
            made: Mutex::default(),
            refusals: Refusals::default(),
            engine,
            keyring,
            jobs,
            boot,
            hubspot: HubSpot::new(http(hubspot.transport), &hubspot.url, versions),
            opencx: OpenCx::new(http(opencx.transport), &opencx.url, AssumedPaths::default()),
            outside,
            clock,
            timing,
            app: app.map(Arc::new),
            ids: Arc::new(move || format!("{of_boot}-{}", runs.fetch_add(1, Ordering::Relaxed))),
        }
    }

    /// The bridge of one function.
    pub(crate) fn of(&self, function: &FunctionSpec) -> Arc<Bridge> {
        self.made().entry(function.name).or_insert_with(|| Arc::new(self.make(function))).clone()
    }

    /// Every function reads anew what it had read.
    pub(crate) fn drop_caches(&self) {
        self.made().values().for_each(|bridge| bridge.cache.clear());
    }

    /// The events queue as one function may use it.
    pub(crate) fn queue(&self, function: &FunctionSpec) -> Arc<LocalQueue> {
        Arc::new(LocalQueue { jobs: self.jobs.clone(), rights: self.rights(function) })
    }

    /// The timers as one function may use them.
    pub(crate) fn delays(&self, function: &FunctionSpec) -> Arc<LocalDelays> {
        Arc::new(LocalDelays { jobs: self.jobs.clone(), rights: self.rights(function) })
    }

    /// Queue and timers as one function may use them.
    pub(crate) fn ports(&self, function: &FunctionSpec) -> LocalPorts {
        LocalPorts { queue: self.queue(function), delays: self.delays(function) }
    }

    /// Operations that functions had no right to.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    fn make(&self, function: &FunctionSpec) -> Bridge {
        let client = self.engine.under(self.rights(function)).client();
        Bridge {
            store: Store::new(client, TABLE, self.keyring.clone()).with_boot(self.boot.clone()),
            hubspot: self.hubspot.clone(),
            opencx: self.opencx.clone(),
            outside: self.outside.clone(),
            clock: self.clock.clone(),
            cache: Cache::default(),
            timing: self.timing,
            meter: Meter::default(),
            app: self.app.clone(),
            ids: self.ids.clone(),
        }
    }

    fn rights(&self, function: &FunctionSpec) -> Rights {
        Rights::new(function, self.refusals.clone())
    }

    fn made(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Arc<Bridge>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
