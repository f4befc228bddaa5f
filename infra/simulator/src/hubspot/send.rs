//! `POST …/threads/{id}/messages`: the messages an app may post, and their senders. <https://developers.hubspot.com/docs/api/conversations/conversations>

use super::error::{conversation_errors, fields_missing, validation};
use super::state::Teammate;
use super::threads::{self, Thread};
use super::values::MAX_TEXT;
use super::{Cx, files, messages};
use crate::wire::{Answer, Outcome, text};
use serde_json::{Value, json};

const IDENTIFIERS: &[&str] = &["HS_EMAIL_ADDRESS", "HS_PHONE_NUMBER", "HS_SHORT_CODE", "CHANNEL_SPECIFIC_OPAQUE_ID"];

pub(crate) fn send(cx: &mut Cx<'_>, thread: &str) -> Outcome {
    let thread = threads::find(cx.state, thread, false)?;
    let body = cx.body()?;
    let id = thread.id;
    match text(&body, "type") {
        Some("COMMENT") => {
            let wire = comment(cx, thread, &body)?;
            Ok(Answer::new(201, messages::add(cx.state, id, wire, None)))
        }
        Some("MESSAGE") => {
            let (wire, sender) = message(cx, thread, &body)?;
            let added = messages::add(cx.state, id, wire, None);
            threads::assign(cx.state, id, Some(sender.clone()), &sender);
            Ok(Answer::new(201, added))
        }
        Some(other) => Err(validation(&format!("Could not resolve type id '{other}' as a subtype"))),
        None => Err(fields_missing(&["type"])),
    }
}

