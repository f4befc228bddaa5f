//! What an admin reads when connecting does not work.

use crate::problem::Problem;
use hubspot::{HubSpotError, OAuthError};
use lambda_http::http::StatusCode;
use operations::{ConnectError, CustomChannelError};

/// The problem document for a form.
pub(crate) fn problem(error: &ConnectError) -> Problem {
    let field = |field, detail: &str| Problem::field(field, detail);
    match error {
        ConnectError::NotAToken => field("access_token", "not a private app token: it starts with pat-"),
        ConnectError::TokenRefused => field("access_token", "HubSpot does not accept the token"),
        ConnectError::MissingScopes(scopes) => {
            field("access_token", &words(error)).with("missing_scopes", scopes.clone())
        }
        ConnectError::NotAUser => field("default_user_id", "not a HubSpot user: write A-123 or 123"),
        ConnectError::UnknownUser => field("default_user_id", "the portal has no active user with this id"),
        ConnectError::OAuthOnly => Problem::new(StatusCode::FORBIDDEN, words(error)),
        ConnectError::PortalTaken | ConnectError::NothingKept | ConnectError::Unconfirmed | ConnectError::NoOAuth => {
            Problem::new(StatusCode::CONFLICT, words(error))
        }
        ConnectError::NotConnected => Problem::new(StatusCode::NOT_FOUND, words(error)),
        ConnectError::HubSpot(_) | ConnectError::OAuth(_) => {
            tracing::warn!(%error, "connecting did not work");
            Problem::new(StatusCode::BAD_GATEWAY, words(error))
        }
        ConnectError::Store(error) => Problem::internal("save the connection", error),
    }
}

/// The error codes of the OAuth callback.
pub(crate) fn code(error: &ConnectError) -> &'static str {
    match error {
        ConnectError::PortalTaken => "portal_taken",
        ConnectError::MissingScopes(_) => "missing_scopes",
        _ => "hubspot_unavailable",
    }
}

/// The same in words.
pub(crate) fn words(error: &ConnectError) -> String {
    match error {
        ConnectError::MissingScopes(scopes) => format!("missing scopes: {}", scopes.join(", ")),
        ConnectError::PortalTaken => {
            "this HubSpot portal is connected to another organization; disconnect it there first".to_owned()
        }
        ConnectError::OAuthOnly => "this organization connects by OAuth only".to_owned(),
        ConnectError::NoOAuth => "this deployment has no HubSpot app, so there is no OAuth".to_owned(),
        ConnectError::NothingKept => "there is no former connection to go back to".to_owned(),
        ConnectError::Unconfirmed => "the confirmation was used or is older than 10 minutes; connect again".to_owned(),
        ConnectError::NotConnected => "there is no connection of this organization".to_owned(),
        ConnectError::OAuth(OAuthError::BadClient) => {
            "HubSpot does not know this deployment's app: its client id or secret is wrong".to_owned()
        }
        ConnectError::OAuth(OAuthError::BadRedirectUri) => {
            "the redirect URL is not one of those in the HubSpot app's configuration".to_owned()
        }
        ConnectError::HubSpot(HubSpotError::MissingScopes(scopes)) => format!("missing scopes: {}", scopes.join(", ")),
        ConnectError::Store(_) => "the connection could not be saved; try again".to_owned(),
        _ => "HubSpot could not be reached or asked to wait; try again in a minute".to_owned(),
    }
}

/// Why OpenCX's own channels cannot come into HubSpot.
pub(crate) fn of_custom_channels(error: &CustomChannelError) -> Problem {
    let refused = |detail: &str| Problem::field("custom_channels", detail);
    match error {
        CustomChannelError::NotConnected => refused("connect HubSpot first"),
        CustomChannelError::LegacyConnection => {
            refused("HubSpot lets private apps use no custom channels: connect with OAuth first")
        }
        CustomChannelError::NoChannel => refused(
            "the operator of this deployment has registered no custom channel for its HubSpot app (DEPLOY.md says how)",
        ),
        CustomChannelError::MissingScopes(scopes) => refused(&format!(
            "missing scopes: {}; reconnect as a super admin of a portal whose plan has custom channels",
            scopes.join(", ")
        ))
        .with("missing_scopes", scopes.clone()),
        CustomChannelError::NotInPlan => refused(
            "HubSpot does not allow custom channels in this portal: they need Sales or Service Hub Professional or above",
        ),
        CustomChannelError::UnknownChannel => {
            refused("HubSpot does not know this deployment's custom channel: the operator has to register it again")
        }
        CustomChannelError::NoInbox => Problem::field("custom_channels_inbox", "the portal has no such inbox"),
        CustomChannelError::HubSpot(error) => {
            tracing::warn!(%error, "OpenCX's channels did not come into HubSpot");
            Problem::new(
                StatusCode::BAD_GATEWAY,
                "HubSpot could not be reached or asked to wait; try again in a minute",
            )
        }
        CustomChannelError::Store(error) => Problem::internal("save the channel's account", error),
    }
}
