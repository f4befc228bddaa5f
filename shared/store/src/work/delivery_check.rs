//! The delivery check: public messages are looked at again, because HubSpot says only later that it could not deliver one.

use crate::table::keys::{all_watched, watched_of};
use crate::table::{Item, Key, Store, StoreError, Write, in_order, moment, number, text, time, word};
use crate::work::delivery::State;
use crate::work::terms::Work;
use domain::{DedupKey, OrgId, PortalId, Reason, ThreadId};
use jiff::{SignedDuration, Timestamp};

/// The first check is this long after the post; the second one comes later, because mail servers take their time.
const FIRST_CHECK: SignedDuration = SignedDuration::from_secs(120);
const SECOND_CHECK: SignedDuration = SignedDuration::from_mins(45);
/// After that nobody checks any more.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A message that was posted, or was about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryCheck {
    /// The work that posted it. The work's journal has the message's id in HubSpot.
    pub work: Work,
    /// The portal.
    pub portal: PortalId,
    /// The conversation.
    pub thread: ThreadId,
    /// Checks so far.
    pub looks: u32,
    /// The end of its time.
    pub(crate) until: Timestamp,
}

impl Store {
    /// The messages whose check is due, the longest overdue first over all organizations, at most `limit`. A message whose
    /// time is over is not among them.
    pub async fn due_delivery_checks(&self, now: Timestamp, limit: u32) -> Result<Vec<DeliveryCheck>, StoreError> {
        // A check that was due before `oldest` belongs to a message whose time is over: nothing is due before FIRST_CHECK.
        let oldest = moment(now - KEPT + FIRST_CHECK);
        let due = self.due_in(all_watched(), (&oldest, &moment(now)), limit).await?;
        let keys: Vec<Key> = due.iter().filter_map(Key::of).collect();
        let mut found = Vec::with_capacity(keys.len());
        for item in self.get_all("read posted messages", &keys).await? {
            match read(&item) {
                // DynamoDB deletes late.
                Ok(check) if check.until <= now => self.end_delivery_check(&check.work).await?,
                Ok(check) => found.push((item.owned("gsi3sk")?, check)),
                // It must not keep the others from being checked.
                Err(error) => tracing::error!(%error, "a posted message cannot be checked"),
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found.into_iter().map(|(_, check)| check).collect())
    }

    /// Checks again later, or no more after the second check.
    ///
    /// A check that found nothing out (`posted` is false: the message is not there yet, or HubSpot cannot be asked) does not
    /// count. It is put off by as long as the message has waited so far, so that it never stands before others for long.
    pub async fn delivery_checked(
        &self,
        check: &DeliveryCheck,
        posted: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let waited = now.duration_since(check.until - KEPT);
        let again = now + if posted { SECOND_CHECK } else { waited.max(FIRST_CHECK) };
        if again >= check.until || (posted && check.looks > 0) {
            return self.end_delivery_check(&check.work).await;
        }
        let key = key_of(&check.work);
        let write = Write::update(key.clone()).set("gsi3sk", text(in_order(again, &key)));
        let write = if posted { write.set("looks", number(check.looks + 1)) } else { write };
        self.write("put a delivery check off", write.if_there()).await.map(drop)
    }

    /// Checks no more.
    pub async fn end_delivery_check(&self, work: &Work) -> Result<(), StoreError> {
        self.write("end a delivery check", Write::delete(key_of(work)).in_any_case()).await.map(drop)
    }

    /// Records that HubSpot could not deliver what a work posted. The answer is whether it was recorded before.
    pub async fn not_delivered(&self, work: &Work, why: &str, now: Timestamp) -> Result<bool, StoreError> {
        let write = Write::update(work.key())
            .set("state", word(State::Failed))
            .set("reason", text(Reason::NotDelivered.to_string()))
            .set("detail", text(why))
            .set("updated_at", time(now))
            .only_if("#state = :done")
            .with("done", word(State::Done));
        Ok(!self.write("record a message that was not delivered", write).await?)
    }
}

/// The write that has a message checked later.
pub(crate) fn delivery_check_of(work: &Work, portal: &PortalId, thread: &ThreadId, now: Timestamp) -> Write {
    let key = key_of(work);
    Write::update(key.clone())
        .set("org", text(work.org().as_str()))
        .set("work", text(work.to_string()))
        .set("portal", text(portal.as_str()))
        .set("thread", text(thread.as_str()))
        .set("looks", number(0))
        .set("expires_at", number((now + KEPT).as_second()))
        .set("gsi3pk", text(watched_of(&key)))
        .set("gsi3sk", text(in_order(now + FIRST_CHECK, &key)))
        .in_any_case()
}

fn key_of(work: &Work) -> Key {
    Key::new(format!("WATCH#{}#{work}", work.org()), "WATCH")
}

fn read(item: &Item) -> Result<DeliveryCheck, StoreError> {
    let org: OrgId = item.parsed("org")?;
    let until = Timestamp::from_second(item.number("expires_at")?);
    Ok(DeliveryCheck {
        work: Work::named(&org, &DedupKey::from_stored(item.text("work")?)),
        portal: item.parsed("portal")?,
        thread: item.parsed("thread")?,
        looks: item.number("looks")?,
        until: until.map_err(|_| item.corrupt("`expires_at` is not a time"))?,
    })
}
