//! Runs jobs that are due: a bounded number side by side, one of each line. It is woken and never polls.

use super::job::{Job, LEASE, Work};
use super::queue::Jobs;
use super::table::Leased;
use crate::tasks::Tasks;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// A job taken this often is given up: something is wrong with it that retrying does not cure.
const MOST_RECEIVES: u32 = 1000;
/// How soon the engine is asked again after it refused.
const ENGINE_PAUSE: Duration = Duration::from_secs(1);
/// No run takes longer: the timeout of the function on AWS, inside the lease.
const LONGEST_RUN: Duration = LEASE.saturating_sub(Duration::from_secs(30));

/// One job as its handler sees it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// Names this receipt to [`flows::Queue::postpone`].
    pub(crate) receipt: String,
    /// The job's name: a message's deduplication id.
    pub(crate) name: String,
    /// A message's group.
    pub(crate) line: String,
    /// The work.
    pub(crate) work: Work,
    /// How often it was taken, this time included.
    pub(crate) receives: u32,
    /// It was taken too often. The handler only records that.
    pub(crate) given_up: bool,
}

/// The end of one run of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// It is done and can be forgotten.
    Done,
    /// It comes back at the moment it was postponed to, or after the pause between attempts.
    Again,
}

/// Does one job.
pub(crate) type Handler = Arc<dyn Fn(Received) -> BoxFuture<'static, Finish> + Send + Sync>;

/// Runs jobs until `stop` completes. Jobs that run then go on to their end.
pub(crate) async fn dispatch(jobs: Arc<Jobs>, tasks: Arc<Tasks>, handler: Handler, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        let timer = start_what_is_due(&jobs, &tasks, &handler);
        let sleep = timer.map(|after| jobs.clock.sleep(after));
        let passed = async {
            match sleep {
                Some(sleep) => sleep.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = jobs.wake.notified() => {}
            () = passed => {}
            () = &mut stop => return,
        }
    }
}

/// Returns how long it is to the next timer.
fn start_what_is_due(jobs: &Arc<Jobs>, tasks: &Arc<Tasks>, handler: &Handler) -> Option<Duration> {
    let now = jobs.clock.now();
    let mut lines = jobs.lines();
    while let Some(job) = lines.take(now) {
        tasks.spawn(run(jobs.clone(), job, handler.clone()));
    }
    lines.next_timer().map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default())
}

async fn run(jobs: Arc<Jobs>, job: Arc<Job>, handler: Handler) {
    let over = match jobs.table.lease(&job, jobs.clock.now()).await {
        Ok(Leased::Yes { receives }) if receives > MOST_RECEIVES => bury(&jobs, &job, receives, &handler).await,
        Ok(Leased::Yes { receives }) => handle(&jobs, &job, receives, &handler).await,
        Ok(Leased::Gone) => None,
        Ok(Leased::Held) => Some(ENGINE_PAUSE),
        Err(error) => {
            tracing::error!(job = job.name, %error, "a job could not be taken");
            Some(ENGINE_PAUSE)
        }
    };
    let now = jobs.clock.now();
    match over {
        None => jobs.lines().done(&job, now),
        Some(after) => jobs.lines().later(&job, now + after, now),
    }
    jobs.settled.notify_waiters();
    jobs.wake.notify_one();
}

fn received(job: &Job, receives: u32) -> Received {
    Received {
        receipt: job.sort.clone(),
        name: job.name.clone(),
        line: job.line.clone(),
        work: job.work.clone(),
        receives,
        given_up: receives > MOST_RECEIVES,
    }
}

/// `None` where the job is over, else in how long it is due again.
async fn handle(jobs: &Jobs, job: &Job, receives: u32, handler: &Handler) -> Option<Duration> {
    let work = handler(received(job, receives));
    let finish = tokio::select! {
        finish = AssertUnwindSafe(work).catch_unwind() => finish.unwrap_or_else(|_| {
            tracing::error!(job = job.name, "a job panicked");
            Finish::Again
        }),
        () = jobs.clock.sleep(LONGEST_RUN) => {
            tracing::error!(job = job.name, "a job ran too long and was ended");
            Finish::Again
        }
    };
    if finish == Finish::Done {
        if let Err(error) = jobs.table.delete(job).await {
            // After a restart it would run again, and find its work done.
            tracing::error!(job = job.name, %error, "a job that is done could not be deleted");
        }
        return None;
    }
    let now = jobs.clock.now();
    let postponed_to = jobs.lines().postponed_to(&job.sort);
    let due = postponed_to.unwrap_or_else(|| now + domain::next_look(receives));
    if postponed_to.is_none()
        && let Err(error) = jobs.table.release(job, due).await
    {
        tracing::error!(job = job.name, %error, "a job could not be put back");
    }
    Some(Duration::try_from(due.duration_since(now)).unwrap_or_default())
}

/// The handler records the job before it leaves the queue.
async fn bury(jobs: &Jobs, job: &Job, receives: u32, handler: &Handler) -> Option<Duration> {
    tracing::error!(job = job.name, line = job.line, "a job was taken {MOST_RECEIVES} times and is given up");
    let recorded = AssertUnwindSafe(handler(received(job, receives))).catch_unwind().await;
    if recorded.is_ok_and(|finish| finish != Finish::Done) {
        return Some(domain::next_look(receives));
    }
    match jobs.table.bury(job).await {
        Ok(()) => None,
        Err(error) => {
            tracing::error!(job = job.name, %error, "a job that is given up could not be moved");
            Some(ENGINE_PAUSE)
        }
    }
}
