//! Which threads were spoken in lately: HubSpot's documented way to catch up where events are missing.

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{Page, PageResponse, ThreadActivityResponse};
use domain::ThreadId;
use jiff::Timestamp;

/// The last words of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadActivity {
    /// The conversation.
    pub thread: ThreadId,
    /// When its customer last wrote, if ever.
    pub received_at: Option<Timestamp>,
}

impl Portal {
    /// The first hundred threads in which somebody has spoken since, the earliest first.
    pub async fn threads_active_since(&self, since: Timestamp) -> Result<Vec<ThreadActivity>, HubSpotError> {
        let path = self.versions().conversations().then("threads").with("sort", "latestMessageTimestamp");
        let path = path.with("latestMessageTimestampAfter", since).with("limit", 100);
        let page: Page<ThreadActivity> =
            self.fetch::<PageResponse<ThreadActivityResponse>, _>(Ask::get("list active threads", path)).await?;
        // A portal that does not honour the parameter lists older ones, too.
        Ok(page.items.into_iter().filter(|found| found.received_at.is_none_or(|at| at > since)).collect())
    }
}
