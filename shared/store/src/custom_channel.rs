//! OpenCX's own channels in HubSpot: the account they have there, and the threads of their sessions.

use crate::access::{Refusal, Transacted};
use crate::item::{Item, map, text};
use crate::keys::Key;
use crate::write::Write;
use crate::{Auth, Connection, Session, Store, StoreError, Updated};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ChannelAccountId, ChannelId, ContactId, InboxId, OrgId, PortalId, ThreadId};

/// Where the conversations of OpenCX's own channels go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomChannel {
    /// The portal that has the account; in another one it means nothing.
    pub portal: PortalId,
    /// The channel of our HubSpot app.
    pub channel: ChannelId,
    /// Its account.
    pub account: ChannelAccountId,
    /// The inbox it stands in.
    pub inbox: InboxId,
}

impl Connection {
    /// The account of our custom channel, if this portal has one.
    pub fn custom_account(&self) -> Option<&CustomChannel> {
        self.custom_channel.as_ref().filter(|found| found.portal == self.portal)
    }

    /// The same while the admin wants it used and these credentials may. Private apps may not.
    pub fn published_to(&self) -> Option<&CustomChannel> {
        self.custom_account().filter(|_| self.settings.custom_channels && self.auth == Auth::OAuth)
    }
}

impl Store {
    /// Records the account that OpenCX's channels have, if the organization is still connected to its portal.
    pub async fn set_custom_channel(&self, org: &OrgId, channel: &CustomChannel) -> Result<Updated, StoreError> {
        let write = Write::update(Key::connection(org))
            .set("custom_channel", written(channel))
            .only_if("#portal = :portal")
            .with("portal", text(channel.portal.as_str()));
        self.change("record a custom channel's account", write).await
    }

    /// Makes the thread that HubSpot has begun for a session's messages the session's, in one transaction.
    ///
    /// A session with a thread of HubSpot's own channels keeps it, and a thread that has another session keeps that; the
    /// answer says whether the session has this thread now.
    pub async fn adopt_thread(
        &self,
        session: &Session,
        channel: &CustomChannel,
        thread: &ThreadId,
        contact: Option<&ContactId>,
    ) -> Result<bool, StoreError> {
        let (portal, id) = (&channel.portal, &session.id);
        let link = crate::link::linking(portal, thread, session)
            .if_absent_or("#org = :org AND (attribute_not_exists(#session) OR #session = :session)")
            .with("org", text(session.org.as_str()))
            .with("session", text(id.as_str()));
        let of_session = Write::update(Key::session(&session.org, id))
            .set("portal", text(portal.as_str()))
            .set("thread", text(thread.as_str()))
            .set("custom_account", text(channel.account.as_str()))
            .keep_if("contact", contact.map(|contact| text(contact.as_str())))
            .only_if(
                "#org = :org AND (attribute_not_exists(#thread) OR #thread = :thread OR attribute_exists(#custom_account) \
                 OR attribute_not_exists(#portal) OR #portal <> :portal)",
            )
            .with("org", text(session.org.as_str()))
            .with("thread", text(thread.as_str()))
            .with("portal", text(portal.as_str()));
        let contact = contact.map(|contact| crate::contact::linking(portal, contact, &session.org, id));
        let writes = [link, of_session].into_iter().chain(contact).collect();
        match self.transact("adopt a thread", writes).await? {
            Transacted::Yes => Ok(true),
            Transacted::No(refusals) if refusals.iter().any(|refusal| matches!(refusal, Refusal::Failed(_))) => {
                Ok(false)
            }
            Transacted::No(_) => Err(StoreError::Unavailable {
                action: "adopt a thread",
                problem: "the transaction was refused without a reason".to_owned(),
            }),
        }
    }
}

pub(crate) fn written(channel: &CustomChannel) -> AttributeValue {
    map([
        ("portal", Some(text(channel.portal.as_str()))),
        ("channel", Some(text(channel.channel.as_str()))),
        ("account", Some(text(channel.account.as_str()))),
        ("inbox", Some(text(channel.inbox.as_str()))),
    ])
}

pub(crate) fn of(item: &Item) -> Result<Option<CustomChannel>, StoreError> {
    let read = |found: Item| {
        Ok(CustomChannel {
            portal: found.parsed("portal")?,
            channel: found.parsed("channel")?,
            account: found.parsed("account")?,
            inbox: found.parsed("inbox")?,
        })
    };
    item.map_if("custom_channel")?.map(read).transpose()
}
