//! One delivery: a run claims it, does what its event asks for, and records the result or the time of the next run.

use crate::dispatch::give_up;
use crate::events::ticket_property::{self, Changed};
use crate::events::workflow_action::{self, Requested};
use crate::events::{assignment, handoff_timeout, message, note, privacy, ticket_merge};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::{Completion, EventJob, Job, Next, Settled, finish_claimed, seed_of};
use crate::kernel::message::{QueueMessage, VerifiedBy};
use crate::kernel::once::Effect;
use crate::kernel::ports::{Delays, Ports, ThreadReturn};
use crate::kernel::replay::replay_delivery;
use domain::{DedupKey, EventKind, HubSpotEvent, OrgId, Reason};
use jiff::Timestamp;
use std::time::Duration;
use store::{Claim, ConnectionState, Release, Work};
use tracing::Instrument as _;

/// Two clocks differ by at most this.
const TIMER_SKEW: Duration = Duration::from_secs(15);
/// Attempts while a service is unavailable.
const PATIENT_ATTEMPTS: u32 = 50;
/// Attempts that end in a way that the code does not expect.
const UNEXPECTED_ATTEMPTS: u32 = 5;
/// The pause before people are told again of a failed event, where the first try failed too.
const TELL_PAUSE: Duration = Duration::from_secs(300);

/// The reason for which a delivery is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To do what its event asks for.
    Process,
    /// To record it as failed and tell people, because the queue gave it up.
    RecordDeadLetter,
}

/// Claims a delivery and does it. `fresh` is the queue's message of its event; without it the row has the event.
pub(super) async fn process_delivery(
    bridge: &Bridge,
    ports: Ports<'_>,
    (org, key): (&OrgId, &DedupKey),
    fresh: Option<&QueueMessage>,
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
    let (received_at, event) = match fresh {
        Some(QueueMessage::Event { event, received_at, .. }) => (*received_at, Some(event)),
        _ => (bridge.clock.now(), None),
    };
    let body = fresh.and_then(|message| serde_json::to_string(message).ok());
    let seed = seed_of(event, received_at, body, retention_days);
    let won = match bridge.store.claim(&work, &run, &seed).await? {
        Claim::Won(won) => won,
        Claim::Done(_) | Claim::Parked => {
            tracing::info!(delivery.key = %key, reason = %Reason::Duplicate, "an event is skipped");
            bridge.meter.count_of("Skipped", "Reason", &Reason::Duplicate);
            return Ok(Settled::Done);
        }
        Claim::Busy { until } => return Ok(Settled::Later { after: bridge.next_look_at_busy(until) }),
        Claim::Delayed { until } => {
            // The run that delayed it may have ended before it set the timer. A second timer does no harm.
            if let Some(event) = event {
                schedule_return(ports.delays, org, key, event, until).await?;
                return Ok(Settled::Done);
            }
            // A timer may fire a little early. After a longer delay another timer brings the delivery.
            let early = until.duration_since(bridge.clock.now()).unsigned_abs() <= TIMER_SKEW;
            let later = Settled::Later { after: bridge.next_look_at_busy(until) };
            return Ok(if early { later } else { Settled::Done });
        }
    };
    let stored: Option<QueueMessage> = won.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let completion = match (fresh.or(stored.as_ref()), tenant) {
        (Some(QueueMessage::Event { door, event, .. }), Some(tenant)) => {
            let job = EventJob { job: Job::new(tenant, work, run, won), ports };
            return process_claimed(&job, door, event, purpose).await;
        }
        (Some(QueueMessage::Event { .. }), None) => Completion::skipped(Reason::NotConnected),
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
    door: &VerifiedBy,
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
        let next = match purpose {
            Purpose::Process => perform(job, door, event).await,
            Purpose::RecordDeadLetter => Err(poison("the queue gave it up")),
        };
        settle(job, event, next).await
    };
    done.instrument(span).await
}

fn poison(message: &str) -> FlowError {
    FlowError::Impossible { reason: Reason::Poison, message: message.to_owned() }
}

