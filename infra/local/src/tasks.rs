//! The tasks of one runner. All of them can be ended at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

/// Every background task of a runner is in this set.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// `None` once they were ended.
    set: Mutex<Option<JoinSet<()>>>,
    /// How many functions run.
    calls: watch::Sender<usize>,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self { set: Mutex::new(Some(JoinSet::new())), calls: watch::Sender::new(0) }
    }

    /// Runs a function. A runner that stops waits for it.
    pub(crate) fn call(self: &Arc<Self>, function: impl Future<Output = ()> + Send + 'static) {
        let call = Call::begin(self.clone());
        self.spawn(async move {
            function.await;
            drop(call);
        });
    }

    /// Runs a function as Lambda does: a caller that goes away does not end it. `None` where the runner was killed.
    pub(crate) async fn to_its_end<T: Send + 'static>(
        self: &Arc<Self>,
        run: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (done, answer) = oneshot::channel();
        self.call(async move {
            // The caller may have gone.
            let _ = done.send(run.await);
        });
        answer.await.ok()
    }

    /// Completes when no function runs.
    pub(crate) async fn calls_over(&self) {
        // The sender lives in `self`, so the wait cannot fail.
        let _ = self.calls.subscribe().wait_for(|running| *running == 0).await;
    }

    /// Runs `task`, unless the runner has ended.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(set) = self.tasks().as_mut() {
            // Results are collected as new tasks come, so that finished ones do not pile up.
            while set.try_join_next().is_some() {}
            set.spawn(task);
        }
    }

    /// Ends every task where it stands and returns when none of them runs any more.
    pub(crate) async fn kill(&self) {
        let set = self.tasks().take();
        if let Some(mut set) = set {
            set.shutdown().await;
        }
    }

    /// Ends every task where it stands and does not wait.
    pub(crate) fn abandon(&self) {
        // Dropped outside of the lock: a task's own values may want it.
        let set = self.tasks().take();
        drop(set);
    }

    /// True once they were ended.
    pub(crate) fn ended(&self) -> bool {
        self.tasks().is_none()
    }

    fn tasks(&self) -> MutexGuard<'_, Option<JoinSet<()>>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One running function. Dropping it counts the function out, also where the function was killed.
struct Call(Arc<Tasks>);

impl Call {
    fn begin(tasks: Arc<Tasks>) -> Self {
        tasks.calls.send_modify(|running| *running += 1);
        Self(tasks)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.calls.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::{Instant, sleep, timeout};

    #[tokio::test(start_paused = true)]
    async fn functions_are_waited_for_unless_they_were_killed() {
        let (tasks, began) = (Arc::new(Tasks::new()), Instant::now());
        tasks.call(sleep(Duration::from_secs(3)));
        tasks.spawn(sleep(Duration::from_secs(60)));
        tasks.calls_over().await;
        assert_eq!(began.elapsed().as_secs(), 3);
        tasks.call(std::future::pending());
        assert!(timeout(Duration::from_secs(1), tasks.calls_over()).await.is_err());
        tasks.kill().await;
        tasks.calls_over().await;
        tasks.call(std::future::pending());
        tasks.calls_over().await;
    }
}
