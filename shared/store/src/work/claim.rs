//! The claim: exactly one run does a work.

use crate::table::keys::{day_of, due_of, in_order, story_of_session, story_of_thread, story_of_ticket};
use crate::table::{Store, StoreError, Write, map, number, text, time, word};
use crate::work::delivery::{Row, State};
use crate::work::journal::Journal;
use crate::work::terms::{Claim, Run, Seed, Won, Work};

impl Store {
    /// Claims a work for one run.
    ///
    /// Of any number of callers exactly one gets [`Claim::Won`] until it completes, gives the claim back, or its
    /// deadline passes; the others learn what happened instead. A work is free if nobody has claimed it, if it is
    /// retrying, if its delay is over, or if its run never ended. A won claim costs one write; a refusal brings the item
    /// that stood in the way.
    pub async fn claim(&self, work: &Work, run: &Run, seed: &Seed) -> Result<Claim, StoreError> {
        let refusal = match self.update_to_item("claim a work", self.claiming(work, run, seed)).await? {
            Ok(item) => return Ok(Claim::Won(Row(item).won()?)),
            // It is deleted since the check; the caller comes again and finds it absent.
            Err(None) => return Ok(Claim::Busy { until: run.started_at }),
            Err(Some(item)) => Row(item),
        };
        let row = &refusal.0;
        match refusal.state()? {
            // Our own claim: its answer was lost, and the SDK sent it again.
            State::InProgress if row.is("run", &text(&run.id)) => Ok(Claim::Won(refusal.won()?)),
            State::InProgress => Ok(Claim::Busy { until: row.time("deadline")? }),
            State::Delayed => Ok(Claim::Delayed { until: row.time("due")? }),
            State::Parked => Ok(Claim::Parked),
            State::Retrying => Err(row.corrupt("it is retrying and yet not free")),
            State::Done | State::Skipped | State::Failed => match row.number_if::<i64>("expires_at")? {
                // DynamoDB deletes late; a row past its retention counts as gone.
                Some(expired) if expired <= run.started_at.as_second() => {
                    self.claim_anew(work, run, seed, expired).await
                }
                _ => Ok(Claim::Done(refusal.outcome()?)),
            },
        }
    }

    /// Replaces a row past its retention, if it is still the same.
    async fn claim_anew(&self, work: &Work, run: &Run, seed: &Seed, expired: i64) -> Result<Claim, StoreError> {
        let write = self.claiming(work, run, seed).replacing();
        let write = write.if_absent_or("#expires_at = :expired").with("expired", number(expired));
        if !self.write("claim a work anew", write).await? {
            return Ok(Claim::Busy { until: run.started_at });
        }
        Ok(Claim::Won(Won {
            attempts: 1,
            unexpected: 0,
            journal: Journal::new(),
            body: seed.body.clone(),
            created_at: seed.created_at,
            delayed_before: false,
            replayed: false,
        }))
    }

    fn claiming(&self, work: &Work, run: &Run, seed: &Seed) -> Write {
        let key = work.key();
        let place = in_order(seed.created_at, &key);
        let write = Write::update(key.clone())
            .set("state", word(State::InProgress))
            .set("run", text(&run.id))
            .put("boot", self.boot())
            .set("deadline", time(run.deadline))
            .set("updated_at", time(run.started_at))
            .add("attempts", 1)
            .keep("ended", number(0))
            .keep("unexpected", number(0))
            .keep("journal", map([]))
            .keep("created_at", time(seed.created_at))
            .keep("label", text(&seed.label))
            .keep_if("body", seed.body.as_deref().map(text))
            .remove(["due"]);
        let write = match work {
            Work::Delivery { org, .. } => write
                .keep("gsi1pk", text(day_of(org, seed.created_at)))
                .keep("gsi1sk", text(&place))
                .set("gsi3pk", text(due_of(&key)))
                .set("gsi3sk", text(in_order(run.deadline, &key))),
            Work::Request { .. } | Work::Handoff { .. } => write,
        };
        let write = about(write, work, seed, &place);
        let write = match work {
            // The ticket's unique property outlives any retention; so must the claim on it.
            Work::Handoff { .. } => write,
            Work::Delivery { .. } | Work::Request { .. } => {
                let kept_s = i64::try_from(seed.retention.as_secs()).unwrap_or(i64::MAX);
                write.keep("expires_at", number(seed.created_at.as_second().saturating_add(kept_s)))
            }
        };
        let (write, dead) = self.of_dead_boot(write, "boot");
        let died = format!("#state = :in_progress AND (#deadline <= :now OR {dead})");
        write
            .if_absent_or(&format!("#state = :retrying OR (#state = :delayed AND #due <= :now) OR ({died})"))
            .with("retrying", word(State::Retrying))
            .with("delayed", word(State::Delayed))
            .with("in_progress", word(State::InProgress))
            .with("now", time(run.started_at))
    }
}

/// Adds what the work is about, and its place in that story.
fn about(write: Write, work: &Work, seed: &Seed, place: &str) -> Write {
    let index = &seed.index;
    let org = work.org();
    let story = match (&index.thread, &index.ticket, &index.session) {
        (Some((portal, thread)), ..) => Some(story_of_thread(org, portal, thread)),
        (None, Some(ticket), _) => Some(story_of_ticket(org, ticket)),
        (None, None, Some(session)) => Some(story_of_session(org, session)),
        (None, None, None) => None,
    };
    write
        .keep_if("portal", index.thread.as_ref().map(|(portal, _)| text(portal.as_str())))
        .keep_if("thread", index.thread.as_ref().map(|(_, thread)| text(thread.as_str())))
        .keep_if("ticket", index.ticket.as_ref().map(|ticket| text(ticket.as_str())))
        .keep_if("session", index.session.as_ref().map(|session| text(session.as_str())))
        .keep_if("gsi2sk", story.is_some().then(|| text(place)))
        .keep_if("gsi2pk", story.map(text))
}
