//! The owner of a token, and the account it opens.

use crate::client::Portal;
use crate::error::HubSpotError;
use domain::{AppId, PortalId};
use serde::Deserialize;
use serde_json::json;
use transport::Path;
use transport::json::{JsonCall, Loose, WireError};

/// A private app's token, described by HubSpot: the best connection test there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// The portal it opens.
    pub portal: PortalId,
    /// The app it belongs to.
    pub app: AppId,
    /// The id of the super admin who made the app. The token has this user's rights.
    pub user: Option<String>,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
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

/// The account's own settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalDetails {
    /// ISO 4217: the currency of amounts that name none.
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
        let path = Path::new(self.versions().account).then("details");
        self.fetch::<PortalDetailsResponse, _>(JsonCall::get("read the account", path)).await
    }

    /// Portal, app and scopes of the token. It needs no scope itself, and has no dated version.
    pub async fn token_info(&self) -> Result<TokenInfo, HubSpotError> {
        let path = Path::new("/oauth/v2/private-apps/get/access-token-info");
        let body = json!({"tokenKey": self.source.current().await?.expose()});
        self.fetch::<TokenInfoResponse, _>(JsonCall::post_repeatable("read the token's scopes", path, &body)).await
    }
}
