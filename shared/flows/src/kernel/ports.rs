//! The queue and the timers. On AWS they are SQS and EventBridge Scheduler; on one machine, items in its own table.

use domain::{OrgId, PortalId, SessionId, ThreadId};
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::time::Duration;

/// The events queue. It keeps the order within a group and delivers at least once.
pub trait Queue: Send + Sync {
    /// Stores all messages. After a failure some may be stored; the caller may send all again.
    fn send(&self, messages: Vec<Queued>) -> BoxFuture<'_, Result<(), PortError>>;
    /// The number of waiting messages. `None`: the queue does not know.
    fn depth(&self) -> BoxFuture<'_, Result<Option<QueueDepth>, PortError>> {
        Box::pin(async { Ok(None) })
    }
    /// Shows a received message again after `after`, not after the full visibility timeout.
    fn postpone<'a>(&'a self, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Both ports, for the flows of events.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The events queue.
    pub queue: &'a dyn Queue,
    /// The timers.
    pub delays: &'a dyn Delays,
}

/// The number of messages in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueDepth {
    /// Messages that wait or are being processed.
    pub waiting: u64,
    /// Messages in the dead-letter queue. `None`: not known.
    pub dead: Option<u64>,
}

/// One message as the queue sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Messages of one group are processed one at a time, in order.
    pub group: String,
    /// The queue may drop a second message with the same id within five minutes.
    pub dedup_id: String,
    /// A [`crate::kernel::message::QueueMessage`] as JSON.
    pub body: String,
}

/// One-time timers. They may fire late, early or twice, so the code they start reads the state again.
pub trait Delays: Send + Sync {
    /// Puts a [`crate::kernel::message::QueueMessage::Return`] for the thread into the queue at `at`.
    fn return_at<'a>(&'a self, thread: &'a ThreadReturn, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>>;
    /// Invokes `close` at `at`. The same close and attempt is scheduled once.
    fn close_at<'a>(&'a self, close: &'a PendingClose, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>>;
}

/// A thread whose delayed messages are due.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ThreadReturn {
    /// The organization whose delivery waits.
    pub org: OrgId,
    /// The portal of the thread.
    pub portal: PortalId,
    /// The conversation.
    pub thread: ThreadId,
    /// The delayed delivery. Its key makes the body and the name of this return unique.
    pub delivery: domain::DedupKey,
}

impl ThreadReturn {
    /// The queue group of the thread's messages.
    pub fn group(&self) -> String {
        format!("{}:thread:{}", self.portal, self.thread)
    }
}

/// A close that `resolve` has announced.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PendingClose {
    /// The organization.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// The session of the ticket that closes.
    #[serde(rename = "session_id")]
    pub session: SessionId,
    /// The number of the resolve that asked for it. A reopened session has a higher one.
    pub lifecycle_epoch: u64,
    /// 0 for the first timer. `close` adds 1 for each further timer.
    #[serde(default)]
    pub attempt: u32,
}

/// The queue or the scheduler failed. A retry may always help.
#[derive(Debug, thiserror::Error)]
#[error("{action}: {problem}")]
pub struct PortError {
    /// The failed action, for example `send 3 messages`.
    pub action: &'static str,
    /// The cause, for the log only.
    pub problem: String,
}
