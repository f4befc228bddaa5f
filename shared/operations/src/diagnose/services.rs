//! OpenCX, the queue, what failed, and the clocks.

use crate::diagnose::check::{Check, ReplayOffer, Topic, ago, counted};
use crate::diagnose::patient::Patient;
use domain::Reason;
use flows::{Bridge, FlowError};
use jiff::SignedDuration;
use opencx::OpenCxError;
use store::State;

/// An event that waits longer is late.
const QUEUE_DELAY: SignedDuration = SignedDuration::from_secs(300);
/// HubSpot's signatures are good for five minutes; half of that is a failure.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(150);

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    vec![opencx(patient).await, queue(patient).await, failures(patient), clock(patient.bridge)]
}

async fn opencx(patient: &Patient<'_>) -> Check {
    let topic = Topic("opencx", "OpenCX");
    let asked = async { Ok::<_, FlowError>(patient.tenant.opencx().await?.sessions_created_since(patient.now).await?) };
    match asked.await {
        Ok(_) => topic.ok("OpenCX answers."),
        Err(FlowError::OpenCx(OpenCxError::Unauthorized | OpenCxError::Rejected { status: 403, .. })) => topic
            .failed("OpenCX refuses the API key.")
            .means("The AI cannot be asked: customers get no answer.")
            .fix(&["Create an API key in the OpenCX dashboard, enter it in the settings here, and save."])
            .replay(patient.offer(&Reason::OpencxUnavailable)),
        Err(FlowError::OpenCx(OpenCxError::RateLimited { .. }) | FlowError::Wait { .. }) => topic
            .warning("OpenCX's requests of this minute are used up.")
            .means("Answers come late; nothing is lost.")
            .fix(&["Wait a minute. If it happens often, ask OpenCX for a higher limit."]),
        Err(_) => topic
            .failed("OpenCX could not be reached.")
            .means("Customers' messages wait and are answered once OpenCX is back.")
            .fix(&["Look at the status page of OpenCX, and run the diagnostics again in some minutes."])
            .replay(patient.offer(&Reason::OpencxUnavailable)),
    }
}

async fn queue(patient: &Patient<'_>) -> Check {
    let topic = Topic("queue", "Queue");
    let waits = |state| matches!(state, State::InProgress | State::Retrying | State::Delayed);
    let oldest = patient.log.rows.iter().filter(|row| waits(row.state)).map(|row| row.created_at).min();
    let depth = patient.bridge.queue.depth().await.ok().flatten();
    if let Some(dead) = depth.as_ref().and_then(|depth| depth.dead).filter(|dead| *dead > 0) {
        let messages = counted(dead, "message");
        return topic
            .failed(format!("{messages} could not be processed and lie in the dead-letter queue."))
            .means("These events were given up.")
            .fix(&["See in Deliveries what failed, mend the cause, and replay."]);
    }
    let waiting = depth.map(|depth| counted(depth.waiting, "message"));
    match (oldest, waiting) {
        (Some(oldest), waiting) if patient.now.duration_since(oldest) > QUEUE_DELAY => {
            let came = ago(oldest, patient.now);
            let waiting = waiting.unwrap_or_else(|| "an unknown number of messages".to_owned());
            topic
                .warning(format!("The oldest unfinished event came {came}; {waiting} wait in the queue."))
                .means("Answers come late. They are repeated by themselves.")
                .fix(&["See in Deliveries what the unfinished events wait for."])
        }
        (_, Some(waiting)) => topic.ok(format!("Nothing is late; {waiting} wait in the queue.")),
        (_, None) => {
            topic.unknown("No unfinished event is late; how many messages wait in the queue is not known here.")
        }
    }
}

fn failures(patient: &Patient<'_>) -> Check {
    let topic = Topic("failures", "Failed deliveries");
    let failures = patient.log.failures();
    let Some((reason, count)) = failures.first().cloned() else { return topic.ok("Nothing failed in the last days.") };
    let all = match failures.iter().map(|(_, count)| count).sum() {
        1_usize => "1 delivery".to_owned(),
        n => format!("{n} deliveries"),
    };
    let why = reason.why();
    topic
        .failed(format!("{all} failed or wait for a reconnect, {count} of them because: {why}"))
        .means("These messages were not answered or passed on; people were told in the conversation.")
        .fix(&["Mend the cause that the other checks name.", "Then replay what failed for it, here or in Deliveries."])
        .replay(Some(ReplayOffer { reason, count }))
}

fn clock(bridge: &Bridge) -> Check {
    let topic = Topic("clock", "Clock");
    let Some(ahead) = bridge.hubspot.clock_ahead() else { return topic.unknown("HubSpot did not tell its time.") };
    let seconds = ahead.as_secs().unsigned_abs();
    if ahead.abs() < CLOCK_SKEW {
        return topic.ok(format!("HubSpot's clock and ours differ by {seconds} s."));
    }
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    topic
        .failed(format!("This machine's clock is {seconds} s {side} HubSpot's."))
        .means("HubSpot's signed events are refused as too old, and tokens are renewed too early or too late.")
        .fix(&["Switch on time synchronisation on the machine."])
}
