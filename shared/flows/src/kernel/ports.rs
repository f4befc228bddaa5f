//! The two seams with two real implementations each: SQS and EventBridge Scheduler on AWS, durable items on one machine.

use domain::{OrgId, PortalId, SessionId, ThreadId};
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::time::Duration;

/// The events queue: ordered within a group, at least once.
pub trait Queue: Send + Sync {
    /// Stores all messages, or fails. After a failure some may be stored; sending them again is harmless.
    fn send(&self, messages: Vec<Queued>) -> BoxFuture<'_, Result<(), PortError>>;
    /// How much waits, where the queue can tell.
    fn depth(&self) -> BoxFuture<'_, Result<Option<QueueDepth>, PortError>> {
        Box::pin(async { Ok(None) })
    }
    /// Hides a received message for `after` instead of its full visibility timeout.
    fn postpone<'a>(&'a self, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Both ports, for the events that need either.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The events queue.
    pub queue: &'a dyn Queue,
    /// The timers.
    pub delays: &'a dyn Delays,
}

/// How much waits in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueDepth {
    /// Messages that wait or are being processed.
    pub waiting: u64,
    /// Messages that were given up, where that is known.
    pub dead: Option<u64>,
}

/// One message as the queue sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Messages of one group are processed one at a time, in order.
    pub group: String,
    /// The queue may drop a second message with the same id within five minutes.
    pub dedup_id: String,
    /// A [`crate::kernel::message::Message`] as JSON.
    pub body: String,
}

/// One-time timers. They may fire late, early or twice: whatever they start re-reads the state first.
pub trait Delays: Send + Sync {
    /// Puts a [`crate::kernel::message::Message::Return`] for the thread into the queue at `at`.
    fn return_at<'a>(&'a self, thread: &'a ThreadReturn, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>>;
    /// Invokes `close` at `at`. The same close and attempt is scheduled once.
    fn close_at<'a>(&'a self, close: &'a PendingClose, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>>;
}

/// A thread whose delayed messages are due.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ThreadReturn {
    /// The organization the door proved.
    pub org: OrgId,
    /// The portal of the thread.
    pub portal: PortalId,
    /// The conversation.
    pub thread: ThreadId,
    /// The delayed delivery's key: it makes this return's body and name its own.
    pub delivery: domain::DedupKey,
}

impl ThreadReturn {
    /// The queue group of the thread's messages, which a return processes.
    pub fn group(&self) -> String {
        format!("{}:thread:{}", self.portal, self.thread)
    }
}

/// A close that was promised by `resolve`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PendingClose {
    /// The organization.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// The session whose ticket closes.
    #[serde(rename = "session_id")]
    pub session: SessionId,
    /// The resolve it belongs to; a reopened session has a newer one.
    pub lifecycle_epoch: u64,
    /// 0 for the first schedule; `close` counts up when it has to come back later.
    #[serde(default)]
    pub attempt: u32,
}

/// The queue or the scheduler refused or could not be reached. Always worth a retry.
#[derive(Debug, thiserror::Error)]
#[error("{action}: {problem}")]
pub struct PortError {
    /// What was tried, such as `send 3 messages`.
    pub action: &'static str,
    /// The cause, for the log only.
    pub problem: String,
}
