//! Threads with new messages: HubSpot's documented way to catch up where events are missing.

use crate::client::Portal;
use crate::error::HubSpotError;
use domain::ThreadId;
use jiff::Timestamp;
use serde::Deserialize;
use transport::json::{JsonCall, Loose, WireError};

/// The latest message of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadActivity {
    /// The conversation.
    pub thread: ThreadId,
    /// When its customer last wrote, if ever.
    pub received_at: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ThreadActivityResponse {
    id: Loose,
    latest_message_received_timestamp: Loose,
}

impl TryFrom<ThreadActivityResponse> for ThreadActivity {
    type Error = WireError;

    fn try_from(wire: ThreadActivityResponse) -> Result<Self, WireError> {
        Ok(Self { thread: wire.id.required("id")?, received_at: wire.latest_message_received_timestamp.time() })
    }
}

impl Portal {
    /// The first hundred threads in which somebody has spoken since, the earliest first.
    pub async fn threads_active_since(&self, since: Timestamp) -> Result<Vec<ThreadActivity>, HubSpotError> {
        let path = self.conversations().then("threads").with("sort", "latestMessageTimestamp");
        let path = path.with("latestMessageTimestampAfter", since).with("limit", 100);
        let mut found: Vec<ThreadActivity> =
            self.list::<ThreadActivityResponse, _>(JsonCall::get("list active threads", path)).await?;
        // A portal that does not honour the parameter lists older ones, too.
        found.retain(|found| found.received_at.is_none_or(|at| at > since));
        Ok(found)
    }
}
