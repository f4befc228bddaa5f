//! OpenCX, the queue, what failed, and the clocks.

use crate::diagnose::Patient;
use crate::diagnose::check::{Check, ReplayOffer, counted};
use crate::diagnose::sample::ago;
use domain::Reason;
use flows::Bridge;
use flows::FlowError;
use jiff::SignedDuration;
use opencx::OpenCxError;
use std::time::Duration;
use store::State;

/// An event that waits longer is late.
const SLOW: SignedDuration = SignedDuration::from_secs(300);
/// HubSpot's signatures are good for five minutes; half of that is a warning.
const SKEW: SignedDuration = SignedDuration::from_secs(150);

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    vec![opencx(patient).await, queue(patient).await, failures(patient), clock(patient.bridge)]
}

async fn opencx(patient: &Patient<'_>) -> Check {
    let (id, title) = ("opencx", "OpenCX");
    let asked = async { Ok::<_, FlowError>(patient.tenant.opencx().await?.sessions_created_since(patient.now).await?) };
    match asked.await {
        Ok(_) => Check::ok(id, title, "OpenCX answers."),
        Err(FlowError::OpenCx(OpenCxError::Unauthorized | OpenCxError::Rejected { status: 403, .. })) => {
            Check::failed(id, title, "OpenCX refuses the API key.")
                .means("The AI cannot be asked: customers get no answer.")
                .fix(&["Create an API key in the OpenCX dashboard, enter it in the settings here, and save."])
                .replay(patient.sample.offer(&Reason::OpencxUnavailable))
        }
        Err(FlowError::OpenCx(OpenCxError::RateLimited { .. }) | FlowError::Wait { .. }) => {
            Check::warning(id, title, "OpenCX's requests of this minute are used up.")
                .means("Answers come late; nothing is lost.")
                .fix(&["Wait a minute. If it happens often, ask OpenCX for a higher limit."])
        }
        Err(_) => Check::failed(id, title, "OpenCX could not be reached.")
            .means("Customers' messages wait and are answered once OpenCX is back.")
            .fix(&["Look at the status page of OpenCX, and run the diagnostics again in some minutes."])
            .replay(patient.sample.offer(&Reason::OpencxUnavailable)),
    }
}

async fn queue(patient: &Patient<'_>) -> Check {
    let (id, title) = ("queue", "Queue");
    let waits = |state| matches!(state, State::InProgress | State::Retrying | State::Delayed);
    let oldest = patient.sample.rows.iter().filter(|row| waits(row.state)).map(|row| row.created_at).min();
    let depth = patient.bridge.queue.depth().await;
    let (waiting, dead) = match &depth {
        Ok(Some(depth)) => (counted(depth.waiting, "message"), depth.dead),
        Ok(None) | Err(_) => ("an unknown number of messages".to_owned(), None),
    };
    if let Some(dead) = dead.filter(|dead| *dead > 0) {
        return Check::failed(
            id,
            title,
            format!("{} could not be processed and lie in the dead-letter queue.", counted(dead, "message")),
        )
        .means("These events were given up.")
        .fix(&["See in Deliveries what failed, mend the cause, and replay."]);
    }
    match oldest {
        Some(oldest) if patient.now.duration_since(oldest) > SLOW => {
            let found =
                format!("The oldest unfinished event came {}; {waiting} wait in the queue.", ago(oldest, patient.now));
            Check::warning(id, title, found)
                .means("Answers come late. They are repeated by themselves.")
                .fix(&["See in Deliveries what the unfinished events wait for."])
        }
        _ if matches!(depth, Ok(Some(_))) => {
            Check::ok(id, title, format!("Nothing is late; {waiting} wait in the queue."))
        }
        _ => Check::unknown(
            id,
            title,
            "No unfinished event is late; how many messages wait in the queue is not known here.",
        ),
    }
}

fn failures(patient: &Patient<'_>) -> Check {
    let (id, title) = ("failures", "Failed deliveries");
    let mut failures: Vec<_> = patient.sample.failures().into_values().collect();
    failures.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let Some((reason, count)) = failures.first() else {
        return Check::ok(id, title, "Nothing failed in the last days.");
    };
    let all: usize = failures.iter().map(|(_, count)| count).sum();
    let found = format!(
        "{} failed or wait for a reconnect, {count} of them because: {}",
        counted(all as u64, "delivery").replace("deliverys", "deliveries"),
        reason.why()
    );
    Check::failed(id, title, found)
        .means("These messages were not answered or passed on; people were told in the conversation.")
        .fix(&["Mend the cause that the other checks name.", "Then replay what failed for it, here or in Deliveries."])
        .replay(Some(ReplayOffer { reason: reason.clone(), count: *count }))
}

fn clock(bridge: &Bridge) -> Check {
    let (id, title) = ("clock", "Clock");
    let Some(ahead) = bridge.hubspot.clock_ahead() else {
        return Check::unknown(id, title, "HubSpot did not tell its time.");
    };
    let seconds = Duration::from_secs(ahead.as_secs().unsigned_abs());
    if ahead.abs() < SKEW {
        return Check::ok(id, title, format!("HubSpot's clock and ours differ by {} s.", seconds.as_secs()));
    }
    Check::failed(
        id,
        title,
        format!(
            "This machine's clock is {} s {} HubSpot's.",
            seconds.as_secs(),
            if ahead.is_negative() { "behind" } else { "ahead of" }
        ),
    )
    .means("HubSpot's signed events are refused as too old, and tokens are renewed too early or too late.")
    .fix(&["Switch on time synchronisation on the machine."])
}
