//! What a work has done so far, so that a later run looks before it acts.

use crate::item::{Item, map, text, time};
use crate::work::Run;
use crate::{Store, StoreError, Work};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// The named steps of a work.
pub type Journal = BTreeMap<String, Step>;

/// One effect that cannot be repeated. Writing a step replaces the earlier entry of that name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// A run was about to do it then, and did not live to write more, or is at it.
    pub about_to: Option<Timestamp>,
    /// It is done; usually the id of what it made.
    pub done: Option<String>,
    /// What the flow keeps of it, usually JSON.
    pub detail: Option<String>,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail.as_ref().map(|_| "[kept]");
        f.debug_struct("Step")
            .field("about_to", &self.about_to)
            .field("done", &self.done)
            .field("detail", &detail)
            .finish()
    }
}

impl Store {
    /// Writes one step, if the work is still this run's. Another run's claim makes it [`StoreError::LostRun`]:
    /// a run that gets that must not act.
    pub async fn journal(&self, work: &Work, run: &Run, name: &str, step: &Step) -> Result<(), StoreError> {
        self.journal_all(work, run, &[(name.to_owned(), step.clone())]).await
    }

    /// Writes several steps in one write, under the same condition.
    pub async fn journal_all(&self, work: &Work, run: &Run, steps: &[(String, Step)]) -> Result<(), StoreError> {
        let steps = steps.iter().map(|(name, step)| (name.as_str(), step));
        let write = crate::finish::with_steps(crate::finish::mine(work, run), steps);
        match self.update("write a journal", write, ReturnValue::None).await? {
            crate::access::Written::Yes(_) => Ok(()),
            crate::access::Written::No(_) => Err(StoreError::LostRun),
        }
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
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let step = Step {
            about_to: entry.time_if("about_to")?,
            done: owned(entry.text_if("done")?),
            detail: owned(entry.text_if("detail")?),
        };
        Ok((name.to_owned(), step))
    };
    entries.names().map(read).collect()
}
