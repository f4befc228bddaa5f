//! A claimed delivery: who does it, and what its row says afterwards.

use crate::dispatch::give_up;
use crate::events::ticket_property::{self, Changed};
use crate::events::workflow_action::{self, Requested};
use crate::events::{assignment, handoff_timeout, message, note, privacy, ticket_merge};
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::{Completion, EventJob, Job, Next, Settled};
use crate::kernel::message::Door;
use crate::kernel::once::Effect;
use crate::kernel::ports::{Delays, ThreadReturn};
use domain::{DedupKey, EventKind, HubSpotEvent, OrgId, Reason};
use jiff::Timestamp;
use std::time::Duration;
use store::{Release, Work};

/// Attempts while a service is unavailable, and for anything unexpected (design section 5).
const PATIENT_ATTEMPTS: u32 = 50;
const UNEXPECTED_ATTEMPTS: u32 = 5;

/// Does what the event asks for, once its door and portal are right.
pub(crate) async fn perform(job: &EventJob<'_>, door: &Door, event: &HubSpotEvent) -> Result<Next, FlowError> {
    let connection = &job.tenant.connection;
    let gave_up = job.kept(Effect::GaveUp).filter(|_| !job.won.replayed);
    if let Some(reason) = gave_up.and_then(|step| step.detail.as_deref()).and_then(|reason| reason.parse().ok()) {
        // It has failed for good; what is left is to tell people. A replay is an operator's word that it may work now.
        return Err(FlowError::Impossible { reason, message: "an earlier run gave it up".to_owned() });
    }
    let refused = if connection.portal != event.portal {
        Some(Reason::WrongPortal)
    } else if matches!(door, Door::SignedUrl { nonce, .. } if *nonce != connection.nonce) {
        Some(Reason::StaleUrl)
    } else {
        None
    };
    if let Some(reason) = refused {
        return Ok(Next::Finished(Completion::skipped(reason)));
    }
    if job.won.unexpected >= UNEXPECTED_ATTEMPTS {
        return Err(FlowError::Impossible {
            reason: Reason::Poison,
            message: "five runs ended unexpectedly".to_owned(),
        });
    }
    let finish = match &event.kind {
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
            let at = event.occurred_at;
            let changed = Changed { ticket, property, value, source, source_id, at };
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
    Ok(Next::Finished(finish))
}

/// Records what became of it, or when it comes back.
pub(crate) async fn settle(
    job: &EventJob<'_>,
    event: &HubSpotEvent,
    ending: Result<Next, FlowError>,
) -> Result<Settled, FlowError> {
    let (bridge, work, run) = (job.tenant.bridge, &job.work, &job.run);
    let error = match ending {
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
    if !matches!(error.decision(), RetryDecision::NotMine) {
        job.write_kept().await?;
    }
    let reason = match error.decision() {
        RetryDecision::NotMine => return Ok(Settled::Later { after: Duration::from_secs(5) }),
        RetryDecision::Park { reason } => {
            bridge.store.park(work, run, &reason).await?;
            bridge.meter.count_of("Parked", "Reason", &reason);
            return reconnected_meanwhile(job).await;
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
        Err(error) => {
            let after = Duration::from_secs(300);
            come_back(job, after, reason, false, &error.to_string()).await
        }
    }
}

/// Who parks an event while an admin connects again comes after the replay of what was parked: it replays its own.
async fn reconnected_meanwhile(job: &EventJob<'_>) -> Result<Settled, FlowError> {
    let (bridge, before) = (job.tenant.bridge, &job.tenant.connection.grant);
    if let (Work::Delivery { org, key }, Some(now)) = (&job.work, bridge.store.connection(job.work.org()).await?)
        && now.grant.state == store::ConnectionState::Connected
        && now.grant.token_version > before.token_version
        && let Err(error) = crate::kernel::replay::replay_delivery(bridge, job.ports.queue, org, key).await
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

/// Sets the timer that ends the e-mail delay.
pub(crate) async fn schedule_return(
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
