//! HubSpot's consent: begun by an admin, bound to the browser, used once.

use crate::Desk;
use crate::connecting::establish::{ConnectError, ConnectRequest, Established, PATIENCE, establish};
use domain::OrgId;
use flows::Bridge;
use hubspot::{AccessToken, OAuthError};
use jiff::SignedDuration;
use store::{Auth, Credential, OAuthState, Secret};

/// What HubSpot sends the browser back with.
pub struct Callback<'a> {
    /// The state of the consent.
    pub state: &'a str,
    /// The hash of the cookie this browser has.
    pub browser: &'a str,
    /// The code, where the admin consented.
    pub code: Option<&'a str>,
    /// HubSpot's error and its description, where the admin did not.
    pub error: Option<(&'a str, &'a str)>,
    /// Unguessable: the id of a confirmation, where one is needed.
    pub secret: &'a str,
}

/// What became of a consent.
#[derive(Debug)]
pub enum Consented {
    /// The admin agreed, and HubSpot gave a credential.
    Established(Established),
    /// The admin did not agree.
    Cancelled,
    /// HubSpot lets only super admins and people with Marketplace rights install apps.
    NotAdmin,
    /// The state is unknown, was used, or is older than ten minutes.
    ExpiredState,
    /// The consent was begun in another browser.
    WrongBrowser,
    /// HubSpot's code was used, or is older than about a minute.
    CodeExpired,
}

/// The URL of HubSpot's consent page. `state` is unguessable, `browser` the hash of the cookie that goes with it.
pub async fn start_oauth(bridge: &Bridge, state: &str, begun: &OAuthState) -> Result<String, ConnectError> {
    let app = bridge.app.as_ref().ok_or(ConnectError::NoOAuth)?;
    bridge.store.begin_oauth(state, begun, bridge.clock.now()).await?;
    Ok(app.authorize_url(state))
}

/// Takes HubSpot's answer to a consent.
pub async fn finish_oauth(bridge: &Desk<'_>, callback: &Callback<'_>) -> Result<Consented, ConnectError> {
    let now = bridge.clock.now();
    let Some(begun) = bridge.store.use_oauth(callback.state, now).await? else { return Ok(Consented::ExpiredState) };
    if begun.browser != callback.browser {
        return Ok(Consented::WrongBrowser);
    }
    if let Some((error, description)) = callback.error {
        return Ok(refused(error, description));
    }
    let Some(code) = callback.code else { return Ok(Consented::Cancelled) };
    let credential = match exchange(bridge, code).await {
        Ok(credential) => credential,
        Err(ConnectError::OAuth(OAuthError::BadAuthCode)) => return Ok(Consented::CodeExpired),
        Err(error) => return Err(error),
    };
    let (org, actor, secret) = (&begun.org, &*begun.actor, callback.secret);
    let request = ConnectRequest { org, actor, secret, opencx_api_key: None, confirmed: false };
    establish(bridge, &request, &credential).await.map(Consented::Established)
}

/// Connects the other portal that waited for this confirmation.
pub async fn confirm_portal(bridge: &Desk<'_>, org: &OrgId, id: &str, actor: &str) -> Result<(), ConnectError> {
    let credential = bridge.store.take_pending(org, id, bridge.clock.now()).await?.ok_or(ConnectError::Unconfirmed)?;
    let request = ConnectRequest { org, actor, secret: id, opencx_api_key: None, confirmed: true };
    establish(bridge, &request, &credential).await.map(drop)
}

async fn exchange(bridge: &Bridge, code: &str) -> Result<Credential, ConnectError> {
    let app = bridge.app.as_ref().ok_or(ConnectError::NoOAuth)?;
    let until = bridge.clock.now() + PATIENCE;
    let tokens = bridge.hubspot.exchange(app, code, until).await?;
    let received = bridge.clock.now();
    let token = AccessToken::new(tokens.access_token.clone());
    let opens = bridge.hubspot.introspect(app, &token, until).await?;
    Ok(Credential {
        auth: Auth::OAuth,
        portal: opens.portal,
        app: opens.app,
        access_token: Secret::new(tokens.access_token),
        refresh_token: Some(Secret::new(tokens.refresh_token)),
        expires_at: Some(received + SignedDuration::from_secs(tokens.expires_in_s)),
        scopes: opens.scopes,
        portal_name: opens.portal_name,
    })
}

/// Only HubSpot's prose tells that somebody may not install apps.
fn refused(error: &str, description: &str) -> Consented {
    let said = format!("{error} {description}").to_lowercase();
    if ["permission", "super admin", "not authorized"].iter().any(|word| said.contains(word)) {
        Consented::NotAdmin
    } else {
        Consented::Cancelled
    }
}
