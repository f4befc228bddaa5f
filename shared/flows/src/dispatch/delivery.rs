//! One delivery: claimed, done, recorded.

use crate::dispatch::settle::{perform, schedule_return, settle};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, EventJob, Job, Settled, finish_claimed};
use crate::kernel::message::{Door, Message};
use crate::kernel::ports::Ports;
use domain::{DedupKey, HubSpotEvent, OrgId, Reason};
use jiff::Timestamp;
use std::time::Duration;
use store::{Claim, Index, Seed, Work};
use tracing::Instrument as _;

/// No two clocks that are kept in time differ by more.
const TIMER_SKEW: Duration = Duration::from_secs(15);
const DEFAULT_RETENTION: Duration = Duration::from_secs(30 * 86_400);

/// What is to be done with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// What its event asks for.
    Process,
    /// The queue gave it up: it is recorded as failed, and people hear of it.
    Bury,
}

/// Claims a delivery and does it. `fresh` is the event where the message carries it; else the row has it.
pub(crate) async fn process_delivery(
    bridge: &Bridge,
    ports: Ports<'_>,
    (org, key): (&OrgId, &DedupKey),
    fresh: Option<&Message>,
    purpose: Purpose,
) -> Result<Settled, FlowError> {
    let run = bridge.new_run();
    let tenant = match bridge.tenant(org, &run).await {
        Ok(tenant) => Some(tenant),
        Err(FlowError::NotConnected) => None,
        Err(error) => return Err(error),
    };
    let work = Work::Delivery { org: org.clone(), key: key.clone() };
    let retention_days = tenant.as_ref().map(|tenant| tenant.connection.settings.retention_days);
    let won = match bridge.store.claim(&work, &run, &seed(bridge, fresh, retention_days)).await? {
        Claim::Won(won) => won,
        Claim::Done(_) | Claim::Parked => {
            tracing::info!(delivery.key = %key, reason = %Reason::Duplicate, "an event is skipped");
            bridge.meter.count_of("Skipped", "Reason", &Reason::Duplicate);
            return Ok(Settled::Done);
        }
        Claim::Busy { until } => return Ok(Settled::Later { after: wait_for(bridge, until) }),
        Claim::Delayed { until } => {
            // The run that delayed it may have ended before the timer was set; setting it twice is harmless.
            if let Some(Message::Event { event, .. }) = fresh {
                schedule_return(ports.delays, org, key, event, until).await?;
                return Ok(Settled::Done);
            }
            // Its timer came a little early, by our clock; one that was put off for longer has another timer.
            let left = until.duration_since(bridge.clock.now()).unsigned_abs();
            let early = left <= TIMER_SKEW;
            return Ok(if early { Settled::Later { after: wait_for(bridge, until) } } else { Settled::Done });
        }
    };
    let stored: Option<Message> = won.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let completion = match (fresh.or(stored.as_ref()), tenant) {
        (Some(Message::Event { door, event, .. }), Some(tenant)) => {
            let job = EventJob { job: Job::new(tenant, work, run, won), ports };
            return process_claimed(&job, door, event, purpose).await;
        }
        (Some(Message::Event { .. }), None) => Completion::skipped(Reason::NotConnected),
        (Some(_) | None, _) => {
            tracing::error!(delivery.key = %key, "a delivery's row holds no event that can be read");
            Completion::failed(Reason::Poison, "the row holds no readable event")
        }
    };
    finish_claimed(bridge, (&work, &run), completion, Vec::new(), None).await?;
    Ok(Settled::Done)
}

async fn process_claimed(
    job: &EventJob<'_>,
    door: &Door,
    event: &HubSpotEvent,
    purpose: Purpose,
) -> Result<Settled, FlowError> {
    job.tenant.record_milestone(store::Milestone::Event).await;
    let span = tracing::info_span!(
        "delivery",
        org.id = %job.work.org(),
        portal.id = %event.portal,
        thread.id = event.kind.thread().map(tracing::field::display),
        ticket.id = event.kind.ticket().map(tracing::field::display),
        delivery.key = %job.work,
        attempt = job.won.attempts
    );
    let done = async {
        let given_up = || FlowError::Impossible { reason: Reason::Poison, message: "the queue gave it up".to_owned() };
        let next = match purpose {
            Purpose::Process => perform(job, door, event).await,
            Purpose::Bury => Err(given_up()),
        };
        settle(job, event, next).await
    };
    done.instrument(span).await
}

fn seed(bridge: &Bridge, fresh: Option<&Message>, retention_days: Option<u32>) -> Seed {
    let (created_at, event) = match fresh {
        Some(Message::Event { event, received_at, .. }) => (*received_at, Some(event)),
        _ => (bridge.clock.now(), None),
    };
    let thread = event.and_then(|event| Some((event.portal.clone(), event.kind.thread()?.clone())));
    Seed {
        created_at,
        body: fresh.and_then(|message| serde_json::to_string(message).ok()),
        index: Index { thread, ticket: event.and_then(|event| event.kind.ticket().cloned()), session: None },
        retention: retention_days
            .map_or(DEFAULT_RETENTION, |days| Duration::from_secs(u64::from(days.max(1)) * 86_400)),
        label: event.map_or_else(String::new, |event| event.kind.name().to_owned()),
    }
}

fn wait_for(bridge: &Bridge, until: Timestamp) -> Duration {
    let left = until.duration_since(bridge.clock.now()).unsigned_abs();
    left.clamp(Duration::from_secs(1), Duration::from_secs(5))
}
