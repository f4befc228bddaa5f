//! Inboxes: where conversations come together.

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{InboxResponse, Page, PageResponse};
use domain::InboxId;

/// Where threads arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// As the portal calls it.
    pub name: String,
    /// A help desk: every thread has a ticket, and comments are notes on it.
    pub help_desk: bool,
}

impl Portal {
    /// The inbox, and whether it is a help desk.
    pub async fn inbox(&self, inbox: &InboxId) -> Result<Inbox, HubSpotError> {
        let path = self.versions().conversations().then("inboxes").then(inbox);
        self.fetch::<InboxResponse, _>(Ask::get("read an inbox", path)).await
    }

    /// All inboxes.
    pub async fn inboxes(&self) -> Result<Vec<Inbox>, HubSpotError> {
        let path = self.versions().conversations().then("inboxes").with("limit", 500);
        let page: Page<Inbox> =
            self.fetch::<PageResponse<InboxResponse>, _>(Ask::get("list the inboxes", path)).await?;
        Ok(page.items)
    }
}
