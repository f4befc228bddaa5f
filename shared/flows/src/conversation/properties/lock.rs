//! The lock on the values that HubSpot and OpenCX agree on.

use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{Agreed, Reason};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{PropertyLock, PropertySync, Session};

/// Runs `work` under the lock, then stores the values that both sides agree on.
///
/// `work` changes the map after each effect. If `work` fails, its changes so far are stored too.
pub(crate) async fn holding<T>(
    job: &Job<'_>,
    session: &Session,
    work: impl AsyncFnOnce(&mut BTreeMap<String, Agreed>) -> Result<T, FlowError>,
) -> Result<T, FlowError> {
    let store = &job.tenant.bridge.store;
    let PropertySync { agreed: before, .. } = match store.lock_properties(&session.org, &session.id, &job.run).await? {
        PropertyLock::Yes(book) => book,
        PropertyLock::Busy { until } => {
            let left = until.duration_since(job.now()).unsigned_abs();
            let after = left.clamp(Duration::from_secs(1), Duration::from_secs(2));
            let why = "the session's properties are being brought up to date";
            return Err(FlowError::Wait { after, reason: Reason::Duplicate, why });
        }
        PropertyLock::NotFound => PropertySync::default(),
    };
    let mut agreed = before.clone();
    let result = work(&mut agreed).await;
    let changed = (agreed != before).then_some(&agreed);
    match store.unlock_properties(&session.org, &session.id, &job.run, changed).await {
        Err(error) if result.is_ok() => Err(error.into()),
        Err(error) => {
            tracing::warn!(error = %error, "the property values of a failed run are not recorded");
            result
        }
        Ok(()) => result,
    }
}
