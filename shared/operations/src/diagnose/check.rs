//! One finding, in words for a support person.

use domain::Reason;
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
    pub means: Option<String>,
    /// What to click, step by step.
    pub fix: Vec<String>,
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

impl Check {
    fn new(state: CheckState, id: &'static str, title: &'static str, found: impl Into<String>) -> Self {
        Self { id, state, title, found: found.into(), means: None, fix: Vec::new(), replay: None }
    }

    pub(crate) fn ok(id: &'static str, title: &'static str, found: impl Into<String>) -> Self {
        Self::new(CheckState::Ok, id, title, found)
    }

    pub(crate) fn warning(id: &'static str, title: &'static str, found: impl Into<String>) -> Self {
        Self::new(CheckState::Warning, id, title, found)
    }

    pub(crate) fn failed(id: &'static str, title: &'static str, found: impl Into<String>) -> Self {
        Self::new(CheckState::Failed, id, title, found)
    }

    pub(crate) fn unknown(id: &'static str, title: &'static str, found: impl Into<String>) -> Self {
        Self::new(CheckState::Unknown, id, title, found)
    }

    pub(crate) fn means(self, words: &str) -> Self {
        Self { means: Some(words.to_owned()), ..self }
    }

    pub(crate) fn fix(self, steps: &[&str]) -> Self {
        Self { fix: steps.iter().map(|&step| step.to_owned()).collect(), ..self }
    }

    pub(crate) fn replay(self, offer: Option<ReplayOffer>) -> Self {
        Self { replay: offer.filter(|offer| offer.count > 0), ..self }
    }
}

/// `3 conversations`, `1 conversation`.
pub(crate) fn counted(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
