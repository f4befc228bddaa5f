//! Why a use case was refused, as the problem that the admin reads.

use crate::problem::Problem;
use flows::{InvokeError, InvokeErrorKind, ReplayError};
use hubspot::{HubSpotError, OAuthError};
use lambda_http::http::StatusCode;
use operations::{ConnectError, CrmRefused, CustomChannelError, SignatureError};
use store::StoreError;

const UNREACHABLE: &str = "HubSpot could not be reached or asked to wait; try again in a minute";

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<InvokeError> for Problem {
    fn from(error: InvokeError) -> Self {
        match error.kind {
            // `InvokeError::invalid` puts the field in front.
            InvokeErrorKind::InvalidRequest => {
                let field = error.message.split(':').next().unwrap_or_default();
                Self::field(field, error.message.clone())
            }
            InvokeErrorKind::NotConnected => Self::not_found("connection of this organization"),
            _ => Self::new(StatusCode::BAD_GATEWAY, error.message),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound => Self::not_found("such delivery"),
            ReplayError::Running => Self::new(StatusCode::CONFLICT, "the delivery is being processed"),
            error => Self::internal(&error),
        }
    }
}

impl From<HubSpotError> for Problem {
    fn from(error: HubSpotError) -> Self {
        tracing::warn!(%error, "HubSpot was not read for the console");
        let conflict = |detail: &str| Self::new(StatusCode::CONFLICT, detail);
        match error {
            HubSpotError::MissingScopes(scopes) => conflict(&missing(&scopes)).with("missing_scopes", scopes),
            HubSpotError::Unauthorized { .. } => {
                conflict("HubSpot does not accept the connection's credentials; connect again")
            }
            _ => Self::new(StatusCode::BAD_GATEWAY, UNREACHABLE),
        }
    }
}

impl From<SignatureError> for Problem {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Pattern(error) => Self::field("pattern", error.to_string()),
            SignatureError::Empty | SignatureError::TooLong => Self::field("html", error.to_string()),
            SignatureError::Store(error) => error.into(),
        }
    }
}

impl From<CrmRefused> for Problem {
    fn from(refused: CrmRefused) -> Self {
        let text = refused.to_string();
        match refused {
            CrmRefused::Token => Self::field("access_token", text),
            CrmRefused::MissingScopes(scopes) => Self::field("access_token", text).with("missing_scopes", scopes),
            CrmRefused::NotConnected => Self::new(StatusCode::CONFLICT, text),
            CrmRefused::Unavailable => Self::new(StatusCode::BAD_GATEWAY, text),
        }
    }
}

impl From<CustomChannelError> for Problem {
    fn from(error: CustomChannelError) -> Self {
        let refused = Self::field("custom_channels", error.to_string());
        match error {
            CustomChannelError::MissingScopes(scopes) => refused.with("missing_scopes", scopes),
            CustomChannelError::NoInbox => Self::field("custom_channels_inbox", error.to_string()),
            CustomChannelError::HubSpot(error) => {
                tracing::warn!(%error, "OpenCX's channels are not shown in HubSpot");
                Self::new(StatusCode::BAD_GATEWAY, UNREACHABLE)
            }
            CustomChannelError::Store(error) => error.into(),
            _ => refused,
        }
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        use ConnectError as E;
        let text = words(&error);
        match error {
            E::NotAToken | E::TokenRefused => Self::field("access_token", text),
            E::MissingScopes(scopes) => Self::field("access_token", text).with("missing_scopes", scopes),
            E::NotAUser | E::UnknownUser => Self::field("default_user_id", text),
            E::OAuthOnly => Self::new(StatusCode::FORBIDDEN, text),
            E::PortalTaken | E::NothingKept | E::Unconfirmed | E::NoOAuth => Self::new(StatusCode::CONFLICT, text),
            E::NotConnected => Self::new(StatusCode::NOT_FOUND, text),
            E::HubSpot(_) | E::OAuth(_) => {
                tracing::warn!(%error, "connecting did not work");
                Self::new(StatusCode::BAD_GATEWAY, text)
            }
            E::Store(error) => error.into(),
        }
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

/// The error in words for the admin.
pub(crate) fn words(error: &ConnectError) -> String {
    let text = match error {
        ConnectError::OAuth(OAuthError::BadClient) => {
            "HubSpot does not know this deployment's app: its client id or secret is wrong"
        }
        ConnectError::OAuth(OAuthError::BadRedirectUri) => {
            "the redirect URL is not one of those in the HubSpot app's configuration"
        }
        ConnectError::HubSpot(HubSpotError::MissingScopes(scopes)) => return missing(scopes),
        ConnectError::HubSpot(_) | ConnectError::OAuth(_) => UNREACHABLE,
        ConnectError::Store(_) => "the connection could not be saved; try again",
        error => return error.to_string(),
    };
    text.to_owned()
}

fn missing(scopes: &[String]) -> String {
    format!("missing scopes: {}", scopes.join(", "))
}
