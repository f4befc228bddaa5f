//! `POST …/threads/{id}/messages`: the messages an app may post, and their senders. <https://developers.hubspot.com/docs/api/conversations/conversations>

use super::request::Cx;
use crate::hubspot::error::{conversation_errors, fields_missing, require_fields, validation};
use crate::hubspot::state::{Teammate, Thread, as_html, values::MAX_TEXT};
use crate::wire::{Answer, Outcome, id_text, joined, present, text};
use serde_json::{Value, json};

const IDENTIFIERS: &[&str] = &["HS_EMAIL_ADDRESS", "HS_PHONE_NUMBER", "HS_SHORT_CODE", "CHANNEL_SPECIFIC_OPAQUE_ID"];

pub(crate) fn send(cx: &mut Cx<'_>, thread: &str) -> Outcome {
    let thread = cx.state.thread(thread, false)?;
    let body = cx.body()?;
    let id = thread.id;
    match text(&body, "type") {
        Some("COMMENT") => {
            let wire = comment(cx, thread, &body)?;
            Ok(Answer::new(201, cx.state.add_message(id, wire, None)))
        }
        Some("MESSAGE") => {
            let (wire, sender) = message(cx, thread, &body)?;
            let added = cx.state.add_message(id, wire, None);
            cx.state.assign(id, Some(sender.clone()), &sender);
            Ok(Answer::new(201, added))
        }
        Some(other) => Err(validation(&format!("Could not resolve type id '{other}' as a subtype"))),
        None => Err(fields_missing(&["type"])),
    }
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

/// `named` is a file's id or address.
fn is_file(cx: &Cx<'_>, named: &str) -> bool {
    let files = &cx.state.files;
    named.parse().is_ok_and(|id| files.contains_key(&id)) || files.values().any(|file| file.url() == named)
}

fn rich_text(body: &Value) -> Value {
    let plain = text(body, "text").unwrap_or_default();
    json!(text(body, "richText").map_or_else(|| as_html(plain), ToOwned::to_owned))
}

fn comment(cx: &Cx<'_>, thread: &Thread, body: &Value) -> Result<Value, Answer> {
    require_fields(body, &["text", "attachments"])?;
    check_content(cx, body)?;
    if thread.help_desk {
        let message = "Comments are not supported on help desk threads; create a note on the ticket instead";
        return Err(conversation_errors(&[("UNSUPPORTED_MESSAGE_TYPE", message)]));
    }
    Ok(json!({
        "type": "COMMENT", "createdBy": cx.state.account.app_actor(), "client": cx.state.account.app_client(),
        "senders": [{ "actorId": cx.state.account.app_actor() }], "recipients": [], "text": text(body, "text"),
        "richText": rich_text(body), "attachments": body.get("attachments"),
    }))
}

/// The entry, and the agent that sends it.
fn message(cx: &Cx<'_>, thread: &Thread, body: &Value) -> Result<(Value, String), Answer> {
    let required = ["text", "recipients", "senderActorId", "channelId", "channelAccountId", "attachments"];
    require_fields(body, &required)?;
    check_content(cx, body)?;
    let recipients = body.get("recipients").and_then(Value::as_array);
    let recipients = recipients.ok_or_else(|| validation("recipients must be a list"))?;
    let sender = text(body, "senderActorId").unwrap_or_default();
    let mate = check_people(cx, sender, recipients)?;
    let id = |name: &str| body.get(name).and_then(id_text).unwrap_or_default();
    if id("channelId") != thread.channel.id || id("channelAccountId") != thread.account() {
        let message = "channelId and channelAccountId do not belong to this thread";
        return Err(conversation_errors(&[("INVALID_CHANNEL_ACCOUNT", message)]));
    }
    if thread.channel.name == "whatsapp" {
        let message = "Sending over a connected WhatsApp account is not supported";
        return Err(conversation_errors(&[("UNSUPPORTED_CHANNEL", message)]));
    }
    let wire = json!({
        "createdBy": cx.state.account.app_actor(), "client": cx.state.account.app_client(),
        "senders": [thread.sender(mate)],
        "recipients": recipients.iter().map(as_read).collect::<Vec<_>>(), "text": text(body, "text"),
        "richText": rich_text(body), "attachments": body.get("attachments"), "subject": text(body, "subject"),
    });
    Ok((joined(thread.message_fields(false), present(wire)), sender.to_owned()))
}

/// The sender is an agent of the portal, the recipients are not. HubSpot reports all faults together.
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

/// A write has a list of identifiers; a read message has one of them.
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
