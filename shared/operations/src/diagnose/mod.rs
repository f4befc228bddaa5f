//! What is wrong with an organization's bridge, or with one conversation, in words a support person understands.

pub(crate) mod arrivals;
pub(crate) mod check;
pub(crate) mod credentials;
pub(crate) mod crm;
pub(crate) mod people;
pub(crate) mod sample;
pub(crate) mod services;
pub(crate) mod story;
pub(crate) mod tickets;

use crate::Desk;
use check::{Check, CheckState};
use domain::{OrgId, SessionId, ThreadId, TicketId};
use flows::FlowError;
use flows::Tenant;
use jiff::{SignedDuration, Timestamp};
use sample::Sample;
use serde::Serialize;
use store::{DoorCounts, StoreError};

/// How far back the checks look, and how many entries of the log they read at most.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
const MOST: usize = 500;

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The whole organization.
    Org,
    /// Why a session has no reply, no ticket, no delivery.
    Session(SessionId),
    /// The same for a HubSpot conversation.
    Thread(ThreadId),
    /// The same for a ticket.
    Ticket(TicketId),
}

/// All findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Nothing failed.
    pub ok: bool,
    /// One by one; what concerns the subject comes first.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    fn of(checks: Vec<Check>) -> Self {
        Self { ok: checks.iter().all(|check| check.state != CheckState::Failed), checks }
    }
}

/// Who is examined, with what all checks need.
pub(crate) struct Patient<'a> {
    pub(crate) bridge: &'a Desk<'a>,
    pub(crate) tenant: Tenant<'a>,
    pub(crate) sample: Sample,
    pub(crate) door: DoorCounts,
    pub(crate) now: Timestamp,
}

/// Looks at everything afresh: what this process remembered is forgotten first.
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
    let (sample, door) = futures::try_join!(
        sample::read(bridge, org, (now - LOOK_BACK, now), MOST),
        bridge.store.door_counts(org, now - LOOK_BACK, now),
    )?;
    let patient = Patient { bridge, tenant, sample, door, now };
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
    Check::failed("connection", "Connection", "No HubSpot account is connected.")
        .means("No customer is answered and no ticket is opened.")
        .fix(&["Press Connect HubSpot, and consent as an admin of the HubSpot account."])
}

fn reconnect() -> Check {
    Check::failed("token", "Access to HubSpot", "HubSpot no longer accepts the connection's credentials.")
        .means("No customer is answered and no ticket is opened. What arrives meanwhile waits.")
        .fix(&["Press Reconnect and consent as a HubSpot super admin, or paste a new private app token."])
}
