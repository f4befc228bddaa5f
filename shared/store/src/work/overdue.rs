//! The reconciler's list: everything that should have happened by now and did not.

use crate::table::keys::{BY_DUE, all_due};
use crate::table::{Attributes, Key, Store, StoreError, moment, read_page};
use crate::work::terms::Work;
use domain::{DedupKey, OrgId, SessionId};
use jiff::Timestamp;

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
    /// Everything that was due before `before`, the longest overdue first, at most `limit`.
    ///
    /// The index is a moment behind, so an entry may be dealt with already: its reader claims the work before acting.
    pub async fn overdue(&self, before: Timestamp, limit: u32) -> Result<Vec<Overdue>, StoreError> {
        let due = self.due_in(all_due(), ("0", &moment(before)), limit).await?;
        Ok(due.iter().filter_map(read).collect())
    }

    /// The entries of some partitions between two sort keys, the longest due first over all of them, at most `limit`.
    pub(crate) async fn due_in(
        &self,
        partitions: impl Iterator<Item = String>,
        (from, before): (&str, &str),
        limit: u32,
    ) -> Result<Vec<Attributes>, StoreError> {
        let wanted = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
        let pages = partitions.map(|partition| {
            let condition = "gsi3pk = :partition AND gsi3sk BETWEEN :from AND :before";
            let values = [(":partition", &*partition), (":from", from), (":before", before)];
            read_page("list what is due", self.query(Some(BY_DUE), condition, values).limit(wanted))
        });
        let mut found: Vec<_> = futures::future::try_join_all(pages).await?.into_iter().flatten().collect();
        found.sort_by(|a, b| due_at(a).cmp(&due_at(b)));
        found.truncate(limit as usize);
        Ok(found)
    }
}

fn due_at(entry: &Attributes) -> Option<&String> {
    entry.get("gsi3sk")?.as_s().ok()
}

/// An entry that cannot be read must not keep the others from being woken.
fn read(entry: &Attributes) -> Option<Overdue> {
    let read = || {
        let key = Key::of(entry)?;
        if let Some((org, session)) = key.read_session() {
            let lifecycle_epoch = entry.get("lifecycle_epoch")?.as_n().ok()?.parse().ok()?;
            return Some(Overdue::Close { org, session, lifecycle_epoch });
        }
        let work = Work::of_key(&key)?;
        Some(Overdue::Delivery { org: work.org().clone(), key: work.event()?.clone() })
    };
    let found = read();
    if found.is_none() {
        tracing::error!(item = ?Key::of(entry), "an overdue item cannot be read");
    }
    found
}
