use domain::OrgId;
use flows::Bridge;
use store::AuditEntry;

/// Records who did what. What was done stands even where this fails.
pub async fn record_audit(bridge: &Bridge, org: &OrgId, actor: &str, action: &str, what: &str) {
    let entry = AuditEntry {
        at: bridge.clock.now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        what: what.to_owned(),
    };
    if let Err(error) = bridge.store.add_audit(org, &entry, &(bridge.ids)()).await {
        tracing::error!(%error, action, "an audit entry was not stored");
    }
}
