//! A consent that was begun: single use, for ten minutes, bound to an organization and to a browser.

use crate::table::{Key, Store, StoreError, Transacted, Write, number, text, time};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::OrgId;
use jiff::{SignedDuration, Timestamp};

/// An admin may take this long at HubSpot.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// The admin's consent, as it was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthState {
    /// The organization.
    pub org: OrgId,
    /// The hash of the browser's cookie.
    pub browser: String,
    /// `owner` or `admin`.
    pub actor: String,
}

impl Store {
    /// Remembers a consent that begins now.
    pub async fn begin_oauth(&self, state: &str, begun: &OAuthState, now: Timestamp) -> Result<(), StoreError> {
        let until = now + GOOD_FOR;
        let write = Write::update(Key::oauth_state(state))
            .set("org", text(begun.org.as_str()))
            .set("browser", text(&begun.browser))
            .set("actor", text(&begun.actor))
            .set("open", AttributeValue::Bool(true))
            .set("until", time(until))
            .set("expires_at", number(until.as_second().saturating_add(3600)))
            .if_absent();
        match self.update("remember a consent", write, ReturnValue::None).await? {
            Ok(_) => Ok(()),
            // Our own write, whose answer was lost and which the SDK sent again.
            Err(Some(item)) if item.is("browser", &text(&begun.browser)) && item.is("until", &time(until)) => Ok(()),
            Err(_) => {
                Err(StoreError::Aws { action: "remember a consent", problem: "the state is not unique".to_owned() })
            }
        }
    }

    /// Uses it up. `None` where there is none, or it was used, or its time is over.
    pub async fn use_oauth(&self, state: &str, now: Timestamp) -> Result<Option<OAuthState>, StoreError> {
        let (action, key) = ("use a consent", Key::oauth_state(state));
        let Some(item) = self.get(action, &key).await? else { return Ok(None) };
        let write = Write::update(key)
            .set("open", AttributeValue::Bool(false))
            .only_if("#open = :open AND #until > :now")
            .with("open", AttributeValue::Bool(true))
            .with("now", time(now));
        // A transaction, because the SDK's repeat after a lost answer must not find the consent used up.
        let Transacted::Yes = self.transact(action, vec![write]).await? else { return Ok(None) };
        Ok(Some(OAuthState { org: item.parsed("org")?, browser: item.owned("browser")?, actor: item.owned("actor")? }))
    }
}
