//! The durable queue and the timers of the one-machine runner, as items of the bridge's own table.
//!
//! A job is stored before the caller hears `Ok` and deleted after it was done; between the two it is also in
//! memory, in the [`lines::Lines`] that decide what runs next. Nothing polls: a new job and a passed timer wake
//! the dispatcher. What runs is at least once and in order within a line, as SQS FIFO is within a group.

mod dispatch;
mod job;
mod lines;
mod ports;
mod table;

#[cfg(test)]
mod tests;

pub(crate) use dispatch::{Finish, Handler, Received, dispatch};
pub(crate) use job::{Job, Work};
pub(crate) use ports::{LocalDelays, LocalQueue};

use jiff::Timestamp;
use lines::Lines;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use table::JobTable;
use tokio::sync::Notify;
use transport::Clock;

/// How many lines run side by side.
const SIDE_BY_SIDE: usize = 64;
/// How long a job belongs to the run that took it: the visibility timeout of the queue on AWS.
const LEASE: Duration = Duration::from_secs(150);

/// Why jobs could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The engine refused. The causes are kept as text: the SDK's errors print whole items in their `Debug`.
    #[error("the table of jobs refused: {problem}")]
    Engine {
        /// The causes, outermost first.
        problem: String,
    },
    /// A job that a newer version stored. It is left for that version.
    #[error("a newer version stored job {key}")]
    Newer {
        /// Its sort key.
        key: String,
    },
    /// A stored job that this version cannot read.
    #[error("job {key} cannot be read: {problem}")]
    Corrupt {
        /// Its sort key.
        key: String,
        /// The contradiction.
        problem: String,
    },
}

/// All jobs of one data folder.
pub(crate) struct Jobs {
    table: JobTable,
    lines: Mutex<Lines>,
    clock: Arc<dyn Clock>,
    /// Something may be ready to run.
    wake: Notify,
    /// Something stopped running.
    settled: Notify,
}

impl Jobs {
    /// Reads what an earlier boot left. Its leases count as expired: the folder's lock proves that it is gone.
    pub(crate) async fn open(
        client: aws_sdk_dynamodb::Client,
        table: &str,
        boot: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, JobError> {
        let table = JobTable::new(client, table, boot);
        let mut lines = Lines::new(SIDE_BY_SIDE);
        for job in table.load().await? {
            lines.insert(job, clock.now());
        }
        Ok(Arc::new(Self { table, lines: Mutex::new(lines), clock, wake: Notify::new(), settled: Notify::new() }))
    }

    /// Stores new jobs that may run at once, in this order. One whose name waits or runs already is left out.
    pub(crate) async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<(), JobError> {
        let now = self.clock.now();
        let jobs = {
            let mut lines = self.lines();
            let fresh: Vec<_> = jobs.into_iter().filter(|job| !lines.knows(&job.name)).collect();
            fresh.into_iter().map(|job| Job::at_once(job, lines.position(now), now)).collect::<Vec<_>>()
        };
        self.add(jobs).await
    }

    /// Stores a job that joins its line at `at`. One whose name waits or runs already is left out.
    pub(crate) async fn schedule(&self, job: NewJob, at: Timestamp) -> Result<(), JobError> {
        if self.lines().knows(&job.name) {
            return Ok(());
        }
        self.add(vec![Job::at(job, at)]).await
    }

    async fn add(&self, jobs: Vec<Job>) -> Result<(), JobError> {
        if jobs.is_empty() {
            return Ok(());
        }
        self.table.put(&jobs).await?;
        let now = self.clock.now();
        let mut lines = self.lines();
        for job in jobs {
            lines.insert(job, now);
        }
        drop(lines);
        self.wake.notify_one();
        Ok(())
    }

    /// Makes the running message with this receipt due in `after`, should it not be done by then.
    pub(crate) async fn postpone(&self, receipt: &str, after: Duration) -> Result<(), JobError> {
        let due = self.clock.now() + after;
        let running = self.lines().running_job(receipt);
        if let Some(job) = running {
            self.table.release(&job, due).await?;
            self.lines().postpone(receipt, due);
        }
        Ok(())
    }

    /// Counts jobs that wait or run, and jobs that were buried.
    pub(crate) async fn depth(&self) -> Result<flows::QueueDepth, JobError> {
        let waiting = self.lines().count() as u64;
        Ok(flows::QueueDepth { waiting, dead: Some(self.table.buried().await?) })
    }

    /// Completes when no job is due or running. Timers of the future do not count.
    pub(crate) async fn idle(&self) {
        self.settle(|lines| lines.is_idle(self.clock.now())).await;
    }

    /// Completes when no job runs.
    pub(crate) async fn at_rest(&self) {
        self.settle(|lines| lines.running() == 0).await;
    }

    async fn settle(&self, settled: impl Fn(&Lines) -> bool) {
        loop {
            let changed = self.settled.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if settled(&self.lines()) {
                return;
            }
            changed.await;
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job before it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewJob {
    /// Two jobs of one name are one.
    pub(crate) name: String,
    /// The line it stands in: jobs of one line run one at a time, in order.
    pub(crate) line: String,
    /// The work.
    pub(crate) work: Work,
}
