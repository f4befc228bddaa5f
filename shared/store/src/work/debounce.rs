//! A delivery that gives way to a later one of its thread.

use crate::table::keys::{BY_OBJECT, story_of_thread};
use crate::table::{Key, Store, StoreError, Transacted, Write, in_order, word};
use crate::work::delivery::State;
use crate::work::finish::{mine, with_steps};
use crate::work::journal::Step;
use crate::work::terms::{Run, Work};
use domain::{DedupKey, PortalId, ThreadId};
use jiff::Timestamp;

impl Store {
    /// The newest event of the thread that waits for its time and came after `work`, which came at `after`.
    ///
    /// The index is a moment behind; [`Store::merge_into`] looks at the row itself.
    pub async fn newest_delayed(
        &self,
        work: &Work,
        after: Timestamp,
        (portal, thread): (&PortalId, &ThreadId),
    ) -> Result<Option<DedupKey>, StoreError> {
        let (story, after) = (story_of_thread(work.org(), portal, thread), in_order(after, &work.key()));
        let query = self
            .query(Some(BY_OBJECT), "gsi2pk = :story AND gsi2sk > :after", [(":story", &story), (":after", &after)])
            .filter_expression("#state = :delayed")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":delayed", word(State::Delayed))
            .scan_index_forward(false);
        let mut pages = query.into_paginator().items().send();
        while let Some(entry) = pages.next().await {
            let entry = entry.map_err(|error| StoreError::of_sdk("find a later event", &error))?;
            if let Some(Work::Delivery { key, .. }) = Key::of(&entry).and_then(|key| Work::of_key(&key))
                && key.is_of_message()
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Writes `step` into the work's journal and `steps` into that of `later`, if this run holds the work and `later`
    /// still waits: both, or neither. The answer is whether it was done.
    pub async fn merge_into(
        &self,
        (work, run): (&Work, &Run),
        step: (&str, &Step),
        later: &DedupKey,
        steps: &[(String, Step)],
    ) -> Result<bool, StoreError> {
        let of_later = Work::Delivery { org: work.org().clone(), key: later.clone() };
        let of_later = Write::update(of_later.key()).only_if("#state = :delayed").with("delayed", word(State::Delayed));
        let of_later = with_steps(of_later, steps.iter().map(|(name, step)| (name.as_str(), step)));
        let writes = vec![with_steps(mine(work, run), std::iter::once(step)), of_later];
        Ok(matches!(self.transact("give way to a later event", writes).await?, Transacted::Yes))
    }
}
