//! One finding, in words for a support person.

use domain::Reason;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// It works, and something is lost or will be.
    Warning,
    /// Customers notice.
    Failed,
    /// It could not be found out.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name for programs.
    pub id: &'static str,
    /// How it stands.
    pub state: CheckState,
    /// Its name for people.
    pub title: &'static str,
    /// What was found, in one sentence.
    pub found: String,
    /// What it means for customers.
    pub means: Option<&'static str>,
    /// What to click, step by step.
    pub fix: Vec<&'static str>,
    /// Deliveries that failed for this cause and can be processed again once it is mended.
    pub replay: Option<ReplayOffer>,
}

/// What a replay would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplayOffer {
    /// Why they failed.
    pub reason: Reason,
    /// How many there are among those looked at.
    pub count: usize,
}

/// What a check is about: its name for programs, and its name for people.
#[derive(Clone, Copy)]
pub(crate) struct Topic(pub(crate) &'static str, pub(crate) &'static str);

impl Topic {
    fn check(self, state: CheckState, found: impl Into<String>) -> Check {
        let Self(id, title) = self;
        Check { id, state, title, found: found.into(), means: None, fix: Vec::new(), replay: None }
    }

    pub(crate) fn ok(self, found: impl Into<String>) -> Check {
        self.check(CheckState::Ok, found)
    }

    pub(crate) fn warning(self, found: impl Into<String>) -> Check {
        self.check(CheckState::Warning, found)
    }

    pub(crate) fn failed(self, found: impl Into<String>) -> Check {
        self.check(CheckState::Failed, found)
    }

    pub(crate) fn unknown(self, found: impl Into<String>) -> Check {
        self.check(CheckState::Unknown, found)
    }
}

impl Check {
    pub(crate) fn means(self, words: &'static str) -> Self {
        Self { means: Some(words), ..self }
    }

    pub(crate) fn fix(self, steps: &[&'static str]) -> Self {
        Self { fix: steps.to_vec(), ..self }
    }

    pub(crate) fn replay(self, replay: Option<ReplayOffer>) -> Self {
        Self { replay, ..self }
    }
}

/// `3 conversations`, `1 conversation`.
pub(crate) fn counted(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `2026-11-20 10:00 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long ago, in the largest unit that fits.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).max(SignedDuration::ZERO).as_secs();
    let (n, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{} ago", counted(n.unsigned_abs(), unit))
}
