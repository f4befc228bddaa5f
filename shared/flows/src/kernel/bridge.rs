//! What every use case works with.

use crate::kernel::cache::Cache;
use crate::kernel::failure::FlowError;
use crate::kernel::tokens::Tokens;
use domain::{OrgId, PortalId};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use store::{Connection, ConnectionState, OutcomeState, Run, Store, StoreError};
use transport::{Clock, Meter};

/// How long things take. The defaults are the contract's.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How long an e-mail waits before the AI is asked, so that other OpenCX workflows finish first.
    pub email_delay: Duration,
    /// How long a resolved session's ticket stays open.
    pub close_delay: Duration,
    /// How long one run may take. It must end before the function's own timeout.
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

/// No call to the outside may still be under way this long before a run's deadline.
const MARGIN: Duration = Duration::from_secs(5);

/// The store, both services and the clock: one per process. Queue and timers are passed to the flows that need them.
pub struct Bridge {
    /// All state.
    pub store: Store,
    /// HubSpot, without credentials: those belong to the organization.
    pub hubspot: hubspot::HubSpot,
    /// OpenCX, without credentials.
    pub opencx: opencx::OpenCx,
    /// Files that OpenCX names by address.
    pub outside: transport::Outside,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What need not be read for every event.
    pub cache: Cache,
    /// How long things take.
    pub timing: Timing,
    /// Counts what becomes of the work.
    pub meter: Meter,
    /// Our HubSpot app; without it there is no OAuth.
    pub app: Option<Arc<hubspot::OAuthApp>>,
    /// Makes run ids, unique over all processes.
    pub ids: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Bridge {
    /// How a work ended, for the metrics.
    pub(crate) fn count(&self, state: &OutcomeState) {
        match state {
            OutcomeState::Done => self.meter.count("Processed", 1),
            OutcomeState::Skipped(reason) => self.meter.count_of("Skipped", "Reason", reason),
            OutcomeState::Failed(reason) => self.meter.count_of("Failed", "Reason", reason),
        }
    }

    /// A run that begins now.
    pub fn new_run(&self) -> Run {
        let now = self.clock.now();
        Run { id: (self.ids)(), started_at: now, deadline: now + self.timing.run }
    }

    /// An organization's portal outside of a run, for calls that end before `until`. `None` where it is not connected.
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
            flight: self.cache.flight(&connection.org),
            connection,
            holder: run.to_owned(),
            until,
        };
        self.hubspot.portal_of(Arc::new(tokens), until)
    }

    /// Whose portal it is, if anybody's.
    pub async fn org_of(&self, portal: &PortalId) -> Result<Option<OrgId>, FlowError> {
        let now = self.clock.now();
        if let Some(org) = self.cache.org_of(portal, now) {
            return Ok(Some(org));
        }
        let org = self.store.org_of_portal(portal).await?;
        if let Some(org) = &org {
            self.cache.keep_org(portal, org, now);
        }
        Ok(org)
    }
}

/// The calls of `run` must be over by then.
pub fn last_call(run: &Run) -> Timestamp {
    run.deadline - MARGIN
}
