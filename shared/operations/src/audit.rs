//! Who did what is kept in the audit trail.

use domain::OrgId;
use flows::Bridge;
use store::AuditEntry;

/// Records who did what. The deed stands even where this fails.
pub async fn record_audit(bridge: &Bridge, org: &OrgId, actor: &str, action: &str, what: &str) {
    let (actor, action, what) = (actor.to_owned(), action.to_owned(), what.to_owned());
    let entry = AuditEntry { at: bridge.clock.now(), actor, action, what };
    if let Err(error) = bridge.store.add_audit(org, &entry, &(bridge.ids)()).await {
        tracing::error!(%error, action = entry.action, "an audit entry was not stored");
    }
}
