//! A consent that was begun: single use, for ten minutes, bound to an organization and to a browser.

use crate::access::Written;
use crate::item::{Item, number, text, time};
use crate::keys::Key;
use crate::write::Write;
use crate::{Store, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::OrgId;
use jiff::{SignedDuration, Timestamp};

/// How long an admin may take at HubSpot.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Who began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthState {
    /// For which organization.
    pub org: OrgId,
    /// The hash of the cookie the browser got.
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
            Written::Yes(_) => Ok(()),
            Written::No(_) => {
                let problem = "the state is not unique".to_owned();
                Err(StoreError::Aws { action: "remember a consent", problem })
            }
        }
    }

    /// Uses it up. `None` where there is none, or it was used, or its time is over.
    pub async fn use_oauth(&self, state: &str, now: Timestamp) -> Result<Option<OAuthState>, StoreError> {
        let write = Write::update(Key::oauth_state(state))
            .set("open", AttributeValue::Bool(false))
            .only_if("#open = :open AND #until > :now")
            .with("open", AttributeValue::Bool(true))
            .with("now", time(now));
        let Written::Yes(attributes) = self.update("use a consent", write, ReturnValue::AllNew).await? else {
            return Ok(None);
        };
        let item = Item::read(attributes)?;
        Ok(Some(OAuthState {
            org: item.parsed("org")?,
            browser: item.text("browser")?.to_owned(),
            actor: item.text("actor")?.to_owned(),
        }))
    }
}
