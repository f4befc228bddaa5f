//! One delivery: claimed, done, recorded.

use crate::dispatch::settle::{perform, schedule_return, settle};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job, Settled, finish_work};
use crate::kernel::message::Message;
use domain::{DedupKey, HubSpotEvent, OrgId, Reason};
use jiff::Timestamp;
use std::time::Duration;
use store::{Claim, Index, Seed, Work};
use tracing::Instrument as _;

/// No two clocks that are kept in time differ by more.
const EARLY: Duration = Duration::from_secs(15);
const DEFAULT_RETENTION: Duration = Duration::from_secs(30 * 86_400);

/// The event as the message carries it, and when `webhook` took it.
pub(crate) type Fresh<'m> = (&'m Message, &'m HubSpotEvent, Timestamp);

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
    org: &OrgId,
    key: &DedupKey,
    fresh: Option<Fresh<'_>>,
    purpose: Purpose,
) -> Result<Settled, FlowError> {
    let run = bridge.new_run();
    let tenant = match bridge.tenant(org, &run).await {
        Ok(tenant) => Some(tenant),
        Err(FlowError::NotConnected) => None,
        Err(error) => return Err(error),
    };
    let work = Work::Delivery { org: org.clone(), key: key.clone() };
    let claim = bridge
        .store
        .claim(&work, &run, &seed(bridge, fresh, tenant.as_ref().map(|t| t.connection.settings.retention_days)))
        .await?;
    let won = match claim {
        Claim::Won(won) => won,
        Claim::Done(_) | Claim::Parked => {
            tracing::info!(delivery.key = %key, reason = %Reason::Duplicate, "an event is skipped");
            bridge.meter.count_of("Skipped", "Reason", &Reason::Duplicate);
            return Ok(Settled::Done);
        }
        Claim::Busy { until } => return Ok(Settled::Later { after: wait_for(bridge, until) }),
        Claim::Delayed { until } => {
            // The run that delayed it may have ended before the timer was set; setting it twice is harmless.
            if let Some((_, event, _)) = fresh {
                schedule_return(bridge, org, key, event, until).await?;
                return Ok(Settled::Done);
            }
            // Its timer came a little early, by our clock; one that was put off for longer has another timer.
            let left = until.duration_since(bridge.clock.now()).unsigned_abs();
            return Ok(if left <= EARLY { Settled::Later { after: wait_for(bridge, until) } } else { Settled::Done });
        }
    };
    let stored: Option<Message> = won.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let Some(Message::Event { door, event, .. }) = fresh.map(|(message, ..)| message.clone()).or(stored) else {
        tracing::error!(delivery.key = %key, "a delivery's row holds no event that can be read");
        let finish = Completion {
            state: store::Final::Failed(Reason::Poison),
            ..Completion::done("the row holds no readable event")
        };
        return finish_work(bridge, &work, &run, finish).await;
    };
    let Some(tenant) = tenant else {
        return finish_work(bridge, &work, &run, Completion::skipped(Reason::NotConnected)).await;
    };
    let job = Job { tenant, work, run, won };
    job.tenant.record_first(store::First::Event).await;
    let span = tracing::info_span!(
        "delivery",
        org.id = %org,
        portal.id = %event.portal,
        thread.id = event.kind.thread().map(tracing::field::display),
        ticket.id = event.kind.ticket().map(tracing::field::display),
        delivery.key = %key,
        attempt = job.won.attempts
    );
    let done = async {
        let given_up = || FlowError::Impossible { reason: Reason::Poison, message: "the queue gave it up".to_owned() };
        let ending = match purpose {
            Purpose::Process => perform(&job, &door, &event).await,
            Purpose::Bury => Err(given_up()),
        };
        settle(&job, &event, ending).await
    };
    done.instrument(span).await
}

fn seed(bridge: &Bridge, fresh: Option<Fresh<'_>>, retention_days: Option<u32>) -> Seed {
    let retention =
        retention_days.map_or(DEFAULT_RETENTION, |days| Duration::from_secs(u64::from(days.max(1)) * 86_400));
    let Some((message, event, received_at)) = fresh else {
        return Seed {
            created_at: bridge.clock.now(),
            body: None,
            index: Index::default(),
            retention,
            label: String::new(),
        };
    };
    Seed {
        created_at: received_at,
        body: serde_json::to_string(message).ok(),
        index: Index {
            thread: event.kind.thread().map(|thread| (event.portal.clone(), thread.clone())),
            ticket: event.kind.ticket().cloned(),
            session: None,
        },
        retention,
        label: event.kind.name().to_owned(),
    }
}

fn wait_for(bridge: &Bridge, until: Timestamp) -> Duration {
    let left = until.duration_since(bridge.clock.now()).unsigned_abs();
    left.clamp(Duration::from_secs(1), Duration::from_secs(5))
}
