//! Whether the AI may speak: handoff, takeover, pause, resume.

use crate::session::state::Session;
use crate::table::{Key, Store, StoreError, Write, moment, text, time, word};
use domain::{AiState, OrgId, SessionId};
use jiff::Timestamp;

/// A change of whether the AI may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AiChange {
    /// The new state.
    pub to: AiState,
    /// The time of a change of ownership in HubSpot, by HubSpot's clock. A change older than the last one is stale.
    pub occurred_at: Option<Timestamp>,
}

/// The outcome of the change, with the session as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AiChanged {
    /// It changed, by this call.
    Yes(Session),
    /// It was so before.
    Already(Session),
    /// A newer change of HubSpot's was recorded before.
    Stale(Session),
    /// There is no such session.
    NotFound,
}

impl Store {
    /// Changes whether the AI may speak, and raises `ai_epoch` if that changes: a run that was about to post finds out.
    ///
    /// Of two callers that want the same exactly one gets [`AiChanged::Yes`]. Letting the AI speak again raises
    /// `handoff_epoch` too, so that the next handoff is a new one.
    pub async fn change_ai(&self, org: &OrgId, id: &SessionId, change: &AiChange) -> Result<AiChanged, StoreError> {
        let action = "change whether the AI speaks";
        let stored = match self.update_to_item(action, changing(Key::session(org, id), change)).await? {
            Ok(item) => return Ok(AiChanged::Yes(Session::read(&item)?)),
            Err(None) => return Ok(AiChanged::NotFound),
            Err(Some(item)) => Session::read(&item)?,
        };
        if stored.ai != change.to {
            return Ok(AiChanged::Stale(stored));
        }
        let Some(at) = change.occurred_at.filter(|at| stored.ownership_changed_at.is_none_or(|last| last < *at)) else {
            return Ok(AiChanged::Already(stored));
        };
        // Only the time changes: an event from between the two changes that arrives later is stale.
        let write = Write::update(Key::session(org, id))
            .set("ownership_changed_at", time(at))
            .only_if("#ai = :to AND (attribute_not_exists(#ownership_changed_at) OR #ownership_changed_at < :at)")
            .with("to", word(change.to))
            .with("at", text(moment(at)));
        match self.update_to_item(action, write).await? {
            Ok(item) | Err(Some(item)) => Ok(AiChanged::Already(Session::read(&item)?)),
            Err(None) => Ok(AiChanged::NotFound),
        }
    }
}

fn changing(key: Key, change: &AiChange) -> Write {
    let write = Write::update(key).set("ai", word(change.to)).add("ai_epoch", 1).with("to", word(change.to));
    let write = match change.to {
        AiState::Active => write.add("handoff_epoch", 1),
        AiState::HandedOff | AiState::Paused => write,
    };
    match change.occurred_at {
        Some(at) => write
            .set("ownership_changed_at", time(at))
            .only_if("#ai <> :to AND (attribute_not_exists(#ownership_changed_at) OR #ownership_changed_at <= :at)")
            .with("at", text(moment(at))),
        None => write.only_if("#ai <> :to"),
    }
}
