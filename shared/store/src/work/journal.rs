//! The journal of a work: the effects so far, so that a later run looks before it acts.

use crate::table::{Item, StoreError, map, text, time};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// The named steps of a work.
pub type Journal = BTreeMap<String, Step>;

/// One effect that cannot be repeated. A step that is written replaces the earlier entry of its name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// When a run was about to do it. That run has not written more: it died, or is still at it.
    pub about_to: Option<Timestamp>,
    /// It is done; usually the id of what it made.
    pub done: Option<String>,
    /// The flow's own notes on it, usually JSON.
    pub detail: Option<String>,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail.as_ref().map(|_| "[kept]");
        let mut step = f.debug_struct("Step");
        step.field("about_to", &self.about_to).field("done", &self.done).field("detail", &detail).finish()
    }
}

pub(crate) fn write_step(step: &Step) -> AttributeValue {
    map([
        ("about_to", step.about_to.map(time)),
        ("done", step.done.as_deref().map(text)),
        ("detail", step.detail.as_deref().map(text)),
    ])
}

pub(crate) fn read_journal(row: &Item) -> Result<Journal, StoreError> {
    let entries = row.map("journal")?;
    let read = |name: &str| {
        let entry = entries.map(name)?;
        let (about_to, done) = (entry.time_if("about_to")?, entry.owned_if("done")?);
        Ok((name.to_owned(), Step { about_to, done, detail: entry.owned_if("detail")? }))
    };
    entries.names().map(read).collect()
}
