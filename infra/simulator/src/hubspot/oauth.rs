//! OAuth (facts/hubspot.md sections 7.1 to 7.3): consent without a page, tokens, introspection, revocation.

use super::account::{Account, CLIENT_ID, TokenState};
use super::state::{AI_USER, APP_ID, PORTAL_ID, State};
use crate::wire::{Answer, Ask, Outcome, iso};
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LIFE: SignedDuration = SignedDuration::from_mins(30);

/// `GET /oauth/authorize`: the admin consents at once.
pub(crate) fn authorize(state: &mut State, ask: &Ask) -> Outcome {
    let redirect = ask.query("redirect_uri").ok_or_else(|| refused("BAD_REDIRECT_URI", "missing redirect URI"))?;
    if ask.query("client_id") != Some(CLIENT_ID) {
        return Err(refused("BAD_CLIENT_ID", "missing or unknown client id"));
    }
    let code = state.ids.uuid();
    let separator = if redirect.contains('?') { '&' } else { '?' };
    let given = ask.query("state").map(|s| format!("&state={}", utf8_percent_encode(s, NON_ALPHANUMERIC)));
    let to = format!("{redirect}{separator}code={code}{}", given.unwrap_or_default());
    state.account.codes.insert(code, redirect.to_owned());
    Ok(Answer::empty(302).with_header("location", to))
}

/// `POST /oauth/{version}/token[/introspect|/revoke]`. JSON is refused with 415.
pub(crate) fn token(state: &mut State, ask: &Ask, rest: &[&str]) -> Outcome {
    if !ask.header(http::header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
        return Err(super::error::error(415, "UNSUPPORTED_MEDIA_TYPE", "HTTP 415 Unsupported Media Type"));
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
                    None => Err(refused("BAD_AUTH_CODE", "missing or unknown auth code")),
                    Some(to) if field("redirect_uri") != Some(&to) => {
                        Err(refused("BAD_REDIRECT_URI", "missing or invalid redirect uri"))
                    }
                    Some(_) => Ok(issue(state)),
                }
            }
            Some("refresh_token") => {
                let known = state.account.refresh.contains(field("refresh_token").unwrap_or_default());
                if !known || state.account.token == TokenState::Revoked {
                    return Err(bad_refresh());
                }
                Ok(issue(state))
            }
            _ => Err(refused("BAD_GRANT_TYPE", "missing or unknown grant type")),
        },
        ["introspect"] => Ok(introspect(state, field("token").unwrap_or_default())),
        ["revoke"] => {
            let token = field("token").unwrap_or_default();
            if state.account.refresh.remove(token) { Ok(Answer::empty(204)) } else { Err(bad_refresh()) }
        }
        _ => Err(super::error::no_route()),
    }
}

/// A refresh keeps the refresh token that is there already.
fn issue(state: &mut State) -> Answer {
    let access = format!("CIsim{}{}", state.ids.hex(), state.ids.hex());
    let refresh = state.account.refresh.first().cloned().unwrap_or_else(|| format!("na1-{}", state.ids.uuid()));
    state.account.refresh.insert(refresh.clone());
    state.account.access.insert(access.clone(), state.now + LIFE);
    let scopes: Vec<&String> = state.account.scopes.iter().collect();
    Answer::ok(json!({
        "token_type": "bearer", "access_token": access, "refresh_token": refresh, "expires_in": LIFE.as_secs(),
        "hub_id": PORTAL_ID, "scopes": scopes, "user_id": AI_USER, "token_use": "access_token",
    }))
}

fn introspect(state: &State, token: &str) -> Answer {
    let Account { access, refresh, scopes, .. } = &state.account;
    let ends = access.get(token);
    let active = ends.is_some_and(|ends| *ends > state.now) || refresh.contains(token);
    if !active {
        return Answer::ok(json!({ "active": false }));
    }
    let scopes: Vec<&String> = scopes.iter().collect();
    Answer::ok(json!({
        "active": true, "token_use": if ends.is_some() { "access_token" } else { "refresh_token" },
        "hub_id": PORTAL_ID, "app_id": APP_ID, "user_id": AI_USER, "user": "admin@support.example",
        "hub_domain": "support.example", "client_id": CLIENT_ID, "is_private_distribution": false, "scopes": scopes,
        "expires_in": ends.map(|ends| ends.duration_since(state.now).as_secs()), "token": token,
        "expires_at": ends.map(|ends| Value::String(iso(*ends))),
    }))
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
