//! What should have happened by now and did not: the reconciler's list.

use crate::item::text;
use crate::keys::{BY_DUE, all_due, moment};
use crate::log::key_of;
use crate::{Store, StoreError, Work};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DedupKey, OrgId, SessionId};
use jiff::Timestamp;
use std::collections::HashMap;

/// Something whose message or timer seems lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overdue {
    /// An event that is retrying, delayed or in progress past its time.
    Delivery {
        /// The organization.
        org: OrgId,
        /// The event.
        key: DedupKey,
    },
    /// A ticket that should be closed.
    Close {
        /// The organization.
        org: OrgId,
        /// The session whose ticket it is.
        session: SessionId,
        /// The resolve that wanted it.
        lifecycle_epoch: u64,
    },
}

impl Store {
    /// What was due before `before`, the longest overdue first, at most `limit`.
    ///
    /// The index is a moment behind, so an entry may have been dealt with: whoever acts on it claims it first.
    pub async fn overdue(&self, before: Timestamp, limit: u32) -> Result<Vec<Overdue>, StoreError> {
        let before = moment(before);
        let shards = all_due().map(|shard| self.overdue_in(shard, &before, limit));
        let mut found: Vec<_> = futures::future::try_join_all(shards).await?.into_iter().flatten().collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.truncate(limit as usize);
        Ok(found.into_iter().map(|(_, overdue)| overdue).collect())
    }

    async fn overdue_in(&self, shard: String, before: &str, limit: u32) -> Result<Vec<(String, Overdue)>, StoreError> {
        let query = self.client.query().table_name(&*self.table).index_name(BY_DUE).scan_index_forward(true);
        let query = query
            .key_condition_expression("gsi3pk = :shard AND gsi3sk < :before")
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":before", text(before))
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX));
        let answer = query.send().await.map_err(|error| StoreError::of_sdk("list what is overdue", &error))?;
        Ok(answer.items().iter().filter_map(read).collect())
    }
}

/// One entry that cannot be read must not keep the others from being woken.
fn read(entry: &HashMap<String, AttributeValue>) -> Option<(String, Overdue)> {
    let read = || {
        let (at, key) = (entry.get("gsi3sk")?.as_s().ok()?.clone(), key_of(entry)?);
        if let Some((org, session)) = key.read_session() {
            let lifecycle_epoch = entry.get("lifecycle_epoch")?.as_n().ok()?.parse().ok()?;
            return Some((at, Overdue::Close { org, session, lifecycle_epoch }));
        }
        match key.read_work()? {
            Work::Delivery { org, key } => Some((at, Overdue::Delivery { org, key })),
            Work::Request { .. } | Work::Handoff { .. } => None,
        }
    };
    let found = read();
    if found.is_none() {
        tracing::error!(item = ?key_of(entry), "an overdue item cannot be read");
    }
    found
}
