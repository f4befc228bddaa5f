//! Whether and when to try again.

use std::time::Duration;

/// Whether an error can pass by trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Trying again cannot help.
    Never,
    /// It may pass.
    Later {
        /// Not before this time, where the other side said so.
        after: Option<Duration>,
    },
}

/// How long work that failed `attempts` times waits for its next attempt: 5, 15, 45, 120, then always 300 s.
pub fn next_look(attempts: u32) -> Duration {
    Duration::from_secs(match attempts {
        0 | 1 => 5,
        2 => 15,
        3 => 45,
        4 => 120,
        _ => 300,
    })
}

#[cfg(test)]
mod tests;
