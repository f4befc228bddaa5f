//! The durable queue and the timers of the one-machine runner, as items of the bridge's own table.
//!
//! A job is stored before the caller hears `Ok` and deleted after it was done. Between the two it is also in memory:
//! [`lines::Lines`] decides which job runs next. Nothing polls: a new job and a passed timer wake the dispatcher.
//! A job runs at least once, and in order within its line, as SQS FIFO does within a group. A kill must lose none.
//! Start with [`queue::Jobs`]; `dispatch` runs what is due.

mod dispatch;
mod job;
mod lines;
mod ports;
mod queue;
mod table;

pub(crate) use dispatch::{Finish, Handler, Received, dispatch};
pub use job::JobError;
pub(crate) use job::Work;
pub use ports::LocalPorts;
pub(crate) use queue::Jobs;

#[cfg(test)]
mod tests;
