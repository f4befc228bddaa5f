//! Actors, inboxes, channels, channel accounts: <https://developers.hubspot.com/docs/api/conversations/conversations>.

use super::request::{Cx, batch, inputs};
use crate::hubspot::error::{method_not_allowed, no_route, not_found};
use crate::hubspot::state::{CHANNELS, Channel, HELP_DESK, INBOX, Kind, State};
use crate::wire::{Answer, Outcome, joined, present};
use serde_json::{Value, json};

const SINCE: &str = "2023-05-31T21:53:12.704Z";

/// `GET …/actors/{id}`, `POST …/actors/batch/read`
pub(crate) fn actors(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    cx.require(&["conversations.read"])?;
    match (cx.ask.method.as_str(), rest) {
        ("POST", ["actors", "batch", "read"]) => {
            let body = cx.body()?;
            let ids = inputs(&body)?;
            let ids: Vec<&str> = ids.iter().filter_map(Value::as_str).collect();
            let results: Vec<Value> = ids.iter().filter_map(|id| actor(cx.state, id)).collect();
            let missing = ids.len() - results.len();
            let answer = batch(&results, cx.state.now);
            Ok(match missing {
                0 => Answer::ok(answer),
                _ => Answer::new(207, joined(answer, json!({ "numErrors": missing }))),
            })
        }
        ("GET", ["actors", id]) => actor(cx.state, id).map(Answer::ok).ok_or_else(not_found),
        (_, ["actors", _]) => Err(method_not_allowed()),
        _ => Err(no_route()),
    }
}

fn actor(state: &State, id: &str) -> Option<Value> {
    let (prefix, rest) = id.split_once('-')?;
    let plain = |kind: &str| Some(json!({ "id": id, "type": kind }));
    match prefix {
        "A" => {
            let user: u64 = rest.parse().ok()?;
            let mate = state.team.iter().find(|mate| mate.user_id == user)?;
            Some(json!({ "id": id, "type": "AGENT", "name": mate.name, "email": mate.email }))
        }
        "V" => visitor(state, id, rest.parse().ok()?),
        "B" => plain("BOT"),
        "E" => Some(json!({ "id": id, "type": "EMAIL", "email": rest })),
        "I" => plain("INTEGRATOR"),
        "L" => plain("LLM"),
        "S" => plain("SYSTEM"),
        _ => None,
    }
}

fn visitor(state: &State, actor: &str, id: u64) -> Option<Value> {
    if let Some(contact) = state.crm.get((Kind::Contact, id)) {
        let field = |name: &str| contact.properties.get(name).cloned();
        let names: Vec<String> = [field("firstname"), field("lastname")].into_iter().flatten().collect();
        let name = (!names.is_empty()).then(|| names.join(" "));
        return Some(json!({ "id": actor, "type": "VISITOR", "name": name, "email": field("email") }));
    }
    let thread = state.threads.values().find(|thread| thread.visitor.id == id)?;
    Some(json!({ "id": actor, "type": "VISITOR", "name": thread.visitor.name, "email": thread.visitor.email }))
}

/// `GET …/inboxes[/{id}]`, `…/channels[/{id}]`, `…/channel-accounts[/{id}]`
pub(crate) fn places(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    cx.require(&["conversations.read"])?;
    if !cx.reads() {
        return Err(method_not_allowed());
    }
    let (mut all, id) = match rest {
        ["inboxes", id @ ..] => (inboxes(), id),
        ["channels", id @ ..] => (channels(), id),
        ["channel-accounts", id @ ..] => (channel_accounts(cx.state), id),
        _ => return Err(no_route()),
    };
    match id {
        [] => {
            for field in ["channelId", "inboxId"] {
                if let Some(wanted) = cx.ask.query(field) {
                    all.retain(|place| place.get(field).is_none_or(|value| value == wanted));
                }
            }
            Ok(Answer::ok(json!({ "total": all.len(), "results": all })))
        }
        [id] => {
            let found = all.into_iter().find(|place| place.get("id").is_some_and(|value| value == id));
            found.map(Answer::ok).ok_or_else(not_found)
        }
        _ => Err(no_route()),
    }
}

fn inboxes() -> Vec<Value> {
    let inbox = |id: &str, name: &str, kind: &str| json!({ "id": id, "name": name, "createdAt": SINCE, "updatedAt": SINCE, "type": kind, "archived": false });
    vec![inbox(INBOX, "Main inbox", "INBOX"), inbox(HELP_DESK, "Support help desk", "HELP_DESK")]
}

fn channels() -> Vec<Value> {
    CHANNELS.iter().map(|channel| json!({ "id": channel.id, "name": channel.name })).collect()
}

/// Only an e-mail account has an address it writes from.
fn channel_accounts(state: &State) -> Vec<Value> {
    let account = |channel: &str, name: &str, id: &str, inbox: &str| {
        let address = state.email_address.as_ref().filter(|_| name == "email");
        present(json!({
            "id": id, "channelId": channel, "name": name, "inboxId": inbox, "active": true, "authorized": true,
            "createdAt": SINCE, "archived": false,
            "deliveryIdentifier": address.map(|value| json!({ "type": "HS_EMAIL_ADDRESS", "value": value })),
        }))
    };
    let of = |channel: &Channel| {
        let [inbox, help_desk] = channel.accounts;
        [account(channel.id, channel.name, inbox, INBOX), account(channel.id, channel.name, help_desk, HELP_DESK)]
    };
    CHANNELS.iter().flat_map(of).collect()
}
