//! Our app's custom channel, registered from the start: its accounts, and the messages that the app publishes in it.
//!
//! `conversation.newMessage` reports the replies of reps. `POST /_sim/events` can play the channel's own webhook.

use super::request::Cx;
use crate::hubspot::error::{
    error, fields_missing, method_not_allowed, no_route, not_found, require_fields, validation,
};
use crate::hubspot::identity::APP_ID;
use crate::hubspot::state::{
    CUSTOM, ChannelAccount, HELP_DESK, INBOX, Kind, State, Visitor, as_html, values::MAX_TEXT,
};
use crate::wire::{Answer, Outcome, id_text, iso, joined, list, text};
use jiff::Timestamp;
use serde_json::{Value, json};

const IDENTIFIERS: &[&str] = &["CHANNEL_SPECIFIC_OPAQUE_ID", "HS_EMAIL_ADDRESS", "HS_PHONE_NUMBER"];

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let (channel, rest) = rest.split_first().ok_or_else(no_route)?;
    if cx.state.account.calling_app == APP_ID {
        return Err(error(403, "FORBIDDEN", "Custom channels are not available to private apps."));
    }
    let reads = cx.reads();
    let kind = if reads { "read" } else { "write" };
    let scope = if reads { "conversations.custom_channels.read" } else { "conversations.custom_channels.write" };
    cx.require(&[scope])?;
    if !cx.state.custom.plan {
        return Err(error(403, "FORBIDDEN", &format!("This account has no {kind} access to custom channels.")));
    }
    if *channel != CUSTOM.id || !cx.state.custom.registered {
        return Err(not_found());
    }
    match (cx.ask.method.as_str(), rest) {
        ("GET", ["channel-accounts"]) => {
            let all: Vec<&Value> = cx.state.custom.accounts.iter().map(|account| &account.shown).collect();
            Ok(Answer::ok(json!({ "total": all.len(), "results": all })))
        }
        ("POST", ["channel-accounts"]) => create_account(cx),
        ("GET", ["channel-accounts", id]) => {
            cx.state.custom.account(id).map(|account| Answer::ok(account.shown.clone())).ok_or_else(not_found)
        }
        ("POST", ["messages"]) => publish(cx),
        ("GET", ["messages", id]) => {
            let of_us = cx.state.custom.published.values().find(|(_, message)| message == id);
            of_us.and_then(|of| message(cx.state, of)).map(Answer::ok).ok_or_else(not_found)
        }
        (_, ["channel-accounts" | "messages"] | ["channel-accounts" | "messages", _]) => Err(method_not_allowed()),
        _ => Err(no_route()),
    }
}

fn create_account(cx: &mut Cx<'_>) -> Outcome {
    let body = cx.body()?;
    require_fields(&body, &["inboxId", "name", "authorized", "deliveryIdentifier"])?;
    let inbox = body.get("inboxId").and_then(id_text).unwrap_or_default();
    if ![INBOX, HELP_DESK].contains(&inbox.as_str()) {
        return Err(validation("inboxId is no inbox of this account"));
    }
    let address = body.get("deliveryIdentifier").cloned().unwrap_or_default();
    check_identifier(&address)?;
    let taken = |account: &ChannelAccount| account.shown.get("deliveryIdentifier") == Some(&address);
    if cx.state.custom.accounts.iter().any(taken) {
        return Err(validation("another channel account has this delivery identifier"));
    }
    let id = cx.state.next_id().to_string();
    let shown = json!({
        "id": id, "channelId": CUSTOM.id, "inboxId": inbox, "name": text(&body, "name"), "active": true,
        "authorized": body.get("authorized"), "archived": false, "createdAt": iso(cx.state.now),
        "deliveryIdentifier": address,
    });
    cx.state.custom.accounts.push(ChannelAccount { id, inbox, shown: shown.clone() });
    Ok(Answer::new(201, shown))
}

/// One idempotency id has one message, one thread id of the app has one thread.
fn publish(cx: &mut Cx<'_>) -> Outcome {
    let body = cx.body()?;
    let account = check(cx.state, &body)?;
    let given = |name: &str| text(&body, name).map(|id| (account.id.clone(), id.to_owned()));
    let key = given("integrationIdempotencyId");
    if let Some(known) = key.as_ref().and_then(|key| cx.state.custom.published.get(key)) {
        return message(cx.state, known).map(|same| Answer::new(201, same)).ok_or_else(not_found);
    }
    let conversation = given("integrationThreadId").ok_or_else(|| fields_missing(&["integrationThreadId"]))?;
    let known = cx.state.custom.threads.get(&conversation).copied();
    let id = match known.filter(|id| cx.state.threads.get(id).is_some_and(|thread| !thread.archived)) {
        Some(id) => id,
        None => begin(cx.state, &body, &account)?,
    };
    cx.state.custom.threads.insert(conversation, id);
    let incoming = text(&body, "messageDirection") == Some("INCOMING");
    let wire = wire(cx.state, id, &body, incoming).ok_or_else(not_found)?;
    let added = cx.state.add_message(id, wire, None);
    if incoming {
        cx.state.set_open(id, true, "S-hubspot");
    }
    if let Some(key) = key {
        let message = text(&added, "id").unwrap_or_default().to_owned();
        cx.state.custom.published.insert(key, (id, message));
    }
    Ok(Answer::new(201, added))
}

