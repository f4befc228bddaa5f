//! The ports of a function that does not use them.

use flows::{Delays, PendingClose, PortError, Queue, Queued, ThreadReturn};
use futures::future::{BoxFuture, FutureExt as _};
use jiff::Timestamp;
use std::time::Duration;

/// Refuses everything: its function was given no client, no permission and no variables for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unused;

fn refused(action: &'static str) -> BoxFuture<'static, Result<(), PortError>> {
    async move { Err(PortError { action, problem: "this function has no such port".to_owned() }) }.boxed()
}

impl Queue for Unused {
    fn send(&self, _: Vec<Queued>) -> BoxFuture<'_, Result<(), PortError>> {
        refused("send messages")
    }

    fn postpone<'a>(&'a self, _: &'a str, _: Duration) -> BoxFuture<'a, Result<(), PortError>> {
        refused("postpone a message")
    }
}

impl Delays for Unused {
    fn return_at<'a>(&'a self, _: &'a ThreadReturn, _: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        refused("set a timer")
    }

    fn close_at<'a>(&'a self, _: &'a PendingClose, _: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        refused("set a timer")
    }

    fn cancel_close<'a>(&'a self, _: &'a PendingClose) -> BoxFuture<'a, Result<(), PortError>> {
        refused("remove a timer")
    }
}
