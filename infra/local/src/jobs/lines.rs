//! Which job runs next. Pure state: the caller brings the time and does the waiting.

use super::job::Job;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// All jobs in memory: the lines they stand in, and the timers of those that are not due.
pub(super) struct Lines {
    /// Each in order; the head is what runs or blocks the others.
    standing: HashMap<String, VecDeque<Arc<Job>>>,
    /// Lines whose head is due, first come first served.
    ready: VecDeque<String>,
    timers: BTreeMap<TimerKey, Timer>,
    /// The names of all jobs, with the timer of those that have not joined their line.
    names: HashMap<String, Option<TimerKey>>,
    /// Receipt -> when a running job wants to be looked at again.
    postponed: HashMap<String, Timestamp>,
    running: HashMap<String, Arc<Job>>,
    limit: usize,
    last_position: i64,
}

/// When it passes and the sort key of its job.
type TimerKey = (Timestamp, String);

enum Timer {
    /// The job joins the end of its line.
    Joins(Arc<Job>),
    /// The head of this line may be taken (again).
    Wakes(String),
}

impl Lines {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            standing: HashMap::new(),
            ready: VecDeque::new(),
            timers: BTreeMap::new(),
            names: HashMap::new(),
            postponed: HashMap::new(),
            running: HashMap::new(),
            limit,
            last_position: 0,
        }
    }

    /// A place behind all others, by the time where the time has moved on.
    pub(super) fn position(&mut self, now: Timestamp) -> i64 {
        self.last_position = now.as_microsecond().max(self.last_position + 1);
        self.last_position
    }

    /// True while a job of that name waits or runs.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// How many jobs wait or run.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    pub(super) fn insert(&mut self, job: Job, now: Timestamp) {
        let job = Arc::new(job);
        if job.joins_later && job.due > now {
            let key = (job.due, job.sort.clone());
            self.names.insert(job.name.clone(), Some(key.clone()));
            self.timers.insert(key, Timer::Joins(job));
        } else {
            self.join(job, now);
        }
    }

    fn join(&mut self, job: Arc<Job>, now: Timestamp) {
        // A timer's place is when it was due, which may be long ago; only places of the past bind new jobs.
        self.last_position = self.last_position.max(job.position());
        self.names.insert(job.name.clone(), None);
        if let Some(line) = self.standing.get_mut(&job.line) {
            line.push_back(job);
            return;
        }
        self.standing.insert(job.line.clone(), VecDeque::from([job.clone()]));
        self.head_waits(&job, job.due, now);
    }

    /// The line of `head` is free: it becomes ready now or at `due`.
    fn head_waits(&mut self, head: &Job, due: Timestamp, now: Timestamp) {
        if due > now {
            self.timers.insert((due, head.sort.clone()), Timer::Wakes(head.line.clone()));
        } else {
            self.ready.push_back(head.line.clone());
        }
    }

    /// Takes the next job that may run; `None` where nothing is due or enough runs already.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<Arc<Job>> {
        self.pass_timers(now);
        if self.running.len() >= self.limit {
            return None;
        }
        let line = self.ready.pop_front()?;
        let job = self.standing.get(&line)?.front()?.clone();
        self.running.insert(job.sort.clone(), job.clone());
        Some(job)
    }

    fn pass_timers(&mut self, now: Timestamp) {
        while let Some(timer) = self.timers.first_entry().filter(|timer| timer.key().0 <= now) {
            match timer.remove() {
                Timer::Joins(job) => self.join(job, now),
                Timer::Wakes(line) => self.ready.push_back(line),
            }
        }
    }

    /// The job is over: the next one of its line may run.
    pub(super) fn done(&mut self, job: &Job, now: Timestamp) {
        self.running.remove(&job.sort);
        self.postponed.remove(&job.sort);
        self.names.remove(&job.name);
        let Some(line) = self.standing.get_mut(&job.line) else { return };
        line.pop_front();
        match line.front().cloned() {
            Some(next) => self.head_waits(&next, next.due, now),
            None => {
                self.standing.remove(&job.line);
            }
        }
    }

    /// The job keeps its place at the head of its line and blocks it until `due`.
    pub(super) fn later(&mut self, job: &Job, due: Timestamp, now: Timestamp) {
        self.running.remove(&job.sort);
        self.postponed.remove(&job.sort);
        self.head_waits(job, due, now);
    }

    /// Remembers when the running job with this receipt wants to be looked at again.
    pub(super) fn postpone(&mut self, receipt: &str, due: Timestamp) {
        self.postponed.insert(receipt.to_owned(), due);
    }

    pub(super) fn postponed_to(&self, receipt: &str) -> Option<Timestamp> {
        self.postponed.get(receipt).copied()
    }

    pub(super) fn running_job(&self, receipt: &str) -> Option<Arc<Job>> {
        self.running.get(receipt).cloned()
    }

    /// When the next timer passes.
    pub(super) fn next_timer(&self) -> Option<Timestamp> {
        self.timers.first_key_value().map(|((due, _), _)| *due)
    }

    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    pub(super) fn is_idle(&self, now: Timestamp) -> bool {
        self.running.is_empty() && self.ready.is_empty() && self.next_timer().is_none_or(|due| due > now)
    }
}