fn message(state: &State, (thread, message): &(u64, String)) -> Option<Value> {
    let entries = &state.threads.get(thread)?.entries;
    entries.iter().find(|entry| entry.id() == message).map(|entry| entry.wire.clone())
}

fn check_identifier(identifier: &Value) -> Result<(), Answer> {
    let known = text(identifier, "type").is_some_and(|kind| IDENTIFIERS.contains(&kind));
    let filled = text(identifier, "value").is_some_and(|value| !value.trim().is_empty());
    if known && filled { Ok(()) } else { Err(validation("deliveryIdentifier needs a known type and a value")) }
}

/// Checks all of the message but its thread; returns the account it goes through.
fn check(state: &State, body: &Value) -> Result<ChannelAccount, Answer> {
    require_fields(
        body,
        &["text", "messageDirection", "channelAccountId", "senders", "recipients", "timestamp", "attachments"],
    )?;
    let account = body.get("channelAccountId").and_then(id_text).unwrap_or_default();
    let account = state.custom.account(&account).cloned();
    let account = account.ok_or_else(|| validation("channelAccountId is no account of this channel"))?;
    let content = text(body, "text").unwrap_or_default();
    if content.trim().is_empty() || content.encode_utf16().count() > MAX_TEXT {
        return Err(validation("text must have 1 to 65536 characters"));
    }
    if text(body, "timestamp").and_then(|at| at.parse::<Timestamp>().ok()).is_none() {
        return Err(validation("timestamp must be a date and time"));
    }
    let side = match text(body, "messageDirection") {
        Some("INCOMING") => "recipients",
        Some("OUTGOING") => "senders",
        _ => return Err(validation("messageDirection must be one of: INCOMING, OUTGOING")),
    };
    for side in ["senders", "recipients"] {
        let [one] = list(body, side) else {
            return Err(validation(&format!("{side} must have exactly one participant")));
        };
        check_identifier(one.get("deliveryIdentifier").unwrap_or(&Value::Null))?;
    }
    if body.pointer(&format!("/{side}/0/deliveryIdentifier")) != account.shown.get("deliveryIdentifier") {
        return Err(validation(&format!("{side} must be the channel account")));
    }
    let contact = body.get("associateWithContactId").filter(|contact| !contact.is_null());
    match contact.map(|contact| contact.as_u64().filter(|id| state.crm.get((Kind::Contact, *id)).is_some())) {
        Some(None) => Err(validation("associateWithContactId is no contact of this account")),
        None | Some(Some(_)) => Ok(account),
    }
}

fn begin(state: &mut State, body: &Value, account: &ChannelAccount) -> Result<u64, Answer> {
    let customer = if text(body, "messageDirection") == Some("INCOMING") { "senders" } else { "recipients" };
    let field = |name: &str| body.pointer(&format!("/{customer}/0/{name}")).and_then(Value::as_str);
    let contact = body.get("associateWithContactId").and_then(Value::as_u64);
    let id = contact.unwrap_or_else(|| state.next_id());
    let kind = IDENTIFIERS.iter().find(|kind| Some(**kind) == field("deliveryIdentifier/type"));
    let value = field("deliveryIdentifier/value").unwrap_or_default().to_owned();
    let address = (*kind.ok_or_else(|| validation("deliveryIdentifier.type is unknown"))?, value);
    let email = contact.and_then(|id| state.crm.get((Kind::Contact, id))?.properties.get("email").cloned());
    let visitor = Visitor { id, name: field("name").map(ToOwned::to_owned), email, address };
    let thread = state.begin_thread(&CUSTOM, account.inbox == HELP_DESK, visitor);
    if let Some(begun) = state.threads.get_mut(&thread) {
        begun.custom_account = Some(account.id.clone());
    }
    Ok(thread)
}

fn wire(state: &State, id: u64, body: &Value, incoming: bool) -> Option<Value> {
    let thread = state.threads.get(&id)?;
    let with_actor = |side: &str, actor: String| {
        let party = body.pointer(&format!("/{side}/0")).cloned().unwrap_or_default();
        json!([joined(party, json!({ "actorId": actor }))])
    };
    let visitor = format!("V-{}", thread.visitor.id);
    let rich =
        text(body, "richText").map_or_else(|| as_html(text(body, "text").unwrap_or_default()), ToOwned::to_owned);
    let (senders, recipients) = if incoming {
        (with_actor("senders", visitor), body.get("recipients").cloned().unwrap_or_default())
    } else {
        (body.get("senders").cloned().unwrap_or_default(), with_actor("recipients", visitor))
    };
    let wire = json!({
        "createdBy": state.account.app_actor(), "client": state.account.app_client(), "senders": senders,
        "recipients": recipients, "text": text(body, "text"), "richText": rich,
        "attachments": body.get("attachments"),
    });
    Some(joined(thread.message_fields(incoming), wire))
}
