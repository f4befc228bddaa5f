//! OAuth: consent without a page, tokens, introspection, revocation. <https://developers.hubspot.com/docs/api/oauth/tokens>

use crate::hubspot::error::{bad_json, error, fields_missing, no_route};
use crate::hubspot::identity::{ACCESS_TOKEN, AI_USER, APP_ID, CLIENT_ID, PORTAL_ID};
use crate::hubspot::state::{Access, Account, Code, REQUIRED, State, TokenState};
use crate::wire::{Answer, Ask, Outcome, iso, text};
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LIFE: SignedDuration = SignedDuration::from_mins(30);

/// `GET /oauth/authorize`: the admin answers at once, as the controls say.
pub(crate) fn authorize(state: &mut State, ask: &Ask) -> Outcome {
    let redirect = ask.query("redirect_uri").ok_or_else(|| refused("BAD_REDIRECT_URI", "missing redirect URI"))?;
    if ask.query("client_id") != Some(CLIENT_ID) {
        return Err(refused("BAD_CLIENT_ID", "missing or unknown client id"));
    }
    let mut scopes: Vec<&str> = ask.query("scope").unwrap_or_default().split(' ').collect();
    scopes.sort_unstable();
    if scopes != REQUIRED {
        return Err(refused("BAD_SCOPES", "the requested scopes are not those of the app's configuration"));
    }
    let query = match state.account.consent.answer.as_str() {
        "cancel" => "error=access_denied&error_description=The%20user%20denied%20access".to_owned(),
        "not_admin" => "error=access_denied&error_description=You%20need%20super%20admin%20permissions".to_owned(),
        _ => {
            let code = state.ids.uuid();
            let known = Code {
                redirect: redirect.to_owned(),
                portal: state.account.consent.portal,
                until: state.now + SignedDuration::from_mins(1),
            };
            state.account.codes.insert(code.clone(), known);
            format!("code={code}")
        }
    };
    let separator = if redirect.contains('?') { '&' } else { '?' };
    let given = ask.query("state").map(|s| format!("&state={}", utf8_percent_encode(s, NON_ALPHANUMERIC)));
    let to = format!("{redirect}{separator}{query}{}", given.unwrap_or_default());
    Ok(Answer::empty(302).with_header("location", to))
}

/// `POST /oauth/{version}/token[/introspect|/revoke]`. JSON is refused with 415.
pub(crate) fn token(state: &mut State, ask: &Ask, rest: &[&str]) -> Outcome {
    if !ask.header(http::header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
        return Err(error(415, "UNSUPPORTED_MEDIA_TYPE", "HTTP 415 Unsupported Media Type"));
    }
    let form: BTreeMap<String, String> = ask.form().into_iter().collect();
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("client_id") != Some(CLIENT_ID) {
        return Err(refused("BAD_CLIENT_ID", "missing or unknown client id"));
    }
    if field("client_secret") != Some(state.hook.secret()) {
        return Err(refused("BAD_CLIENT_SECRET", "missing or invalid client secret"));
    }
    match rest {
        [] => match field("grant_type") {
            Some("authorization_code") => {
                let code = field("code").unwrap_or_default();
                match state.account.codes.remove(code) {
                    Some(known) if field("redirect_uri") != Some(&known.redirect) => {
                        Err(refused("BAD_REDIRECT_URI", "missing or invalid redirect uri"))
                    }
                    Some(known) if known.until > state.now => Ok(issue(state, known.portal, None)),
                    _ => Err(refused("BAD_AUTH_CODE", "missing, unknown or expired auth code")),
                }
            }
            Some("refresh_token") => {
                let token = field("refresh_token").unwrap_or_default();
                match state.account.refresh.get(token).copied() {
                    Some(portal) if state.account.token != TokenState::Revoked => Ok(issue(state, portal, Some(token))),
                    _ => Err(bad_refresh()),
                }
            }
            _ => Err(refused("BAD_GRANT_TYPE", "missing or unknown grant type")),
        },
        ["introspect"] => Ok(introspect(state, field("token").unwrap_or_default())),
        ["revoke"] => {
            let token = field("token").unwrap_or_default();
            if state.account.refresh.remove(token).is_some() { Ok(Answer::empty(204)) } else { Err(bad_refresh()) }
        }
        _ => Err(no_route()),
    }
}

/// A refresh keeps the refresh token that is there already, unless the controls say otherwise.
fn issue(state: &mut State, portal: u64, used: Option<&str>) -> Answer {
    let access = format!("CIsim{}{}", state.ids.hex(), state.ids.hex());
    let account = &mut state.account;
    let refresh = match used {
        Some(used) if !account.consent.rotate => used.to_owned(),
        _ => format!("na1-{}", state.ids.uuid()),
    };
    if let Some(used) = used {
        account.refresh.remove(used);
    }
    account.refresh.insert(refresh.clone(), portal);
    account.access.insert(access.clone(), Access { portal, ends: state.now + LIFE });
    let scopes: Vec<&String> = account.scopes.iter().collect();
    Answer::ok(json!({
        "token_type": "bearer", "access_token": access, "refresh_token": refresh, "expires_in": LIFE.as_secs(),
        "hub_id": portal, "scopes": scopes, "user_id": AI_USER, "token_use": "access_token",
    }))
}

fn introspect(state: &State, token: &str) -> Answer {
    let Account { access, refresh, scopes, consent, .. } = &state.account;
    let ends = access.get(token).map(|access| access.ends).filter(|ends| *ends > state.now);
    let portal =
        access.get(token).filter(|_| ends.is_some()).map(|access| access.portal).or(refresh.get(token).copied());
    let Some(portal) = portal else { return Answer::ok(json!({ "active": false })) };
    let scopes: Vec<&String> = scopes.iter().collect();
    Answer::ok(json!({
        "active": true, "token_use": if ends.is_some() { "access_token" } else { "refresh_token" },
        "hub_id": portal, "app_id": consent.app, "user_id": AI_USER, "user": "admin@support.example",
        "hub_domain": "support.example", "client_id": CLIENT_ID, "is_private_distribution": false, "scopes": scopes,
        "expires_in": ends.map(|ends| ends.duration_since(state.now).as_secs()), "token": token,
        "expires_at": ends.map(|ends| Value::String(iso(ends))),
    }))
}

/// `POST /oauth/v2/private-apps/get/access-token-info`
pub(crate) fn token_info(state: &mut State, ask: &Ask) -> Outcome {
    let body = ask.json().map_err(|e| bad_json(&e.to_string()))?;
    let token = text(&body, "tokenKey").ok_or_else(|| fields_missing(&["tokenKey"]))?;
    if token.starts_with("pat-eu1") {
        state.account.authenticate(ask, state.now)?;
    }
    if token != ACCESS_TOKEN {
        return Err(error(404, "OBJECT_NOT_FOUND", "No private app token was found for the given key."));
    }
    state.account.check(token, state.now)?;
    let scopes: Vec<&String> = state.account.scopes.iter().collect();
    Ok(Answer::ok(json!({ "userId": AI_USER, "hubId": PORTAL_ID, "appId": APP_ID, "scopes": scopes })))
}

fn bad_refresh() -> Answer {
    let description = "refresh token is invalid, expired or revoked";
    Answer::new(
        400,
        json!({
            "error": "invalid_grant", "error_description": description, "status": "BAD_REFRESH_TOKEN",
            "message": description,
        }),
    )
}

fn refused(status: &str, message: &str) -> Answer {
    Answer::new(
        400,
        json!({ "status": status, "message": message, "error": "invalid_request", "error_description": message }),
    )
}