/// Does what the event asks for, if its door and its portal are right.
async fn perform(job: &EventJob<'_>, door: &VerifiedBy, event: &HubSpotEvent) -> Result<Next, FlowError> {
    let connection = &job.tenant.connection;
    // An event that has failed for good is not tried again: only people have to be told. A replay does try it again.
    let gave_up = job.kept(Effect::GaveUp).filter(|_| !job.won.replayed);
    if let Some(reason) = gave_up.and_then(|step| step.detail.as_deref()).and_then(|reason| reason.parse().ok()) {
        return Err(FlowError::Impossible { reason, message: "an earlier run gave it up".to_owned() });
    }
    if connection.portal != event.portal {
        return Ok(Next::Finished(Completion::skipped(Reason::WrongPortal)));
    }
    if matches!(door, VerifiedBy::SignedUrl { nonce, .. } if *nonce != connection.nonce) {
        return Ok(Next::Finished(Completion::skipped(Reason::StaleUrl)));
    }
    if job.won.unexpected >= UNEXPECTED_ATTEMPTS {
        return Err(poison("five runs ended unexpectedly"));
    }
    let completion = match &event.kind {
        EventKind::MessageReceived { thread, message } => {
            return message::take_message(job, thread, message).await;
        }
        EventKind::ThreadAssigned { thread, assignee } => {
            assignment::take_assignment(job, thread, assignee.as_ref(), event.occurred_at).await?
        }
        EventKind::ThreadDeleted { thread } => {
            job.tenant.bridge.store.unlink_thread(&event.portal, thread).await?;
            Completion::done("the thread is unlinked")
        }
        EventKind::TicketPropertyChanged { ticket, property, value, change_source, source_id } => {
            let (value, source, source_id) = (value.as_deref(), change_source.as_deref(), source_id.as_deref());
            let changed = Changed { ticket, property, value, source, source_id, at: event.occurred_at };
            Box::pin(ticket_property::take_change(job, &changed)).await?
        }
        EventKind::ActionRequested { thread, action, callback, reason, assignee } => {
            let (reason, assignee) = (reason.as_deref(), assignee.as_deref());
            let requested = Requested { thread, action: *action, callback, reason, assignee };
            Box::pin(workflow_action::run(job, &requested)).await?
        }
        EventKind::HandoffOpened { thread, session, handoff } => {
            return handoff_timeout::wait(job, thread.as_ref(), session, *handoff).await;
        }
        EventKind::NoteCreated { note } => Box::pin(note::take_note(job, note)).await?,
        EventKind::TicketMerged { winner, merged } => ticket_merge::take_merge(job, winner, merged).await?,
        EventKind::TicketDeleted { ticket } => ticket_merge::take_deletion(job, ticket).await?,
        EventKind::ThreadPrivacyDeleted { thread } => privacy::forget_thread(job, thread).await?,
        EventKind::ContactPrivacyDeleted { contact } => privacy::forget_contact(job, contact).await?,
        _ => Completion::done("nothing to do"),
    };
    Ok(Next::Finished(completion))
}

/// Records the result of the run, or the time of the next one.
async fn settle(job: &EventJob<'_>, event: &HubSpotEvent, next: Result<Next, FlowError>) -> Result<Settled, FlowError> {
    let (bridge, work, run) = (job.tenant.bridge, &job.work, &job.run);
    let error = match next {
        Ok(Next::Finished(completion)) => {
            job.finish(completion, None).await?;
            return Ok(Settled::Done);
        }
        Ok(Next::DelayedUntil(until)) => {
            job.write_kept().await?;
            bridge.store.delay(work, run, until).await?;
            if let Work::Delivery { org, key } = work {
                schedule_return(job.ports.delays, org, key, event, until).await?;
            }
            return Ok(Settled::Done);
        }
        Err(error) => error,
    };
    tracing::warn!(error = %error, "an event is not done yet");
    let decision = error.decision();
    if decision != RetryDecision::NotMine {
        job.write_kept().await?;
    }
    let reason = match decision {
        RetryDecision::NotMine => return Ok(Settled::Later { after: Duration::from_secs(5) }),
        RetryDecision::Park { reason } => {
            bridge.store.park(work, run, &reason).await?;
            bridge.meter.count_of("Parked", "Reason", &reason);
            return replay_if_reconnected(job).await;
        }
        RetryDecision::Again { after, reason, unexpected } => {
            let spent = if unexpected {
                job.won.unexpected + 1 >= UNEXPECTED_ATTEMPTS
            } else {
                job.won.attempts >= PATIENT_ATTEMPTS
            };
            if !spent {
                let after = after.unwrap_or_else(|| domain::next_look(job.won.attempts));
                return come_back(job, after, reason, unexpected, &error.to_string()).await;
            }
            reason
        }
        RetryDecision::Never { reason } => reason,
    };
    match give_up::tell_people(job, event, &reason).await {
        Ok(completion) => {
            job.finish(completion, None).await?;
            Ok(Settled::Done)
        }
        Err(error) => come_back(job, TELL_PAUSE, reason, false, &error.to_string()).await,
    }
}

/// A reconnect replays all parked events. It misses one that is parked just afterwards, so that one is replayed here.
async fn replay_if_reconnected(job: &EventJob<'_>) -> Result<Settled, FlowError> {
    let (bridge, before) = (job.tenant.bridge, &job.tenant.connection.grant);
    if let (Work::Delivery { org, key }, Some(now)) = (&job.work, bridge.store.connection(job.work.org()).await?)
        && now.grant.state == ConnectionState::Connected
        && now.grant.token_version > before.token_version
        && let Err(error) = replay_delivery(bridge, job.ports.queue, org, key).await
    {
        tracing::warn!(%error, "an event waits although HubSpot is connected again");
    }
    Ok(Settled::Done)
}

async fn come_back(
    job: &Job<'_>,
    after: Duration,
    reason: Reason,
    unexpected: bool,
    why: &str,
) -> Result<Settled, FlowError> {
    job.tenant.bridge.meter.count_of("ComesBack", "Reason", &reason);
    let release = Release { due: job.now() + after, reason, unexpected, message: why.to_owned() };
    job.tenant.bridge.store.release(&job.work, &job.run, &release).await?;
    Ok(Settled::Later { after })
}

/// Sets the timer that ends the delay.
async fn schedule_return(
    delays: &dyn Delays,
    org: &OrgId,
    key: &DedupKey,
    event: &HubSpotEvent,
    at: Timestamp,
) -> Result<(), FlowError> {
    let Some(thread) = event.kind.thread().cloned() else { return Ok(()) };
    let due = ThreadReturn { org: org.clone(), portal: event.portal.clone(), thread, delivery: key.clone() };
    Ok(delays.return_at(&due, at).await?)
}
