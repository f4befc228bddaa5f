//! Paths of both families: the numbered ones (v3, v4) and the dated ones.

use super::request::Cx;
use super::{actors, associations, custom_channels, files, messages, oauth, objects, pipelines, properties, threads};
use crate::hubspot::error::{fields_missing, no_route, rate_limited};
use crate::hubspot::identity::PORTAL_ID;
use crate::wire::{Answer, Outcome};
use serde_json::json;

/// Dated versions of the CRM families.
const DATED: &[&str] = &["2026-03", "2026-09"];
/// Of conversations, 2026-03 covers custom channels only.
const DATED_CONVERSATIONS: &[&str] = &["2026-09", "2026-09-beta"];

pub(crate) fn route(cx: &mut Cx<'_>) -> Answer {
    let ask = cx.ask;
    let parts = ask.parts();
    match parts.as_slice() {
        ["oauth", "authorize"] | ["oauth", _, "authorize"] => return either(oauth::authorize(cx.state, ask)),
        ["oauth", "v2", "private-apps", "get", "access-token-info"] => {
            return either(oauth::token_info(cx.state, ask));
        }
        ["oauth", "v1" | "v3" | "2026-03" | "2026-09", "token", rest @ ..] => {
            return either(oauth::token(cx.state, ask, rest));
        }
        _ => {}
    }
    if let Err(refused) = cx.state.account.authenticate(ask, cx.state.now) {
        return refused;
    }
    let now = cx.state.now;
    let search = parts.last() == Some(&"search");
    match cx.state.limits.take(search, now) {
        Ok(headers) => {
            let mut answer = either(authenticated(cx, &parts));
            answer.headers.extend(headers);
            answer
        }
        Err(policy) => {
            let mut answer = rate_limited(policy);
            if !search {
                answer.headers.extend(cx.state.limits.headers(0));
            }
            answer
        }
    }
}

fn either(outcome: Outcome) -> Answer {
    outcome.unwrap_or_else(|refused| refused)
}

fn authenticated(cx: &mut Cx<'_>, parts: &[&str]) -> Outcome {
    match parts {
        ["conversations", "v3", "conversations", rest @ ..] => conversations(cx, rest),
        // The assignee calls live here in v3, too.
        ["conversations", "conversations", "v3", rest @ ..] if matches!(rest, ["threads", _, "assignee"]) => {
            conversations(cx, rest)
        }
        ["conversations", "conversations", v, rest @ ..] if DATED_CONVERSATIONS.contains(v) => conversations(cx, rest),
        ["conversations", "v3", "custom-channels", rest @ ..]
        | ["conversations", "custom-channels", "2026-03" | "2026-09", rest @ ..] => custom_channels::route(cx, rest),
        ["crm", ..] => crm(cx, parts),
        ["files", "v3" | "2026-03" | "2026-09", "files", rest @ ..] => files::route(cx, rest),
        ["automation", "v4", "actions", "callbacks", _, "complete"]
        | ["automation", "actions", "callbacks", "2026-03" | "2026-09", _, "complete"] => complete_action(cx),
        ["account-info", "v3" | "2026-03" | "2026-09", "details"] => Ok(account_details()),
        _ => Err(no_route()),
    }
}

fn conversations(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    match rest {
        ["threads", _, "messages", ..] => messages::route(cx, rest),
        ["threads", ..] => threads::route(cx, rest),
        ["actors", ..] => actors::actors(cx, rest),
        ["inboxes" | "channels" | "channel-accounts", ..] => actors::places(cx, rest),
        _ => Err(no_route()),
    }
}

fn crm(cx: &mut Cx<'_>, parts: &[&str]) -> Outcome {
    match parts {
        ["crm", "v4", "objects", rest @ ..] => associations::of_object(cx, rest),
        ["crm", "objects", "2026-03", rest @ ..] if matches!(rest, [_, _, "associations", ..]) => {
            associations::of_object(cx, rest)
        }
        ["crm", "v3", "objects", rest @ ..] => objects::route(cx, rest),
        ["crm", "objects", v, rest @ ..] if DATED.contains(v) => objects::route(cx, rest),
        ["crm", "v3", "owners", rest @ ..] => pipelines::owners(cx, rest),
        ["crm", "owners", v, rest @ ..] if DATED.contains(v) => pipelines::owners(cx, rest),
        ["crm", "v3", "pipelines", rest @ ..] => pipelines::pipelines(cx, rest),
        ["crm", "pipelines", v, rest @ ..] if DATED.contains(v) => pipelines::pipelines(cx, rest),
        ["crm", "v3", "properties", rest @ ..] => properties::route(cx, rest),
        ["crm", "properties", v, rest @ ..] if DATED.contains(v) => properties::route(cx, rest),
        ["crm", "v4", "associations", rest @ ..] => associations::batch_read(cx, rest),
        ["crm", "associations", v, rest @ ..] if DATED.contains(v) => associations::batch_read(cx, rest),
        _ => Err(no_route()),
    }
}

fn complete_action(cx: &mut Cx<'_>) -> Outcome {
    cx.require(&["automation"])?;
    let body = cx.body()?;
    if body.get("outputFields").is_none() {
        return Err(fields_missing(&["outputFields"]));
    }
    Ok(Answer::empty(204))
}

fn account_details() -> Answer {
    Answer::ok(json!({
        "portalId": PORTAL_ID, "accountType": "STANDARD", "timeZone": "US/Eastern",
        "companyCurrency": "USD", "additionalCurrencies": [], "utcOffset": "-05:00",
        "utcOffsetMilliseconds": -18_000_000, "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
    }))
}
