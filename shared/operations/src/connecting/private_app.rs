//! The legacy way: a private app's token, verified before anything is saved.

use crate::Desk;
use crate::connecting::establish::{ConnectError, ConnectRequest, Established, PATIENCE, establish, token_info};
use crate::settings::change_settings;
use domain::{ActorId, OrgId};
use hubspot::{AccessToken, HubSpotError, Portal};
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
    /// Unguessable. It is in the webhook URL of a new organization, and is the id of a confirmation.
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
    let &PrivateApp { org, actor, secret, opencx_api_key, .. } = app;
    let request = ConnectRequest { org, actor, secret, opencx_api_key, confirmed: false };
    let established = establish(bridge, &request, &credential).await?;
    if established != Established::Connected {
        // The user belongs to the other portal.
        return Ok(established);
    }
    // The form for private apps has one field for both.
    change_settings(bridge, app.org, |settings| {
        settings.ai_user = Some(user.clone());
        settings.default_user = Some(user.clone());
    })
    .await?;
    Ok(established)
}

/// The user has to exist. A token without the scope for owners cannot tell, and connects all the same.
async fn find_user(portal: &Portal, user: &ActorId) -> Result<(), ConnectError> {
    let Some(id) = user.user_id() else { return Err(ConnectError::NotAUser) };
    match portal.owner_of_user(id).await {
        Ok(Some(owner)) if !owner.archived => Ok(()),
        Ok(_) => Err(ConnectError::UnknownUser),
        Err(HubSpotError::MissingScopes(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
