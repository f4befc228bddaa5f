//! Adds, cancels and counts jobs, in the table and in memory.

use super::job::{Job, JobError, NewJob};
use super::lines::Lines;
use super::table::JobTable;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use transport::Clock;

/// How many lines run side by side.
pub(super) const SIDE_BY_SIDE: usize = 64;

/// All jobs of one data folder.
pub(crate) struct Jobs {
    pub(super) table: JobTable,
    lines: Mutex<Lines>,
    pub(super) clock: Arc<dyn Clock>,
    /// Something may be ready to run.
    pub(super) wake: Notify,
    /// Something stopped running.
    pub(super) settled: Notify,
}

impl Jobs {
    /// Reads the jobs of an earlier boot. Its leases count as expired, because the folder's lock is free.
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

    /// Makes the running message with this receipt due again in `after`, unless it is done.
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

    pub(super) fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
