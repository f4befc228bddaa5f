//! Settings are changed by a function, which runs again where somebody else saved first.

use domain::{OrgId, Settings};
use flows::Bridge;
use store::{StoreError, Updated};

/// How often a change starts over.
const ATTEMPTS: u32 = 5;

/// Changes settings, whatever else is being changed, and drops this process's caches.
pub async fn change_settings(
    bridge: &Bridge,
    org: &OrgId,
    change: impl Fn(&mut Settings),
) -> Result<Settings, StoreError> {
    for _ in 0..ATTEMPTS {
        let now = bridge.clock.now();
        // The organization exists, so this creates nothing.
        let draft = bridge.store.draft(org, "", now).await?;
        let mut settings = draft.settings;
        change(&mut settings);
        if bridge.store.update_settings(org, draft.version, &settings, now).await? == Updated::Yes {
            bridge.cache.clear();
            return Ok(settings);
        }
    }
    let problem = "the settings changed at every attempt".to_owned();
    Err(StoreError::Unavailable { action: "change settings", problem })
}
