//! Resolving, closing and reopening a session.

use crate::session::state::{CloseRequest, Session, write_close_request};
use crate::table::keys::due_of;
use crate::table::{Key, Store, StoreError, Write, in_order, map, number, text, time, word};
use domain::{AiState, Lifecycle, OrgId, SessionId};
use jiff::Timestamp;

/// The outcome of a resolve, with the session as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// It is resolved, by this call.
    Now(Session),
    /// It was resolved before. The wish to close its ticket is there until the close is done.
    Already(Session),
    /// There is no such session.
    NotFound,
}

/// The outcome of a reopening, with the session as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reopened {
    /// It is open, by this call.
    Now(Session),
    /// It was open before.
    Already(Session),
    /// There is no such session.
    NotFound,
}

/// A reopening starts over where somebody changes at that moment whether the AI may speak.
const REOPEN_ATTEMPTS: u32 = 8;

impl Store {
    /// Resolves an open session and records the wish to close its ticket, which the reconciler finds until
    /// [`Store::close_done`]. Of two callers one gets [`Resolved::Now`]; `lifecycle_epoch` and `handoff_epoch` rise once.
    pub async fn resolve(&self, org: &OrgId, id: &SessionId, wish: &CloseRequest) -> Result<Resolved, StoreError> {
        let key = Key::session(org, id);
        let write = Write::update(key.clone())
            .set("lifecycle", word(Lifecycle::Resolved))
            .add("lifecycle_epoch", 1)
            .add("handoff_epoch", 1)
            .set("wish", write_close_request(wish))
            .set("resolved_at", time(wish.closes_at))
            .set("answers", map([]))
            .set("gsi3pk", text(due_of(&key)))
            .set("gsi3sk", text(in_order(wish.closes_at, &key)))
            .only_if("#lifecycle = :open")
            .with("open", word(Lifecycle::Open));
        match self.update_to_item("resolve a session", write).await? {
            Ok(item) => Ok(Resolved::Now(Session::read(&item)?)),
            Err(Some(item)) => Ok(Resolved::Already(Session::read(&item)?)),
            Err(None) => Ok(Resolved::NotFound),
        }
    }

    /// Opens a resolved session again: the AI speaks, the wish is gone, and a close that fires later is superseded.
    /// Of two callers one gets [`Reopened::Now`]; `ai_epoch` rises only where the AI was silent.
    pub async fn reopen(&self, org: &OrgId, id: &SessionId) -> Result<Reopened, StoreError> {
        let mut silent = false;
        for _ in 0..REOPEN_ATTEMPTS {
            let refusal =
                match self.update_to_item("reopen a session", reopening(Key::session(org, id), silent)).await? {
                    Ok(item) => return Ok(Reopened::Now(Session::read(&item)?)),
                    Err(None) => return Ok(Reopened::NotFound),
                    Err(Some(item)) => Session::read(&item)?,
                };
            if refusal.lifecycle == Lifecycle::Open {
                return Ok(Reopened::Already(refusal));
            }
            silent = refusal.ai != AiState::Active;
        }
        Err(StoreError::unavailable("reopen a session", "the AI's right to speak changed at every attempt"))
    }

    /// The close of the resolve with this epoch is looked at again at `at`: the reconciler leaves it alone until then.
    /// Answers false where there is no such wish any more.
    pub async fn put_off_close(
        &self,
        org: &OrgId,
        id: &SessionId,
        lifecycle_epoch: u64,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = Key::session(org, id);
        let write = Write::update(key.clone())
            .set("gsi3sk", text(in_order(at, &key)))
            .only_if("#lifecycle_epoch = :epoch AND attribute_exists(#wish)")
            .with("epoch", number(lifecycle_epoch));
        self.write("put off a close", write).await
    }

    /// Removes the wish of the resolve with this epoch. A newer resolve's wish stays: then the answer is false.
    pub async fn close_done(&self, org: &OrgId, id: &SessionId, lifecycle_epoch: u64) -> Result<bool, StoreError> {
        let write = Write::update(Key::session(org, id))
            .remove(["wish", "gsi3pk", "gsi3sk"])
            .only_if("#lifecycle_epoch = :epoch")
            .with("epoch", number(lifecycle_epoch));
        self.write("end a close", write).await
    }
}

/// One write cannot both find out whether the AI is silent and count only then. So the caller says it, and the condition
/// checks it.
fn reopening(key: Key, silent: bool) -> Write {
    let write = Write::update(key)
        .set("lifecycle", word(Lifecycle::Open))
        .add("lifecycle_epoch", 1)
        .add("handoff_epoch", 1)
        .remove(["wish", "resolved_at", "gsi3pk", "gsi3sk"])
        .with("resolved", word(Lifecycle::Resolved))
        .with("active", word(AiState::Active));
    if silent {
        write.set("ai", word(AiState::Active)).add("ai_epoch", 1).only_if("#lifecycle = :resolved AND #ai <> :active")
    } else {
        write.only_if("#lifecycle = :resolved AND #ai = :active")
    }
}
