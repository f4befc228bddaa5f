//! A claimed delivery: who does it, and what its row says afterwards.

use crate::action::run_action::{self, Requested};
use crate::change_property::{self, Changed};
use crate::process_event::Settled;
use crate::work::errand::{Ending, Errand, Finish};
use crate::work::failure::{FlowError, Judgement};
use crate::{Bridge, Door, ThreadReturn};
use crate::{answer_customer, change_owner, follow_ticket, forget_person, give_up, reassign_handoff, take_note};
use domain::{DedupKey, EventKind, HubSpotEvent, OrgId, Reason};
use jiff::Timestamp;
use std::time::Duration;
use store::{Outcome, Release, Work};

/// Attempts while a service is unavailable, and for anything unexpected (design section 5).
const PATIENT_ATTEMPTS: u32 = 50;
const UNEXPECTED_ATTEMPTS: u32 = 5;

/// Does what the event asks for, once its door and portal are right.
pub(crate) async fn perform(errand: &Errand<'_>, door: &Door, event: &HubSpotEvent) -> Result<Ending, FlowError> {
    let connection = &errand.tenant.connection;
    let gave_up = errand.earlier("gave_up").filter(|_| !errand.won.replayed);
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
        return Ok(Ending::Finished(Finish::skipped(reason)));
    }
    if errand.won.unexpected >= UNEXPECTED_ATTEMPTS {
        return Err(FlowError::Impossible {
            reason: Reason::Poison,
            message: "five runs ended unexpectedly".to_owned(),
        });
    }
    let finish = match &event.kind {
        EventKind::MessageReceived { thread, message } => {
            return answer_customer::take_message(errand, thread, message).await;
        }
        EventKind::ThreadAssigned { thread, assignee } => {
            change_owner::take_assignment(errand, thread, assignee.as_ref(), event.occurred_at).await?
        }
        EventKind::ThreadDeleted { thread } => {
            errand.tenant.bridge.store.unlink_thread(&event.portal, thread).await?;
            Finish::done("the thread is unlinked")
        }
        EventKind::TicketPropertyChanged { ticket, property, value, change_source, source_id } => {
            let (value, source, source_id) = (value.as_deref(), change_source.as_deref(), source_id.as_deref());
            let at = event.occurred_at;
            let changed = Changed { ticket, property, value, source, source_id, at };
            Box::pin(change_property::take_change(errand, &changed)).await?
        }
        EventKind::ActionRequested { thread, action, callback, reason, assignee } => {
            let (reason, assignee) = (reason.as_deref(), assignee.as_deref());
            let requested = Requested { thread, action: *action, callback, reason, assignee };
            Box::pin(run_action::run(errand, &requested)).await?
        }
        EventKind::HandoffOpened { thread, session, handoff } => {
            return reassign_handoff::wait(errand, thread.as_ref(), session, *handoff).await;
        }
        EventKind::NoteCreated { note } => Box::pin(take_note::take_note(errand, note)).await?,
        EventKind::TicketMerged { winner, merged } => follow_ticket::take_merge(errand, winner, merged).await?,
        EventKind::TicketDeleted { ticket } => follow_ticket::take_deletion(errand, ticket).await?,
        EventKind::ThreadPrivacyDeleted { thread } => forget_person::forget_thread(errand, thread).await?,
        EventKind::ContactPrivacyDeleted { contact } => forget_person::forget_contact(errand, contact).await?,
        _ => Finish::done("nothing to do"),
    };
    Ok(Ending::Finished(finish))
}

