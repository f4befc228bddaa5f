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
