//! Whose token it is (facts on OAuth and tokens, "Private-app token").

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{Loose, WireError};
use domain::{AppId, PortalId};
use serde::{Deserialize, Serialize};
use transport::Path;

/// What HubSpot says of a private app's token: the best connection test there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// The portal it opens.
    pub portal: PortalId,
    /// The app it belongs to.
    pub app: AppId,
    /// The id of the super admin who made the app, and with whose rights it stands.
    pub user: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenInfoRequest<'a> {
    token_key: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct TokenInfoResponse {
    hub_id: Loose,
    app_id: Loose,
    user_id: Loose,
    scopes: Vec<String>,
}

impl TryFrom<TokenInfoResponse> for TokenInfo {
    type Error = WireError;

    fn try_from(wire: TokenInfoResponse) -> Result<Self, WireError> {
        Ok(Self {
            portal: wire.hub_id.required("hubId")?,
            app: wire.app_id.required("appId")?,
            user: wire.user_id.filled(),
            scopes: wire.scopes,
        })
    }
}

/// What HubSpot says of the account itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalDetails {
    /// ISO 4217: what amounts without a currency are in.
    pub currency: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PortalDetailsResponse {
    company_currency: Loose,
}

impl TryFrom<PortalDetailsResponse> for PortalDetails {
    type Error = WireError;

    fn try_from(wire: PortalDetailsResponse) -> Result<Self, WireError> {
        Ok(Self { currency: wire.company_currency.filled() })
    }
}

impl Portal {
    /// The account's own settings.
    pub async fn details(&self) -> Result<PortalDetails, HubSpotError> {
        let path = self.versions().account().then("details");
        self.fetch::<PortalDetailsResponse, _>(Ask::get("read the account", path)).await
    }

    /// Portal, app and scopes of the token. It needs no scope itself, and has no dated version.
    pub async fn token_info(&self) -> Result<TokenInfo, HubSpotError> {
        let path = Path::new("/oauth/v2/private-apps/get/access-token-info");
        let token = self.source.current().await?;
        let body = TokenInfoRequest { token_key: token.expose() };
        self.fetch::<TokenInfoResponse, _>(Ask::post_repeatable("read the token's scopes", path, &body)).await
    }
}
