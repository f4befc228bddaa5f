//! OAuth: consent and tokens. See <https://developers.hubspot.com/docs/api/oauth/tokens>.

use crate::AccessToken;
use crate::client::HubSpot;
use crate::error::HubSpotError;
use domain::{AppId, ChannelId, PortalId};
use jiff::Timestamp;
use serde::Deserialize;
use transport::json::{JsonCall, Loose, WireError};
use transport::{Path, debug_only};
use url::form_urlencoded::Serializer;

/// Our app as HubSpot knows it.
#[derive(Clone)]
pub struct OAuthApp {
    /// Names it.
    pub client_id: String,
    /// Proves it.
    pub client_secret: String,
    /// HubSpot sends the admin there after the consent.
    pub redirect_uri: String,
    /// People consent there: `https://app.hubspot.com`, or where a simulator listens.
    pub app_url: String,
    /// The custom channel that was registered for it, if one was.
    pub custom_channel: Option<ChannelId>,
}

debug_only!(OAuthApp { client_id });

/// HubSpot's answer to a code or a refresh token.
#[derive(Clone)]
pub struct TokenGrant {
    /// Opens the portal, for `expires_in_s`.
    pub access_token: String,
    /// The token for the next refresh; often the one before.
    pub refresh_token: String,
    /// Seconds from now.
    pub expires_in_s: i64,
}

debug_only!(TokenGrant { expires_in_s });

/// The portal and the rights that a token opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Introspection {
    /// The portal.
    pub portal: PortalId,
    /// The app it was issued to.
    pub app: AppId,
    /// The portal's domain.
    pub portal_name: Option<String>,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
}

debug_only!(Introspection { portal, app, scopes });

/// HubSpot gave no token. Only [`OAuthError::BadRefreshToken`] says that a grant is over.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OAuthError {
    /// The refresh token is invalid, expired or revoked.
    #[error("HubSpot's refresh token is invalid, expired or revoked")]
    BadRefreshToken,
    /// The code is unknown, used, or older than a minute or so.
    #[error("HubSpot's code is unknown, used or expired")]
    BadAuthCode,
    /// The deployment's client id or secret is wrong.
    #[error("HubSpot does not know the app: the client id or secret is wrong")]
    BadClient,
    /// The redirect URI is not the app's.
    #[error("HubSpot refused the redirect URI: it is not the app's")]
    BadRedirectUri,
    /// The token is not active: revoked, or the app was uninstalled.
    #[error("HubSpot's token is not active")]
    Inactive,
    /// Anything else; says nothing about the grant.
    #[error(transparent)]
    Call(#[from] HubSpotError),
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    refresh_token: String,
    expires_in: i64,
}

impl TryFrom<TokenResponse> for TokenGrant {
    type Error = WireError;

    fn try_from(wire: TokenResponse) -> Result<Self, WireError> {
        if wire.access_token.is_empty() || wire.refresh_token.is_empty() {
            return Err(WireError::missing("access_token"));
        }
        let TokenResponse { access_token, refresh_token, expires_in } = wire;
        Ok(Self { access_token, refresh_token, expires_in_s: expires_in })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct IntrospectionResponse {
    active: bool,
    hub_id: Loose,
    app_id: Loose,
    hub_domain: Option<String>,
    scopes: Vec<String>,
}

impl TryFrom<IntrospectionResponse> for Option<Introspection> {
    type Error = WireError;

    fn try_from(wire: IntrospectionResponse) -> Result<Self, WireError> {
        if !wire.active {
            return Ok(None);
        }
        Ok(Some(Introspection {
            portal: wire.hub_id.required("hub_id")?,
            app: wire.app_id.required("app_id")?,
            portal_name: wire.hub_domain,
            scopes: wire.scopes,
        }))
    }
}

impl OAuthApp {
    /// The page on which the admin consents. The split into required and optional scopes must be the app's own, else HubSpot refuses.
    pub fn authorize_url(&self, state: &str) -> String {
        let join = |scopes: &mut dyn Iterator<Item = &str>| scopes.collect::<Vec<_>>().join(" ");
        let required = join(&mut domain::REQUIRED_SCOPES.into_iter());
        let optional = join(&mut domain::OPTIONAL_SCOPES.into_iter().map(|(scope, _)| scope));
        let path = Path::new(self.app_url.trim_end_matches('/')).then("oauth").then("authorize");
        let path = path.with("client_id", &self.client_id).with("redirect_uri", &self.redirect_uri);
        path.with("scope", required).with("optional_scope", optional).with("state", state).to_string()
    }
}

impl HubSpot {
    /// The tokens for a code that a consent brought. A code works once.
    pub async fn exchange(&self, app: &OAuthApp, code: &str, until: Timestamp) -> Result<TokenGrant, OAuthError> {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &app.redirect_uri)];
        let call = self.form("exchange a code", "", app, &fields).once();
        self.fetch::<TokenResponse, _>(call, until).await.map_err(named)
    }

    /// New tokens for a refresh token. Not sent again by the client: HubSpot may rotate refresh tokens.
    pub async fn refresh(&self, app: &OAuthApp, token: &str, until: Timestamp) -> Result<TokenGrant, OAuthError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let call = self.form("refresh a token", "", app, &fields).once();
        self.fetch::<TokenResponse, _>(call, until).await.map_err(named)
    }

    /// Portal, app and scopes of an access token.
    pub async fn introspect(
        &self,
        app: &OAuthApp,
        token: &AccessToken,
        until: Timestamp,
    ) -> Result<Introspection, OAuthError> {
        let fields = [("token", token.expose()), ("token_type_hint", "access_token")];
        let call = self.form("introspect a token", "introspect", app, &fields);
        let found = self.fetch::<IntrospectionResponse, Option<Introspection>>(call, until).await.map_err(named)?;
        found.ok_or(OAuthError::Inactive)
    }

    /// Ends a refresh token. The app stays installed.
    pub async fn revoke(&self, app: &OAuthApp, refresh_token: &str, until: Timestamp) -> Result<(), OAuthError> {
        let fields = [("token", refresh_token), ("token_type_hint", "refresh_token")];
        let call = self.form("revoke a token", "revoke", app, &fields);
        self.send(&call, until).await.map(drop).map_err(named)
    }

    /// A form to the token's address, or to `below` it. From v3 on the app's credentials go into the body.
    fn form(&self, what: &'static str, below: &str, app: &OAuthApp, fields: &[(&str, &str)]) -> JsonCall {
        let path = Path::new(self.versions().oauth).then("token");
        let path = if below.is_empty() { path } else { path.then(below) };
        let mut form = Serializer::new(String::new());
        form.extend_pairs(fields).append_pair("client_id", &app.client_id);
        form.append_pair("client_secret", &app.client_secret);
        JsonCall::post_raw(what, path, "application/x-www-form-urlencoded", form.finish().into())
    }
}

/// HubSpot's own status, in all versions; where it is missing, RFC 6749's error.
fn named(error: HubSpotError) -> OAuthError {
    let HubSpotError::Rejected { category: Some(code), .. } = &error else { return error.into() };
    match code.as_str() {
        "BAD_REFRESH_TOKEN" => OAuthError::BadRefreshToken,
        "BAD_AUTH_CODE" => OAuthError::BadAuthCode,
        "BAD_CLIENT_ID" | "BAD_CLIENT_SECRET" | "invalid_client" => OAuthError::BadClient,
        "BAD_REDIRECT_URI" => OAuthError::BadRedirectUri,
        _ => error.into(),
    }
}
