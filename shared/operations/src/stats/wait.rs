//! How long an event took to come in, and its customer waited for an answer.

use domain::HubSpotEvent;
use flows::Message;
use store::{Delivery, State};

/// In seconds; absent where the row does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Wait {
    /// From what happened in HubSpot until its event was here.
    pub(crate) late: Option<f64>,
    /// From what happened until the answer was on the thread.
    pub(crate) answered: Option<f64>,
}

pub(crate) fn wait(row: &Delivery) -> Wait {
    let Some(event) = event(row) else { return Wait::default() };
    let since = |at: jiff::Timestamp| at.duration_since(event.occurred_at).as_secs_f64().max(0.0);
    let posted = row.state == State::Done && row.journal.get("post").is_some_and(|step| step.done.is_some());
    Wait { late: Some(since(row.created_at)), answered: posted.then(|| since(row.updated_at)) }
}

fn event(row: &Delivery) -> Option<HubSpotEvent> {
    match serde_json::from_str(row.body.as_deref()?).ok()? {
        Message::Event { event, .. } => Some(event),
        Message::Return(_) | Message::Replay { .. } | Message::DoorReport(_) => None,
    }
}