fn require(body: &Value, names: &[&'static str]) -> Result<(), Answer> {
    let missing: Vec<&str> = names.iter().copied().filter(|name| body.get(name).is_none_or(Value::is_null)).collect();
    if missing.is_empty() { Ok(()) } else { Err(fields_missing(&missing)) }
}

fn check_content(cx: &Cx<'_>, body: &Value) -> Result<(), Answer> {
    for name in ["text", "richText"] {
        match body.get(name) {
            Some(Value::String(content)) if content.encode_utf16().count() > MAX_TEXT => {
                return Err(validation(&format!("{name} may have at most {MAX_TEXT} characters")));
            }
            None | Some(Value::Null | Value::String(_)) => {}
            Some(_) => return Err(validation(&format!("{name} must be a text"))),
        }
    }
    let attachments = body.get("attachments").and_then(Value::as_array);
    let attachments = attachments.ok_or_else(|| validation("attachments must be a list"))?;
    let typed = |a: &Value| matches!(text(a, "type"), Some("FILE" | "QUICK_REPLIES" | "SOCIAL_MEDIA_METADATA"));
    if !attachments.iter().all(typed) {
        return Err(validation("Could not resolve the type of an attachment"));
    }
    let known = |a: &Value| text(a, "type") != Some("FILE") || text(a, "fileId").is_some_and(|id| is_file(cx, id));
    if !attachments.iter().all(known) {
        return Err(conversation_errors(&[("INVALID_ATTACHMENT", "The file of an attachment does not exist")]));
    }
    if attachments.is_empty() && text(body, "text").unwrap_or_default().trim().is_empty() {
        return Err(validation("text must not be empty"));
    }
    Ok(())
}

/// By id or by address.
fn is_file(cx: &Cx<'_>, named: &str) -> bool {
    let by_url = || {
        cx.state
            .files
            .keys()
            .any(|id| files::show(cx.state, &id.to_string()).is_some_and(|f| text(&f, "url") == Some(named)))
    };
    files::show(cx.state, named).is_some() || by_url()
}

fn rich_text(body: &Value) -> Value {
    let plain = text(body, "text").unwrap_or_default();
    json!(text(body, "richText").map_or_else(|| messages::as_html(plain), ToOwned::to_owned))
}

fn comment(cx: &Cx<'_>, thread: &Thread, body: &Value) -> Result<Value, Answer> {
    require(body, &["text", "attachments"])?;
    check_content(cx, body)?;
    if thread.help_desk {
        let message = "Comments are not supported on help desk threads; create a note on the ticket instead";
        return Err(conversation_errors(&[("UNSUPPORTED_MESSAGE_TYPE", message)]));
    }
    Ok(json!({
        "type": "COMMENT", "createdBy": messages::app_actor(cx.state), "client": messages::app_client(cx.state),
        "senders": [{ "actorId": messages::app_actor(cx.state) }], "recipients": [], "text": text(body, "text"),
        "richText": rich_text(body), "attachments": body.get("attachments"),
    }))
}

/// The entry, and the agent it is sent as.
fn message(cx: &Cx<'_>, thread: &Thread, body: &Value) -> Result<(Value, String), Answer> {
    let required = ["text", "recipients", "senderActorId", "channelId", "channelAccountId", "attachments"];
    require(body, &required)?;
    check_content(cx, body)?;
    let recipients = body.get("recipients").and_then(Value::as_array);
    let recipients = recipients.ok_or_else(|| validation("recipients must be a list"))?;
    let sender = text(body, "senderActorId").unwrap_or_default();
    let mate = check_people(cx, sender, recipients)?;
    let id = |name: &str| body.get(name).and_then(crate::wire::id_text).unwrap_or_default();
    if id("channelId") != thread.channel.id || id("channelAccountId") != thread.account() {
        let message = "channelId and channelAccountId do not belong to this thread";
        return Err(conversation_errors(&[("INVALID_CHANNEL_ACCOUNT", message)]));
    }
    if thread.channel.name == "whatsapp" {
        let message = "Sending over a connected WhatsApp account is not supported";
        return Err(conversation_errors(&[("UNSUPPORTED_CHANNEL", message)]));
    }
    let mut wire = messages::message_fields(thread, false);
    let more = json!({
        "createdBy": messages::app_actor(cx.state), "client": messages::app_client(cx.state),
        "senders": [from_agent(thread, mate)],
        "recipients": recipients.iter().map(as_read).collect::<Vec<_>>(), "text": text(body, "text"),
        "richText": rich_text(body), "attachments": body.get("attachments"),
    });
    if let (Value::Object(wire), Value::Object(more)) = (&mut wire, more) {
        wire.extend(more);
        wire.extend(text(body, "subject").map(|subject| ("subject".to_owned(), json!(subject))));
    }
    Ok((wire, sender.to_owned()))
}

/// Only an agent of the portal speaks; agents are not spoken to. HubSpot reports all that is wrong together.
fn check_people<'s>(cx: &'s Cx<'_>, sender: &str, recipients: &[Value]) -> Result<&'s Teammate, Answer> {
    let mut wrong = Vec::new();
    let kind = match sender.split_once('-') {
        Some(("V", _)) => Some("Actor type VISITOR is not supported for sending"),
        Some(("I", _)) => Some("Actor type INTEGRATOR is not supported for sending"),
        Some(("B", _)) => Some("Actor type BOT is not supported for sending"),
        Some(("S", _)) => Some("Actor type SYSTEM is not supported for sending"),
        Some(("E", _)) => Some("Actor type EMAIL is not supported for sending"),
        Some(("L", _)) => Some("Actor type LLM is not supported for sending"),
        _ => None,
    };
    wrong.extend(kind.map(|message| ("UNSUPPORTED_ACTOR_TYPE", message)));
    let mate = cx.state.teammate(sender);
    if mate.is_none() {
        wrong.push(("INVALID_ARGUMENT_TYPE", "Invalid actorId type"));
    }
    let actor = |r: &Value| text(r, "actorId").unwrap_or_default().to_owned();
    if recipients.iter().any(|r| actor(r).starts_with("A-")) {
        wrong.push(("UNSUPPORTED_ACTOR_TYPE", "Actor type AGENT is not supported for receiving"));
    }
    if recipients.is_empty() {
        wrong.push(("MISSING_RECIPIENTS", "At least one recipient is required"));
    }
    match (wrong.as_slice(), mate) {
        ([], Some(mate)) => recipients.iter().try_for_each(check_recipient).map(|()| mate),
        _ => Err(conversation_errors(&wrong)),
    }
}

/// Writes need the list of identifiers; the single one is how messages are read.
fn check_recipient(recipient: &Value) -> Result<(), Answer> {
    let identifiers = recipient.get("deliveryIdentifiers").and_then(Value::as_array);
    let identifiers = identifiers.ok_or_else(|| fields_missing(&["deliveryIdentifiers"]))?;
    let complete = |i: &Value| {
        text(i, "type").is_some_and(|kind| IDENTIFIERS.contains(&kind))
            && text(i, "value").is_some_and(|v| !v.is_empty())
    };
    if identifiers.is_empty() || !identifiers.iter().all(complete) {
        return Err(validation("Each recipient needs at least one delivery identifier with type and value"));
    }
    match text(recipient, "recipientField") {
        None | Some("TO" | "CC" | "BCC") => Ok(()),
        Some(_) => Err(validation("recipientField must be one of: TO, CC, BCC")),
    }
}

fn as_read(recipient: &Value) -> Value {
    let mut read = recipient.clone();
    if let Value::Object(fields) = &mut read {
        let identifiers = fields.remove("deliveryIdentifiers");
        let first = identifiers.as_ref().and_then(|list| list.get(0)).cloned();
        fields.extend(first.map(|first| ("deliveryIdentifier".to_owned(), first)));
    }
    read
}

/// A teammate as the sender of a message on this thread.
pub(crate) fn from_agent(thread: &Thread, mate: &Teammate) -> Value {
    let actor = format!("A-{}", mate.user_id);
    if thread.channel.name == "email" {
        let identifier = json!({ "type": "HS_EMAIL_ADDRESS", "value": "support@support.example" });
        return json!({ "actorId": actor, "name": mate.name, "senderField": "FROM", "deliveryIdentifier": identifier });
    }
    json!({ "actorId": actor, "name": mate.name })
}
