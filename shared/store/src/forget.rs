//! Everything that is held of a person's conversation, removed for good.

use crate::item::text;
use crate::keys::{BY_OBJECT, Key, story_of_session, story_of_thread, story_of_ticket};
use crate::log::key_of;
use crate::write::Write;
use crate::{Session, Store, StoreError, Work};
use domain::{ContactId, OrgId, PortalId, SessionId, ThreadId};

impl Store {
    /// Removes a session, its links, and all that was recorded about it, its thread and its ticket; except `kept`, the work
    /// that does it. The answer is how many rows went. Doing it again removes what came meanwhile.
    pub async fn forget_session(&self, session: &Session, kept: &Work) -> Result<u32, StoreError> {
        let (org, id) = (&session.org, &session.id);
        let portal = session.portal.as_ref();
        let mut stories = vec![story_of_session(org, id)];
        stories.extend(portal.zip(session.thread.as_ref()).map(|(p, thread)| story_of_thread(org, p, thread)));
        stories.extend(session.ticket.as_ref().map(|ticket| story_of_ticket(org, ticket)));
        let mut removed = 0;
        for story in stories {
            removed += self.forget_story(&story, kept).await?;
        }
        let of_session = |key: Key| {
            Write::delete(key)
                .only_if("#org = :org AND #session = :session")
                .with("org", text(org.as_str()))
                .with("session", text(id.as_str()))
        };
        let mut links = vec![Key::session(org, id)];
        if let Some(portal) = portal {
            links.extend(session.thread.as_ref().map(|thread| Key::thread(portal, thread)));
            links.extend(session.ticket.as_ref().map(|ticket| Key::ticket(portal, ticket)));
            links.extend(session.contact.as_ref().map(|contact| Key::of_contact(portal, contact, org, id)));
        }
        for link in links {
            self.transact("forget a session", vec![of_session(link)]).await?;
        }
        Ok(removed)
    }

    /// Removes all that was recorded about a thread that may have no session.
    pub async fn forget_thread(
        &self,
        org: &OrgId,
        portal: &PortalId,
        thread: &ThreadId,
        kept: &Work,
    ) -> Result<u32, StoreError> {
        let removed = self.forget_story(&story_of_thread(org, portal, thread), kept).await?;
        self.unlink_thread(portal, thread).await?;
        Ok(removed)
    }

    /// Removes a contact's link to a session that is gone.
    pub async fn unlink_contact(
        &self,
        org: &OrgId,
        session: &SessionId,
        portal: &PortalId,
        contact: &ContactId,
    ) -> Result<(), StoreError> {
        let key = Key::of_contact(portal, contact, org, session);
        self.transact("unlink a contact", vec![Write::delete(key).in_any_case()]).await.map(|_| ())
    }

    async fn forget_story(&self, story: &str, kept: &Work) -> Result<u32, StoreError> {
        let query = self.client.query().table_name(&*self.table).index_name(BY_OBJECT);
        let query =
            query.key_condition_expression("gsi2pk = :story").expression_attribute_values(":story", text(story));
        let mut entries = query.into_paginator().items().send();
        let mut removed = 0;
        let kept = Key::work(kept);
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| StoreError::of_sdk("list what is to be forgotten", &error))?;
            let Some(key) = key_of(&entry).filter(|key| *key != kept) else { continue };
            match key.read_work() {
                Some(Work::Delivery { key, .. }) if key.tells_of_deletion() => continue,
                Some(work) => self.unwatch(&work).await?,
                None => {}
            }
            self.transact("forget a row", vec![Write::delete(key).in_any_case()]).await?;
            removed += 1;
        }
        Ok(removed)
    }
}
