//! OAuth: consent, tokens, what a token opens (facts on OAuth and tokens).

use crate::AccessToken;
use crate::client::{Form, HubSpot};
use crate::error::HubSpotError;
use crate::wire::{Loose, WireError};
use domain::{AppId, ChannelId, PortalId};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::fmt;

/// What a value in a URL or form may not hold as it is (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Our app as HubSpot knows it.
#[derive(Clone)]
pub struct OAuthApp {
    /// Names it.
    pub client_id: String,
    /// Proves it.
    pub client_secret: String,
    /// Where HubSpot sends the admin after the consent.
    pub redirect_uri: String,
    /// Where people consent: `https://app.hubspot.com`, or where a simulator listens.
    pub app_url: String,
    /// The custom channel that was registered for it, if one was.
    pub custom_channel: Option<ChannelId>,
}

impl fmt::Debug for OAuthApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthApp").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What HubSpot gives for a code or a refresh token.
#[derive(Clone)]
pub struct TokenGrant {
    /// Opens the portal, for `expires_in_s`.
    pub access_token: String,
    /// What to refresh with next time; often the one before.
    pub refresh_token: String,
    /// Seconds from now.
    pub expires_in_s: i64,
}

impl fmt::Debug for TokenGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenGrant").field("expires_in_s", &self.expires_in_s).finish_non_exhaustive()
    }
}

/// What a token opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Introspection {
    /// The portal.
    pub portal: PortalId,
    /// The app it was issued to.
    pub app: AppId,
    /// The portal's domain.
    pub portal_name: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
}

debug_only!(Introspection { portal, app, scopes });

/// Why HubSpot gave no token. Only [`OAuthError::BadRefreshToken`] says that a grant is over.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OAuthError {
    /// The refresh token is invalid, expired or revoked.
    #[error("refresh HubSpot's token: it is invalid, expired or revoked")]
    BadRefreshToken,
    /// The code is unknown, used, or older than a minute or so.
    #[error("exchange HubSpot's code: it is unknown, used or expired")]
    BadAuthCode,
    /// The deployment's client id or secret is wrong.
    #[error("be known to HubSpot: the client id or secret is wrong")]
    BadClient,
    /// The redirect URI is not the app's.
    #[error("be sent back by HubSpot: the redirect URI is not the app's")]
    BadRedirectUri,
    /// The token is not active: revoked, or the app was uninstalled.
    #[error("use HubSpot's token: it is not active")]
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
            return Err(WireError { field: "access_token", problem: "it is empty" });
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
    /// Where the admin consents. The split into required and optional scopes must be the app's own, else HubSpot refuses.
    pub fn authorize_url(&self, state: &str) -> String {
        let join = |scopes: &mut dyn Iterator<Item = &str>| scopes.collect::<Vec<_>>().join(" ");
        let required = join(&mut domain::REQUIRED_SCOPES.into_iter());
        let optional = join(&mut domain::OPTIONAL_SCOPES.into_iter().map(|(scope, _)| scope));
        let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        format!(
            "{}/oauth/authorize?client_id={}&redirect_uri={}&scope={}&optional_scope={}&state={}",
            self.app_url.trim_end_matches('/'),
            encoded(&self.client_id),
            encoded(&self.redirect_uri),
            encoded(&required),
            encoded(&optional),
            encoded(state)
        )
    }
}

impl HubSpot {
    /// The tokens for a code that a consent brought. A code works once.
    pub async fn exchange(&self, app: &OAuthApp, code: &str, until: Timestamp) -> Result<TokenGrant, OAuthError> {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", app.redirect_uri.as_str())];
        let form = Form::once("exchange a code", self.versions().oauth().then("token"), credentials(app, &fields));
        self.form::<TokenResponse, _>(form, until).await.map_err(named)
    }

    /// New tokens for a refresh token. Never repeated by itself: HubSpot may rotate refresh tokens.
    pub async fn refresh(&self, app: &OAuthApp, token: &str, until: Timestamp) -> Result<TokenGrant, OAuthError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let form = Form::once("refresh a token", self.versions().oauth().then("token"), credentials(app, &fields));
        self.form::<TokenResponse, _>(form, until).await.map_err(named)
    }

    /// What an access token opens.
    pub async fn introspect(
        &self,
        app: &OAuthApp,
        token: &AccessToken,
        until: Timestamp,
    ) -> Result<Introspection, OAuthError> {
        let fields = [("token", token.expose()), ("token_type_hint", "access_token")];
        let path = self.versions().oauth().then("token").then("introspect");
        let form = Form::repeatable("read what a token opens", path, credentials(app, &fields));
        let found = self.form::<IntrospectionResponse, Option<Introspection>>(form, until).await.map_err(named)?;
        found.ok_or(OAuthError::Inactive)
    }

    /// Ends a refresh token. The app stays installed.
    pub async fn revoke(&self, app: &OAuthApp, refresh_token: &str, until: Timestamp) -> Result<(), OAuthError> {
        let fields = [("token", refresh_token), ("token_type_hint", "refresh_token")];
        let path = self.versions().oauth().then("token").then("revoke");
        let form = Form::repeatable("revoke a token", path, credentials(app, &fields));
        self.form_done(form, until).await.map_err(named)
    }
}

/// From v3 on everything goes into the body.
fn credentials(app: &OAuthApp, fields: &[(&str, &str)]) -> String {
    let own = [("client_id", app.client_id.as_str()), ("client_secret", app.client_secret.as_str())];
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let pairs = fields.iter().chain(&own).map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
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
