//! The meaning of a change of the thread's assignee for the AI.

use crate::{AiState, Reason, ThreadOwner};
use jiff::{SignedDuration, Timestamp};

/// HubSpot's clock may be behind ours by this much.
const SKEW: SignedDuration = SignedDuration::from_secs(2);
/// HubSpot assigns a thread this soon after a message is posted.
const ASSIGNS_WITHIN: SignedDuration = SignedDuration::from_secs(30);

/// The meaning of a change of assignee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnershipChange {
    /// A person or a bot has the conversation now.
    TakenOver,
    /// The AI has it again.
    GivenBack,
    /// A person gave it to the AI, which had it already. A change that is older than this one no longer counts.
    Confirmed,
    /// Nothing changes for the AI.
    Unchanged,
}

/// A change of assignee, and what was known before.
#[derive(Debug)]
pub struct Assignment<'a> {
    /// The new owner.
    pub owner: ThreadOwner<'a>,
    /// When it was changed.
    pub occurred_at: Timestamp,
    /// The AI only drafts: nobody can take over from it.
    pub assist_mode: bool,
    /// Whether the AI may speak.
    pub ai: AiState,
    /// The last change that was applied.
    pub last_change_at: Option<Timestamp>,
    /// When we last caused an assignment to the AI user ourselves, by posting as it.
    pub own_assignment_at: Option<Timestamp>,
}

/// Judges a change. An older one than the last applied is [`Reason::StaleChange`].
pub fn judge_assignment(a: &Assignment<'_>) -> Result<OwnershipChange, Reason> {
    if a.last_change_at.is_some_and(|last| a.occurred_at < last) {
        return Err(Reason::StaleChange);
    }
    Ok(match (a.owner, a.ai) {
        (ThreadOwner::Person(_) | ThreadOwner::Bot, AiState::Active | AiState::Paused) if !a.assist_mode => {
            OwnershipChange::TakenOver
        }
        (ThreadOwner::Ai, AiState::HandedOff | AiState::Paused) if !caused_by_us(a) => OwnershipChange::GivenBack,
        (ThreadOwner::Ai, AiState::Active) if !caused_by_us(a) => OwnershipChange::Confirmed,
        _ => OwnershipChange::Unchanged,
    })
}

fn caused_by_us(a: &Assignment<'_>) -> bool {
    a.own_assignment_at.is_some_and(|at| a.occurred_at >= at - SKEW && a.occurred_at <= at + ASSIGNS_WITHIN)
}

#[cfg(test)]
mod tests;