/// Records what became of it, or when it comes back.
pub(crate) async fn settle(
    errand: &Errand<'_>,
    event: &HubSpotEvent,
    ending: Result<Ending, FlowError>,
) -> Result<Settled, FlowError> {
    let (bridge, work, run) = (errand.tenant.bridge, &errand.work, &errand.run);
    let error = match ending {
        Ok(Ending::Finished(finish)) => return finish_work(bridge, work, run, finish).await,
        Ok(Ending::DelayedUntil(until)) => {
            bridge.store.delay(work, run, until).await?;
            if let Work::Delivery { org, key } = work {
                schedule_return(bridge, org, key, event, until).await?;
            }
            return Ok(Settled::Done);
        }
        Err(error) => error,
    };
    tracing::warn!(error = %error, "an event is not done yet");
    let reason = match error.judge() {
        Judgement::NotMine => return Ok(Settled::Later { after: Duration::from_secs(5) }),
        Judgement::Park { reason } => {
            bridge.store.park(work, run, &reason).await?;
            bridge.meter.count_of("Parked", "Reason", &reason);
            return reconnected_meanwhile(errand).await;
        }
        Judgement::Again { after, reason, unexpected } => {
            let spent = if unexpected {
                errand.won.unexpected + 1 >= UNEXPECTED_ATTEMPTS
            } else {
                errand.won.attempts >= PATIENT_ATTEMPTS
            };
            if !spent {
                let after = after.unwrap_or_else(|| domain::next_look(errand.won.attempts));
                return come_back(errand, after, reason, unexpected, &error.to_string()).await;
            }
            reason
        }
        Judgement::Never { reason } => reason,
    };
    match give_up::tell_people(errand, event, &reason).await {
        Ok(finish) => finish_work(bridge, work, run, finish).await,
        Err(error) => {
            let after = Duration::from_secs(300);
            come_back(errand, after, reason, false, &error.to_string()).await
        }
    }
}

/// Who parks an event while an admin connects again comes after the replay of what was parked: it replays its own.
async fn reconnected_meanwhile(errand: &Errand<'_>) -> Result<Settled, FlowError> {
    let (bridge, before) = (errand.tenant.bridge, &errand.tenant.connection.grant);
    if let (Work::Delivery { org, key }, Some(now)) = (&errand.work, bridge.store.connection(errand.work.org()).await?)
        && now.grant.state == store::ConnectionState::Connected
        && now.grant.token_version > before.token_version
        && let Err(error) = crate::replay_delivery(bridge, org, key).await
    {
        tracing::warn!(%error, "an event waits although HubSpot is connected again");
    }
    Ok(Settled::Done)
}

async fn come_back(
    errand: &Errand<'_>,
    after: Duration,
    reason: Reason,
    unexpected: bool,
    why: &str,
) -> Result<Settled, FlowError> {
    errand.tenant.bridge.meter.count_of("ComesBack", "Reason", &reason);
    let release = Release { due: errand.now() + after, reason, unexpected, message: why.to_owned() };
    errand.tenant.bridge.store.release(&errand.work, &errand.run, &release).await?;
    Ok(Settled::Later { after })
}

/// Writes the final state.
pub(crate) async fn finish_work(
    bridge: &Bridge,
    work: &Work,
    run: &store::Run,
    finish: Finish,
) -> Result<Settled, FlowError> {
    tracing::info!(outcome = ?finish.state, detail = finish.detail.as_deref(), "an event is finished");
    let Finish { state, detail, answer, steps, session } = finish;
    let outcome = Outcome { state, detail, answer, steps, at: bridge.clock.now(), session };
    bridge.store.complete(work, run, &outcome).await?;
    bridge.count(&outcome.state);
    Ok(Settled::Done)
}

/// Sets the timer that ends the e-mail delay.
pub(crate) async fn schedule_return(
    bridge: &Bridge,
    org: &OrgId,
    key: &DedupKey,
    event: &HubSpotEvent,
    at: Timestamp,
) -> Result<(), FlowError> {
    let Some(thread) = event.kind.thread().cloned() else { return Ok(()) };
    let due = ThreadReturn { org: org.clone(), portal: event.portal.clone(), thread, delivery: key.clone() };
    Ok(bridge.delays.return_at(&due, at).await?)
}
