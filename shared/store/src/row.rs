//! The row of a work, read.

use crate::delivery::{Delivery, State};
use crate::item::Item;
use crate::journal::read_journal;
use crate::{Final, Outcome, StoreError, Won};
use domain::Reason;

pub(crate) struct Row(Item);

impl Row {
    pub(crate) fn new(item: Item) -> Self {
        Self(item)
    }

    pub(crate) fn item(&self) -> &Item {
        &self.0
    }

    pub(crate) fn state(&self) -> Result<State, StoreError> {
        self.0.word("state")
    }

    /// True where the run of this id was the last to claim it.
    pub(crate) fn is_of(&self, run: &str) -> Result<bool, StoreError> {
        Ok(self.0.text("run")? == run)
    }

    pub(crate) fn won(&self) -> Result<Won, StoreError> {
        let row = &self.0;
        let (attempts, ended): (u32, u32) = (row.number("attempts")?, row.number("ended")?);
        let unexpected: u32 = row.number("unexpected")?;
        // Every run but this one has either ended in an orderly way, which is counted, or not at all.
        let earlier = attempts.checked_sub(1).ok_or_else(|| row.corrupt("`attempts` is 0 in a claimed row"))?;
        let vanished =
            earlier.checked_sub(ended).ok_or_else(|| row.corrupt("`ended` is more than the runs there were"))?;
        Ok(Won {
            attempts,
            unexpected: unexpected.saturating_add(vanished),
            journal: read_journal(row)?,
            body: row.text_if("body")?.map(str::to_owned),
            created_at: row.time("created_at")?,
            delayed_before: row.flag_if("delayed_before")?.unwrap_or(false),
            replayed: row.flag_if("replayed")?.unwrap_or(false),
        })
    }

    pub(crate) fn outcome(&self) -> Result<Outcome, StoreError> {
        let row = &self.0;
        let reason = || row.parsed::<Reason>("reason");
        let state = match self.state()? {
            State::Done => Final::Done,
            State::Skipped => Final::Skipped(reason()?),
            State::Failed => Final::Failed(reason()?),
            _ => return Err(row.corrupt("`state` is not a final one")),
        };
        Ok(Outcome {
            state,
            detail: row.text_if("detail")?.map(str::to_owned),
            answer: row.text_if("answer")?.map(str::to_owned),
            steps: read_journal(row)?.into_iter().collect(),
            at: row.time("updated_at")?,
            session: row.parsed_if("session")?,
        })
    }

    pub(crate) fn delivery(&self) -> Result<Delivery, StoreError> {
        let row = &self.0;
        let work = row.key().read_work().ok_or_else(|| row.corrupt("its key is not that of a work"))?;
        let owned = |name| Ok::<_, StoreError>(row.text_if(name)?.map(str::to_owned));
        Ok(Delivery {
            key: domain::DedupKey::from_stored(work.to_string()),
            work,
            label: row.text("label")?.to_owned(),
            state: self.state()?,
            reason: row.parsed_if("reason")?,
            attempts: row.number("attempts")?,
            unexpected: row.number("unexpected")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            due: row.time_if("due")?,
            portal: row.parsed_if("portal")?,
            thread: row.parsed_if("thread")?,
            ticket: row.parsed_if("ticket")?,
            session: row.parsed_if("session")?,
            journal: read_journal(row)?,
            detail: owned("detail")?,
            answer: owned("answer")?,
            body: owned("body")?,
        })
    }
}
