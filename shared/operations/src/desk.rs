//! What operators' use cases work with: the bridge, and the queue for those that have something processed.

use flows::{Bridge, Queue};
use std::ops::Deref;

/// A bridge with the events queue. Use cases that queue nothing take the bridge alone.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Everything but the queue.
    pub bridge: &'a Bridge,
    /// The events queue.
    pub queue: &'a dyn Queue,
}

impl Deref for Desk<'_> {
    type Target = Bridge;

    fn deref(&self) -> &Bridge {
        self.bridge
    }
}
