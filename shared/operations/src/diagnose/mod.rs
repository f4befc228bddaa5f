//! What is wrong with an organization's bridge, or with one conversation, in words a support person understands.
//!
//! A check reads and never changes anything. Start with [`diagnose`]; `story` explains one conversation.

mod arrivals;
pub(crate) mod check;
mod credentials;
mod crm;
pub(crate) mod patient;
mod people;
mod services;
mod story;
mod tickets;

use crate::Desk;
use crate::log::read_log;
use check::{Check, CheckState, Topic};
use domain::OrgId;
use flows::FlowError;
use jiff::SignedDuration;
use patient::{Patient, Subject};
use serde::Serialize;
use store::{Filter, StoreError};

/// The checks look this far back, and read this many entries of the log at most.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
const MAX_ENTRIES: usize = 500;

/// All findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Nothing failed.
    pub ok: bool,
    /// One by one. Those about the subject come first.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    fn of(checks: Vec<Check>) -> Self {
        Self { ok: checks.iter().all(|check| check.state != CheckState::Failed), checks }
    }
}

/// Looks at everything afresh: the caches of this process are dropped first.
pub async fn diagnose(bridge: &Desk<'_>, org: &OrgId, subject: &Subject) -> Result<Diagnosis, StoreError> {
    bridge.cache.clear();
    let run = bridge.new_run();
    let tenant = match bridge.tenant(org, &run).await {
        Ok(tenant) => tenant,
        Err(FlowError::Store(error)) => return Err(error),
        Err(FlowError::HubSpot(_)) => return Ok(Diagnosis::of(vec![reconnect()])),
        Err(_) => return Ok(Diagnosis::of(vec![not_connected()])),
    };
    let now = bridge.clock.now();
    let filter = Filter { from: Some(now - LOOK_BACK), to: Some(now), ..Filter::default() };
    let (log, door) = futures::try_join!(
        read_log(bridge, org, &filter, MAX_ENTRIES),
        bridge.store.door_counts(org, now - LOOK_BACK, now),
    )?;
    let patient = Patient { bridge, tenant, log, door, now };
    let mut checks = story::checks(&patient, subject).await?;
    let (credentials, people, arrivals, tickets) = futures::join!(
        credentials::checks(&patient),
        people::checks(&patient),
        arrivals::checks(&patient),
        tickets::checks(&patient),
    );
    checks.extend([credentials, people, arrivals, tickets].into_iter().flatten());
    // Last, because the clock is read off the answers to the others.
    checks.extend(services::checks(&patient).await);
    checks.push(crm::check(&patient).await?);
    Ok(Diagnosis::of(checks))
}

fn not_connected() -> Check {
    Topic("connection", "Connection")
        .failed("No HubSpot account is connected.")
        .means("No customer is answered and no ticket is opened.")
        .fix(&["Press Connect HubSpot, and consent as an admin of the HubSpot account."])
}

fn reconnect() -> Check {
    Topic("token", "Access to HubSpot")
        .failed("HubSpot no longer accepts the connection's credentials.")
        .means("No customer is answered and no ticket is opened. What arrives meanwhile waits.")
        .fix(&["Press Reconnect and consent as a HubSpot super admin, or paste a new private app token."])
}
