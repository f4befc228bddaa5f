//! Who has the conversation: what a change of the thread's assignee means for the AI (documents 002 and 003).

use crate::{ActorId, AiState, Reason};
use jiff::{SignedDuration, Timestamp};

/// HubSpot's clock may be behind ours by this much.
const SKEW: SignedDuration = SignedDuration::from_secs(2);
/// HubSpot assigns a thread this soon after a message is posted.
const ASSIGNS_WITHIN: SignedDuration = SignedDuration::from_secs(30);

/// What a change of assignee means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnershipChange {
    /// A person has the conversation now.
    TakenOver,
    /// The AI has it again.
    GivenBack,
    /// A person gave it to the AI, which had it already: whatever is older is overruled.
    Confirmed,
    /// Nothing changes for the AI.
    Unchanged,
}

/// A change of assignee, and what was known before.
#[derive(Debug)]
pub struct Assignment<'a> {
    /// The new assignee; `None` is unassigned.
    pub assignee: Option<&'a ActorId>,
    /// When it was changed.
    pub occurred_at: Timestamp,
    /// Who the AI speaks as.
    pub ai_user: Option<&'a ActorId>,
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
    let Some(assignee) = a.assignee else { return Ok(OwnershipChange::Unchanged) };
    let to_ai = Some(assignee) == a.ai_user;
    Ok(match a.ai {
        AiState::Active | AiState::Paused if !to_ai && !a.assist_mode => OwnershipChange::TakenOver,
        AiState::HandedOff | AiState::Paused if to_ai && !caused_by_us(a) => OwnershipChange::GivenBack,
        AiState::Active if to_ai && !caused_by_us(a) => OwnershipChange::Confirmed,
        AiState::Active | AiState::HandedOff | AiState::Paused => OwnershipChange::Unchanged,
    })
}

fn caused_by_us(a: &Assignment<'_>) -> bool {
    a.own_assignment_at.is_some_and(|at| a.occurred_at >= at - SKEW && a.occurred_at <= at + ASSIGNS_WITHIN)
}

#[cfg(test)]
mod tests;
