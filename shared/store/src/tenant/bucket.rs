//! OpenCX's request limit, which belongs to the organization and not to a process.

use crate::table::{Key, Store, StoreError, Write, number};
use domain::OrgId;
use jiff::Timestamp;
use std::time::Duration;

/// Minutes that are over are of no use; DynamoDB deletes them when it likes.
const KEPT_S: i64 = 3600;

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It may, and is counted.
    Yes,
    /// The minute is used up; the next one begins after this time.
    Wait(Duration),
}

impl Store {
    /// Counts one OpenCX call of the organization if this minute has one left: one conditional write, shared by all
    /// processes. A limit of 0 is read as 1, so that nothing waits for ever.
    pub async fn take_opencx_call(&self, org: &OrgId, per_minute: u32, now: Timestamp) -> Result<Taken, StoreError> {
        let minute = now.as_second().div_euclid(60);
        let write = Write::update(Key::opencx_minute(org, minute))
            .add("used", 1)
            .set("expires_at", number(minute.saturating_mul(60).saturating_add(KEPT_S)))
            .if_absent_or("#used < :limit")
            .with("limit", number(per_minute.max(1)));
        if self.write("count an OpenCX call", write).await? {
            return Ok(Taken::Yes);
        }
        let spent = u64::try_from(now.as_nanosecond().rem_euclid(60_000_000_000)).unwrap_or(0);
        Ok(Taken::Wait(Duration::from_mins(1).saturating_sub(Duration::from_nanos(spent))))
    }
}
