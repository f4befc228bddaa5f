//! Counts refused requests and ignored events, which have no row of their own, and tells `events` once a minute.

use crate::Webhook;
use domain::{DedupKey, OrgId};
use flows::{DoorCount, DoorReport, Envelope, QueueMessage, Queued, Whose};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// At most one report in this time.
const REPORT_INTERVAL: SignedDuration = SignedDuration::from_secs(60);
/// A report names at most so many organizations, because anybody can make up some.
const ORGANIZATIONS_PER_REPORT: usize = 20;

/// Counts since the last report.
#[derive(Default)]
pub struct TurnedAway(Mutex<Tally>);

#[derive(Default)]
struct Tally {
    reported_at: Option<Timestamp>,
    counts: Vec<DoorCount>,
}

impl TurnedAway {
    fn add(&self, whose: Whose, count: impl Fn(&mut DoorCount)) {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tally.counts.iter_mut().find(|known| known.whose == whose) {
            return count(known);
        }
        let whose = if tally.counts.len() < ORGANIZATIONS_PER_REPORT { whose } else { Whose::Nobody };
        let mut new = DoorCount::of(whose);
        count(&mut new);
        tally.counts.push(new);
    }

    /// The counts to tell now, if the last report is old enough.
    fn take(&self, now: Timestamp) -> Option<Vec<DoorCount>> {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = tally.reported_at.is_none_or(|at| now.duration_since(at) >= REPORT_INTERVAL);
        if !due || tally.counts.is_empty() {
            return None;
        }
        tally.reported_at = Some(now);
        Some(std::mem::take(&mut tally.counts))
    }

    fn give_back(&self, counts: Vec<DoorCount>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).counts.extend(counts);
    }
}

/// A request whose URL is not valid; the organization in it is only claimed.
pub(crate) fn bad_url(webhook: &Webhook, path: &str) {
    let claimed = path.trim_start_matches("/webhooks/hubspot").split('/').find(|part| !part.is_empty());
    let claimed = claimed.and_then(|org| OrgId::parse(org).ok());
    webhook.turned_away.add(claimed.map_or(Whose::Nobody, Whose::Org), |count| count.bad_urls += 1);
}

/// A request without HubSpot's right signature.
pub(crate) fn bad_signature(webhook: &Webhook) {
    webhook.turned_away.add(Whose::Nobody, |count| count.bad_signatures += 1);
}

/// Events that nothing is done with.
pub(crate) fn unsupported(webhook: &Webhook, whose: Whose, events: u64) {
    if events > 0 {
        webhook.turned_away.add(whose, |count| count.unsupported += events);
    }
}

/// Tells `events`, if it is time. Its failing costs nobody anything: the next request tries again.
pub(crate) async fn tell(webhook: &Webhook) {
    let now = webhook.clock.now();
    let Some(counts) = webhook.turned_away.take(now) else { return };
    let message = QueueMessage::DoorReport(DoorReport { at: now, counts: counts.clone() });
    let body = Envelope::body(&message);
    let dedup_id = DedupKey::from_stored(format!("door:{now:.9}")).digest(&body);
    let sent = webhook.queue.send(vec![Queued { group: "door".to_owned(), dedup_id, body }]).await;
    if let Err(error) = sent {
        tracing::warn!(error = %error, "what was refused could not be reported; the next request tries again");
        webhook.turned_away.give_back(counts);
    }
}
