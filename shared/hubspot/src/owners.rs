//! Owners: what tickets and notes are assigned to. An owner id is not the user id in `A-<user id>` (facts on owners).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{OwnerResponse, Page, PageResponse};
use domain::OwnerId;

/// The owner record of a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// What `hubspot_owner_id` takes.
    pub id: OwnerId,
    /// The number in `A-<user id>`.
    pub user_id: Option<String>,
    /// The user's address.
    pub email: Option<String>,
    /// First and last name together.
    pub name: Option<String>,
    /// The user is gone; nothing can be assigned any more.
    pub archived: bool,
}

debug_only!(Owner { id, user_id, archived });

impl Portal {
    /// The owner record of the user in `A-<user_id>`.
    pub async fn owner_of_user(&self, user_id: &str) -> Result<Option<Owner>, HubSpotError> {
        let path = self.versions().owners().then(user_id).with("idProperty", "userId");
        self.find::<OwnerResponse, _>(Ask::get("read a user's owner record", path)).await
    }

    /// Whether the user in `A-<user_id>` was there once and is deactivated or removed.
    pub async fn is_former_user(&self, user_id: &str) -> Result<bool, HubSpotError> {
        let path = self.versions().owners().then(user_id).with("idProperty", "userId").with("archived", true);
        let found = self.find::<OwnerResponse, Owner>(Ask::get("read a former user's owner record", path)).await?;
        Ok(found.is_some())
    }

    /// The owner record with this id.
    pub async fn owner(&self, owner: &OwnerId) -> Result<Option<Owner>, HubSpotError> {
        let path = self.versions().owners().then(owner).with("idProperty", "id");
        self.find::<OwnerResponse, _>(Ask::get("read an owner", path)).await
    }

    /// The portal's active owners, at most 500.
    pub async fn owners(&self) -> Result<Vec<Owner>, HubSpotError> {
        let path = self.versions().owners().with("limit", 500);
        let page: Page<Owner> = self.fetch::<PageResponse<OwnerResponse>, _>(Ask::get("list the owners", path)).await?;
        Ok(page.items)
    }

    /// All owners, those that are gone where `archived`. At most 2,000: nobody chooses from a longer list.
    pub async fn every_owner(&self, archived: bool) -> Result<Vec<Owner>, HubSpotError> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        for _ in 0..20 {
            let path = self.versions().owners().with("limit", 100).with("archived", archived);
            let path = after.iter().fold(path, |path, after| path.with("after", after));
            let page: Page<Owner> =
                self.fetch::<PageResponse<OwnerResponse>, _>(Ask::get("list the owners", path)).await?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// The owner record with this address.
    pub async fn owner_by_email(&self, email: &str) -> Result<Option<Owner>, HubSpotError> {
        let path = self.versions().owners().with("email", email.trim()).with("limit", 10);
        let page: Page<Owner> =
            self.fetch::<PageResponse<OwnerResponse>, _>(Ask::get("read an owner by e-mail", path)).await?;
        let same = |owner: &Owner| owner.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email.trim()));
        Ok(page.items.into_iter().find(same))
    }
}
