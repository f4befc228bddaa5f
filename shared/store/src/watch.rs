//! Public messages that are looked at again, because HubSpot says only later that it could not deliver one.

use crate::access::Written;
use crate::delivery::{State, named};
use crate::item::{Item, number, text, word};
use crate::keys::{BY_DUE, Key, all_watched, in_order, moment, watched_of};
use crate::log::key_of;
use crate::write::Write;
use crate::{Store, StoreError, Work};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{DedupKey, OrgId, PortalId, Reason, ThreadId};
use jiff::{SignedDuration, Timestamp};

/// Looked at this soon after it was posted; a second time after the longer wait, because mail servers take their time.
const FIRST: SignedDuration = SignedDuration::from_secs(120);
const SECOND: SignedDuration = SignedDuration::from_mins(45);
/// Nobody looks at it after that.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A message that was posted, or was about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The work that posted it: its journal says what it became in HubSpot.
    pub work: Work,
    /// The portal.
    pub portal: PortalId,
    /// The conversation.
    pub thread: ThreadId,
    /// Looks so far.
    pub looks: u32,
}

impl Store {
    /// The messages whose look is due, the longest overdue first, at most `limit`.
    pub async fn watched(&self, now: Timestamp, limit: u32) -> Result<Vec<Watched>, StoreError> {
        let mut keys = Vec::new();
        for shard in all_watched() {
            let query = self.client.query().table_name(&*self.table).index_name(BY_DUE).scan_index_forward(true);
            let query = query
                .key_condition_expression("gsi3pk = :shard AND gsi3sk < :now")
                .expression_attribute_values(":shard", text(shard))
                .expression_attribute_values(":now", text(moment(now)))
                .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX));
            let answer = query.send().await.map_err(|error| StoreError::of_sdk("list watched messages", &error))?;
            keys.extend(answer.items().iter().filter_map(key_of));
        }
        keys.truncate(limit as usize);
        self.get_all("read watched messages", &keys).await?.iter().map(read).collect()
    }

    /// Looks again later, or no more after the second look. A look that finds the message not posted yet is none.
    pub async fn looked(&self, watched: &Watched, posted: bool, now: Timestamp) -> Result<(), StoreError> {
        if posted && watched.looks > 0 {
            return self.unwatch(&watched.work).await;
        }
        let key = Key::watched(&watched.work);
        let again = now + if posted { SECOND } else { FIRST };
        let write = Write::update(key.clone()).set("gsi3sk", text(in_order(again, &key))).if_there();
        let write = if posted { write.add("looks", 1) } else { write };
        self.update("look at a message again", write, ReturnValue::None).await.map(|_| ())
    }

    /// Looks no more.
    pub async fn unwatch(&self, work: &Work) -> Result<(), StoreError> {
        self.transact("watch a message no more", vec![Write::delete(Key::watched(work)).in_any_case()])
            .await
            .map(|_| ())
    }

    /// Records that HubSpot could not deliver what a work posted. The answer is whether it was recorded before.
    pub async fn not_delivered(&self, work: &Work, why: &str, now: Timestamp) -> Result<bool, StoreError> {
        let write = Write::update(Key::work(work))
            .set("state", word(State::Failed))
            .set("reason", text(Reason::NotDelivered.to_string()))
            .set("detail", text(why))
            .set("updated_at", crate::item::time(now))
            .only_if("#state = :done")
            .with("done", word(State::Done));
        match self.update("record a message that was not delivered", write, ReturnValue::None).await? {
            Written::Yes(_) => Ok(false),
            Written::No(_) => Ok(true),
        }
    }
}

/// The write that has a message looked at later.
pub(crate) fn watching(work: &Work, portal: &PortalId, thread: &ThreadId, now: Timestamp) -> Write {
    let key = Key::watched(work);
    Write::update(key.clone())
        .set("org", text(work.org().as_str()))
        .set("work", text(work.to_string()))
        .set("portal", text(portal.as_str()))
        .set("thread", text(thread.as_str()))
        .set("looks", number(0))
        .set("expires_at", number((now + KEPT).as_second()))
        .set("gsi3pk", text(watched_of(&key)))
        .set("gsi3sk", text(in_order(now + FIRST, &key)))
        .in_any_case()
}

fn read(item: &Item) -> Result<Watched, StoreError> {
    let org: OrgId = item.parsed("org")?;
    Ok(Watched {
        work: named(&org, &DedupKey::from_stored(item.text("work")?)),
        portal: item.parsed("portal")?,
        thread: item.parsed("thread")?,
        looks: item.number("looks")?,
    })
}
