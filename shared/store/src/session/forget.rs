//! Removes everything that is held of a person's conversation, for good.

use crate::session::objects::owned_by;
use crate::session::state::Session;
use crate::table::keys::{BY_OBJECT, story_of_session, story_of_thread, story_of_ticket};
use crate::table::{Key, Store, StoreError, Write, read_all};
use crate::work::terms::Work;
use domain::{OrgId, PortalId, ThreadId};

impl Store {
    /// Removes a session, its links, and all that was recorded about it, its thread and its ticket. Only `kept` stays: the
    /// work that does it. The answer is how many rows went. A second call removes what came meanwhile.
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
        let mut links = vec![Key::session(org, id)];
        if let Some(portal) = portal {
            links.extend(session.thread.as_ref().map(|thread| Key::thread(portal, thread)));
            links.extend(session.ticket.as_ref().map(|ticket| Key::ticket(portal, ticket)));
            links.extend(session.contact.as_ref().map(|contact| Key::of_contact(portal, contact, org, id)));
        }
        for link in links {
            self.write("forget a session", owned_by(Write::delete(link), org, id)).await?;
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

    async fn forget_story(&self, story: &str, kept: &Work) -> Result<u32, StoreError> {
        let query = self.query(Some(BY_OBJECT), "gsi2pk = :story", [(":story", story)]);
        let mut removed = 0;
        for entry in read_all("list what is to be forgotten", query).await? {
            let Some(key) = Key::of(&entry).filter(|key| *key != kept.key()) else { continue };
            match Work::of_key(&key) {
                Some(Work::Delivery { key, .. }) if key.tells_of_deletion() => continue,
                Some(work) => self.end_delivery_check(&work).await?,
                None => {}
            }
            self.write("forget a row", Write::delete(key).in_any_case()).await?;
            removed += 1;
        }
        Ok(removed)
    }
}
