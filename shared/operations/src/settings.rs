//! Settings change one at a time: of two admins who save from the same, nobody overwrites what they have not seen.

use domain::{OrgId, Settings};
use flows::Bridge;
use store::{StoreError, Updated};

/// How often a change starts over because somebody else was faster.
const ATTEMPTS: u32 = 5;

/// Changes settings whatever else is being changed, and has every cache forget the old ones.
pub async fn change_settings(
    bridge: &Bridge,
    org: &OrgId,
    change: impl Fn(&mut Settings),
) -> Result<Settings, StoreError> {
    for _ in 0..ATTEMPTS {
        let now = bridge.clock.now();
        // The organization is known here, so this creates nothing.
        let draft = bridge.store.draft(org, "", now).await?;
        let mut settings = draft.settings;
        change(&mut settings);
        match bridge.store.update_settings(org, draft.version, &settings, now).await? {
            Updated::Yes => {
                bridge.cache.clear();
                return Ok(settings);
            }
            Updated::Changed | Updated::NotConnected => {}
        }
    }
    let problem = "the settings changed at every attempt".to_owned();
    Err(StoreError::Unavailable { action: "change settings", problem })
}
