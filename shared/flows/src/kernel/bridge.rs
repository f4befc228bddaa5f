//! The things that every use case works with: the store, both services, the clock.

use crate::kernel::cache::Cache;
use crate::kernel::failure::FlowError;
use crate::kernel::tokens::Tokens;
use domain::{OrgId, PortalId};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use store::{Connection, ConnectionState, OutcomeState, Run, Store, StoreError};
use transport::{Clock, Meter};

/// The times that a test may shorten.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// An e-mail waits this long before the AI is asked. Other OpenCX workflows finish first.
    pub email_delay: Duration,
    /// The ticket of a resolved session stays open this long.
    pub close_delay: Duration,
    /// The longest run. It must end before the function's own timeout.
    pub run: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            email_delay: Duration::from_secs(5),
            close_delay: Duration::from_secs(15),
            run: Duration::from_secs(110),
        }
    }
}

/// All calls end this long before the run's deadline.
const CALLS_END_AHEAD: Duration = Duration::from_secs(5);

/// One per process. The queue and the timers are not here: they are passed to the flows that need them.
pub struct Bridge {
    /// All state.
    pub store: Store,
    /// HubSpot without credentials. These belong to an organization.
    pub hubspot: hubspot::HubSpot,
    /// OpenCX without credentials.
    pub opencx: opencx::OpenCx,
    /// Fetches files whose addresses OpenCX names.
    pub outside: transport::Outside,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Values that are not read for every event.
    pub cache: Cache,
    /// Delays and the bound of a run.
    pub timing: Timing,
    /// The metrics.
    pub meter: Meter,
    /// Our HubSpot app. OAuth does not work without it.
    pub app: Option<Arc<hubspot::OAuthApp>>,
    /// Makes run ids that are unique over all processes.
    pub ids: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Bridge {
    /// Counts how a job ended.
    pub(crate) fn count(&self, state: &OutcomeState) {
        match state {
            OutcomeState::Done => self.meter.count("Processed", 1),
            OutcomeState::Skipped(reason) => self.meter.count_of("Skipped", "Reason", reason),
            OutcomeState::Failed(reason) => self.meter.count_of("Failed", "Reason", reason),
        }
    }

    /// The time until a job that another run holds is looked at again.
    pub(crate) fn next_look_at_busy(&self, until: Timestamp) -> Duration {
        let left = until.duration_since(self.clock.now()).unsigned_abs();
        left.clamp(Duration::from_secs(1), Duration::from_secs(5))
    }

    /// A run that begins now.
    pub fn new_run(&self) -> Run {
        let now = self.clock.now();
        Run { id: (self.ids)(), started_at: now, deadline: now + self.timing.run }
    }

    /// An organization's portal outside of a run. Its calls end before `until`. `None`: it is not connected.
    pub async fn portal(&self, org: &OrgId, until: Timestamp) -> Result<Option<hubspot::Portal>, StoreError> {
        let connection = self.store.connection(org).await?;
        let connected = connection.filter(|connection| connection.grant.state != ConnectionState::Disconnected);
        Ok(connected.map(|connection| self.portal_of(Arc::new(connection), &(self.ids)(), until)))
    }

    pub(crate) fn portal_of(&self, connection: Arc<Connection>, run: &str, until: Timestamp) -> hubspot::Portal {
        let tokens = Tokens {
            store: self.store.clone(),
            hubspot: self.hubspot.clone(),
            app: self.app.clone(),
            clock: self.clock.clone(),
            slot: self.cache.token_slot(&connection.org),
            connection,
            holder: run.to_owned(),
            until,
        };
        self.hubspot.portal_of(Arc::new(tokens), until)
    }

    /// The organization that has connected the portal.
    pub async fn org_of(&self, portal: &PortalId) -> Result<Option<OrgId>, FlowError> {
        let now = self.clock.now();
        if let Some(org) = self.cache.orgs.get(portal, now) {
            return Ok(Some(org));
        }
        let org = self.store.org_of_portal(portal).await?;
        if let Some(org) = &org {
            self.cache.orgs.keep(portal.clone(), org.clone(), now);
        }
        Ok(org)
    }
}

/// The time by which all calls of `run` must have ended.
pub fn last_call(run: &Run) -> Timestamp {
    run.deadline - CALLS_END_AHEAD
}
