//! The credential of one portal, and how it is sealed as a whole.

use crate::table::{Item, Keyring, Secret, StoreError, text, words};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{AppId, OrgId, PortalId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How the bridge proves itself to HubSpot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// The token of a private app (legacy).
    PrivateApp,
    /// Tokens of our public app.
    OAuth,
}

words! {
    Auth { PrivateApp = "private_app", OAuth = "oauth" }
}

/// The credential of one portal.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The kind of the token.
    pub auth: Auth,
    /// The portal it opens.
    pub portal: PortalId,
    /// The app it belongs to.
    pub app: AppId,
    /// The token.
    pub access_token: Secret<String>,
    /// The refresh token of OAuth.
    pub refresh_token: Option<Secret<String>>,
    /// When the token ends.
    pub expires_at: Option<Timestamp>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The portal's domain.
    pub portal_name: Option<String>,
}

/// A credential as it is sealed.
#[derive(Serialize, Deserialize)]
struct CredentialItem {
    oauth: bool,
    portal: PortalId,
    app: AppId,
    access_token: String,
    refresh_token: Option<String>,
    expires_at: Option<Timestamp>,
    scopes: Vec<String>,
    portal_name: Option<String>,
}

pub(crate) fn sealed(
    keyring: &Keyring,
    org: &OrgId,
    field: &str,
    credential: &Credential,
) -> Result<AttributeValue, StoreError> {
    let item = CredentialItem {
        oauth: credential.auth == Auth::OAuth,
        portal: credential.portal.clone(),
        app: credential.app.clone(),
        access_token: credential.access_token.expose().clone(),
        refresh_token: credential.refresh_token.as_ref().map(|token| token.expose().clone()),
        expires_at: credential.expires_at,
        scopes: credential.scopes.clone(),
        portal_name: credential.portal_name.clone(),
    };
    // Texts and times: writing them as JSON cannot fail.
    let json = serde_json::to_string(&item).unwrap_or_default();
    Ok(text(keyring.seal(org, field, &json)?))
}

pub(crate) fn opened(
    item: &Item,
    org: &OrgId,
    keyring: &Keyring,
    field: &str,
) -> Result<Option<Credential>, StoreError> {
    let Some(sealed) = item.text_if(field)? else { return Ok(None) };
    let json = keyring.open(org, field, sealed)?;
    let read: CredentialItem =
        serde_json::from_str(json.expose()).map_err(|_| item.corrupt(format!("`{field}` holds no credential")))?;
    Ok(Some(Credential {
        auth: if read.oauth { Auth::OAuth } else { Auth::PrivateApp },
        portal: read.portal,
        app: read.app,
        access_token: Secret::new(read.access_token),
        refresh_token: read.refresh_token.map(Secret::new),
        expires_at: read.expires_at,
        scopes: read.scopes,
        portal_name: read.portal_name,
    }))
}
