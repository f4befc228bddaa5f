//! The legacy way: a private app's token, verified before anything is saved.

use crate::Desk;
use crate::connecting::error::ConnectError;
use crate::connecting::establish::{Established, PATIENCE, Wish, establish};
use crate::settings::change_settings;
use domain::{ActorId, OrgId};
use hubspot::{AccessToken, HubSpotError, Portal, TokenInfo};
use store::{Auth, Credential, Secret};

/// What the form asks for.
pub struct PrivateApp<'a> {
    /// The organization.
    pub org: &'a OrgId,
    /// Who sent it: `owner`, `admin` or `cli`.
    pub actor: &'a str,
    /// The token.
    pub access_token: &'a str,
    /// The user the AI answers as and handoffs go to: `A-123` or `123`.
    pub default_user: &'a str,
    /// OpenCX's key, where it is given.
    pub opencx_api_key: Option<&'a Secret<String>>,
    /// Unguessable, for what this may have to remember.
    pub secret: &'a str,
}

/// Connects an organization with a private app's token.
pub async fn connect_private_app(bridge: &Desk<'_>, app: &PrivateApp<'_>) -> Result<Established, ConnectError> {
    let draft = bridge.store.draft(app.org, app.secret, bridge.clock.now()).await?;
    if draft.settings.oauth_only {
        return Err(ConnectError::OAuthOnly);
    }
    let token = app.access_token.trim();
    if !token.starts_with("pat-") || token.contains(char::is_whitespace) {
        return Err(ConnectError::NotAToken);
    }
    let Ok(user @ ActorId::Agent(_)) = ActorId::parse_user(app.default_user) else {
        return Err(ConnectError::NotAUser);
    };
    let portal = bridge.hubspot.portal(&AccessToken::new(token), bridge.clock.now() + PATIENCE);
    let info = token_info(&portal).await?;
    let missing = domain::missing_scopes(&info.scopes, false);
    if !missing.is_empty() {
        return Err(ConnectError::MissingScopes(missing));
    }
    find_user(&portal, &user).await?;
    let credential = Credential {
        auth: Auth::PrivateApp,
        portal: info.portal,
        app: info.app,
        access_token: Secret::new(token.to_owned()),
        refresh_token: None,
        expires_at: None,
        scopes: info.scopes,
        portal_name: None,
    };
    let wish = Wish {
        org: app.org,
        actor: app.actor,
        secret: app.secret,
        opencx_api_key: app.opencx_api_key,
        confirmed: false,
    };
    let established = establish(bridge, &wish, &credential).await?;
    if established != Established::Connected {
        // The user belongs to the other portal.
        return Ok(established);
    }
    // The one field of the legacy form fills both.
    change_settings(bridge, app.org, |settings| {
        settings.ai_user = Some(user.clone());
        settings.default_user = Some(user.clone());
    })
    .await?;
    Ok(established)
}

/// What HubSpot says of a private app's token.
pub(crate) async fn token_info(portal: &Portal) -> Result<TokenInfo, ConnectError> {
    match portal.token_info().await {
        Err(HubSpotError::NotFound | HubSpotError::Unauthorized { .. }) => Err(ConnectError::TokenRefused),
        info => Ok(info?),
    }
}

/// The user has to exist. Without the scope for owners nobody can tell, and that must not stop anybody.
async fn find_user(portal: &Portal, user: &ActorId) -> Result<(), ConnectError> {
    let Some(id) = user.user_id() else { return Err(ConnectError::NotAUser) };
    match portal.owner_of_user(id).await {
        Ok(Some(owner)) if !owner.archived => Ok(()),
        Ok(_) => Err(ConnectError::UnknownUser),
        Err(HubSpotError::MissingScopes(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
