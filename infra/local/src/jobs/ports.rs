//! The queue and the timers of `flows`, over the jobs.

use super::job::{JobError, NewJob, Work};
use super::queue::Jobs;
use crate::rights::Rights;
use flows::{Delays, Envelope, PendingClose, PortError, Ports, Queue, QueueDepth, QueueMessage, Queued, ThreadReturn};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use runtime::functions::{QueueRight, TimerRight};
use std::sync::Arc;
use std::time::Duration;

/// Queue and timers of one machine, as one function may use them.
pub struct LocalPorts {
    jobs: Arc<Jobs>,
    rights: Rights,
}

impl LocalPorts {
    pub(crate) fn new(jobs: Arc<Jobs>, rights: Rights) -> Self {
        Self { jobs, rights }
    }

    /// As the flows take them.
    pub fn given(&self) -> Ports<'_> {
        Ports { queue: self, delays: self }
    }
}

impl Queue for LocalPorts {
    fn send(&self, messages: Vec<Queued>) -> BoxFuture<'_, Result<(), PortError>> {
        let jobs = messages.into_iter().map(|Queued { group, dedup_id, body }| NewJob {
            name: dedup_id,
            line: group,
            work: Work::Message(body),
        });
        let jobs = jobs.collect();
        async move {
            self.rights.on_queue(QueueRight::Send)?;
            self.jobs.enqueue(jobs).await.map_err(refused("send messages"))
        }
        .boxed()
    }

    fn depth(&self) -> BoxFuture<'_, Result<Option<QueueDepth>, PortError>> {
        async move {
            self.rights.on_queue(QueueRight::Count)?;
            self.jobs.depth().await.map(Some).map_err(refused("count the messages"))
        }
        .boxed()
    }

    fn postpone<'a>(&'a self, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<(), PortError>> {
        async move {
            self.rights.on_queue(QueueRight::Receive)?;
            self.jobs.postpone(receipt, after).await.map_err(refused("postpone a message"))
        }
        .boxed()
    }
}

impl Delays for LocalPorts {
    fn return_at<'a>(&'a self, thread: &'a ThreadReturn, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        let job = NewJob {
            name: format!("return:{}:{}", thread.org, thread.delivery),
            // The group of the thread's messages, which the return processes.
            line: thread.group(),
            work: Work::Message(Envelope::timed(&QueueMessage::Return(thread.clone()), at)),
        };
        async move {
            self.rights.on_timers(TimerRight::SetReturn)?;
            self.jobs.schedule(job, at).await.map_err(refused("schedule a return"))
        }
        .boxed()
    }

    fn close_at<'a>(&'a self, close: &'a PendingClose, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        async move {
            self.rights.on_timers(TimerRight::SetClose)?;
            let body = serde_json::to_string(close)
                .map_err(|e| PortError { action: "schedule a close", problem: e.to_string() })?;
            let name = close_name(close);
            let job = NewJob { line: name.clone(), name, work: Work::Close(body) };
            self.jobs.schedule(job, at).await.map_err(refused("schedule a close"))
        }
        .boxed()
    }
}

fn close_name(close: &PendingClose) -> String {
    format!("close:{}:{}:{}:{}", close.org, close.session, close.lifecycle_epoch, close.attempt)
}

fn refused(action: &'static str) -> impl Fn(JobError) -> PortError {
    move |error| PortError { action, problem: error.to_string() }
}
