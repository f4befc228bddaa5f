//! Owners: tickets and notes are assigned to them. An owner id is not the user id in `A-<user id>`.
//!
//! See <https://developers.hubspot.com/docs/api/crm/owners>.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::wire::joined;
use domain::OwnerId;
use serde::Deserialize;
use transport::json::{JsonCall, Loose, WireError};
use transport::{Path, debug_only};

/// The owner record of a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// The value for `hubspot_owner_id`.
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

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct OwnerResponse {
    id: Loose,
    user_id: Loose,
    user_id_including_inactive: Loose,
    email: Loose,
    first_name: Loose,
    last_name: Loose,
    archived: Loose,
}

impl TryFrom<OwnerResponse> for Owner {
    type Error = WireError;

    fn try_from(wire: OwnerResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            // Archived owners have no `userId` any more.
            user_id: wire.user_id.filled().or(wire.user_id_including_inactive.filled()),
            email: wire.email.filled(),
            name: joined(wire.first_name.filled(), wire.last_name.filled()),
            archived: wire.archived.is("true"),
        })
    }
}

impl Portal {
    fn owners_path(&self) -> Path {
        Path::new(self.versions().owners)
    }

    /// The owner record of the user in `A-<user_id>`.
    pub async fn owner_of_user(&self, user_id: &str) -> Result<Option<Owner>, HubSpotError> {
        let path = self.owners_path().then(user_id).with("idProperty", "userId");
        self.find::<OwnerResponse, _>(JsonCall::get("read a user's owner record", path)).await
    }

    /// Whether the user in `A-<user_id>` was there once and is deactivated or removed.
    pub async fn is_former_user(&self, user_id: &str) -> Result<bool, HubSpotError> {
        let path = self.owners_path().then(user_id).with("idProperty", "userId").with("archived", true);
        let found = self.find::<OwnerResponse, Owner>(JsonCall::get("read a former user's owner record", path)).await?;
        Ok(found.is_some())
    }

    /// The owner record with this id.
    pub async fn owner(&self, owner: &OwnerId) -> Result<Option<Owner>, HubSpotError> {
        let path = self.owners_path().then(owner).with("idProperty", "id");
        self.find::<OwnerResponse, _>(JsonCall::get("read an owner", path)).await
    }

    /// The portal's active owners, at most 500.
    pub async fn owners(&self) -> Result<Vec<Owner>, HubSpotError> {
        let path = self.owners_path().with("limit", 500);
        self.list::<OwnerResponse, _>(JsonCall::get("list the owners", path)).await
    }

    /// All owners, or those that are gone where `archived`. At most 2,000: nobody chooses from a longer list.
    pub async fn every_owner(&self, archived: bool) -> Result<Vec<Owner>, HubSpotError> {
        let path = self.owners_path().with("limit", 100).with("archived", archived);
        self.pages::<OwnerResponse, _>("list the owners", path, 20).await
    }

    /// The owner record with this address.
    pub async fn owner_by_email(&self, email: &str) -> Result<Option<Owner>, HubSpotError> {
        let path = self.owners_path().with("email", email.trim()).with("limit", 10);
        let found: Vec<Owner> = self.list::<OwnerResponse, _>(JsonCall::get("read an owner by e-mail", path)).await?;
        let same = |owner: &Owner| owner.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email.trim()));
        Ok(found.into_iter().find(same))
    }
}
