//! A thread's history, kept in the shape in which it is read: <https://developers.hubspot.com/docs/api/conversations/conversations>.

use super::error::{method_not_allowed, no_route, not_found, validation};
use super::state::State;
use super::threads::{Thread, find};
use super::{Cx, send};
use crate::wire::{Answer, Outcome, iso, text};
use serde_json::{Map, Value, json};

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) wire: Value,
    /// The whole text, where `wire` has a part of it.
    original: Option<Value>,
}

impl Entry {
    pub(crate) fn id(&self) -> &str {
        text(&self.wire, "id").unwrap_or_default()
    }
}

/// How our app appears in conversations.
pub(crate) fn app_actor(state: &State) -> String {
    format!("I-{}", state.account.calling_app)
}

pub(crate) fn app_client(state: &State) -> Value {
    json!({ "clientType": "INTEGRATION", "integrationAppId": state.account.calling_app })
}

/// An entry without text, which raises no newMessage event.
pub(crate) fn note_in_history(state: &mut State, thread: u64, wire: Value) {
    let mut wire = wire;
    if let Value::Object(fields) = &mut wire {
        fields.insert("senders".to_owned(), json!([{ "actorId": "S-hubspot" }]));
        fields.insert("recipients".to_owned(), json!([]));
    }
    append(state, thread, wire, None);
}

/// Adds a message, comment or welcome message; the newMessage event follows. Returns it as it is read.
pub(crate) fn add(state: &mut State, thread: u64, wire: Value, original: Option<Value>) -> Value {
    let kind = text(&wire, "type").unwrap_or_default().to_owned();
    let (now, incoming) = (state.now, text(&wire, "direction") == Some("INCOMING"));
    let added = append(state, thread, wire, original);
    if let Some(thread) = state.threads.get_mut(&thread).filter(|_| kind == "MESSAGE") {
        *(if incoming { &mut thread.received_at } else { &mut thread.sent_at }) = Some(now);
    }
    let fields = json!({ "messageId": text(&added, "id"), "messageType": kind, "changeFlag": "NEW_MESSAGE" });
    state.emit("conversation.newMessage", thread, fields);
    added
}

fn append(state: &mut State, thread: u64, wire: Value, original: Option<Value>) -> Value {
    let (id, now) = (state.ids.hex(), iso(state.now));
    let mut whole = Map::new();
    if let Value::Object(head) = json!({
        "id": id, "conversationsThreadId": thread.to_string(), "createdAt": now, "updatedAt": now, "archived": false,
    }) {
        whole.extend(head);
    }
    if let Value::Object(fields) = wire {
        whole.extend(fields);
    }
    let whole = Value::Object(whole);
    if let Some(thread) = state.threads.get_mut(&thread) {
        thread.entries.push(Entry { wire: whole.clone(), original });
    }
    whole
}

/// What a MESSAGE has beside text and people.
pub(crate) fn message_fields(thread: &Thread, incoming: bool) -> Value {
    let status = if incoming { "RECEIVED" } else { "SENT" };
    json!({
        "type": "MESSAGE", "truncationStatus": "NOT_TRUNCATED", "status": { "statusType": status },
        "direction": if incoming { "INCOMING" } else { "OUTGOING" },
        "channelId": thread.channel.id, "channelAccountId": thread.account(), "attachments": [],
    })
}

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let ["threads", thread, "messages", rest @ ..] = rest else { return Err(no_route()) };
    let reads = cx.ask.method == http::Method::GET;
    cx.state.account.require(&[if reads { "conversations.read" } else { "conversations.write" }])?;
    match (cx.ask.method.as_str(), rest) {
        ("GET", []) => list(cx, thread),
        ("POST", []) => send::send(cx, thread),
        ("GET", [message]) => Ok(Answer::ok(entry(cx, thread, message)?.wire.clone())),
        ("GET", [message, "original-content"]) => {
            let entry = entry(cx, thread, message)?;
            let field = |name: &str| entry.wire.get(name).cloned().unwrap_or(Value::Null);
            let same = || json!({ "text": field("text"), "richText": field("richText") });
            Ok(Answer::ok(entry.original.clone().unwrap_or_else(same)))
        }
        (_, [] | [_] | [_, "original-content"]) => Err(method_not_allowed()),
        _ => Err(no_route()),
    }
}

fn entry<'s>(cx: &'s Cx<'_>, thread: &str, message: &str) -> Result<&'s Entry, Answer> {
    let thread = find(cx.state, thread, false)?;
    thread.entries.iter().find(|entry| entry.id() == message).ok_or_else(not_found)
}

/// Newest first, as the documented live chat sample has it; `sort=createdAt` turns it round.
fn list(cx: &Cx<'_>, thread: &str) -> Outcome {
    let thread = find(cx.state, thread, cx.ask.query("archived") == Some("true"))?;
    let limit: usize = match cx.ask.query("limit").map(str::parse) {
        None => 100,
        Some(Ok(limit @ 1..=500)) => limit,
        Some(_) => return Err(validation("limit must be between 1 and 500")),
    };
    let mut entries: Vec<&Entry> = thread.entries.iter().collect();
    match cx.ask.query("sort") {
        Some("createdAt") => {}
        None | Some("-createdAt") => entries.reverse(),
        Some(_) => return Err(validation("sort must be one of: createdAt, -createdAt")),
    }
    let from = match cx.ask.query("after") {
        None => 0,
        Some(after) => entries.iter().position(|e| e.id() == after).ok_or_else(|| validation("after is invalid"))?,
    };
    let mut rest = entries.into_iter().skip(from);
    let shown: Vec<Value> = rest.by_ref().take(limit).map(|e| e.wire.clone()).collect();
    let mut page = json!({ "results": shown });
    if let (Some(next), Value::Object(fields)) = (rest.next(), &mut page) {
        fields.insert("paging".to_owned(), json!({ "next": { "after": next.id() } }));
    }
    Ok(Answer::ok(page))
}

/// The rich text of a message that was written as plain text.
pub(crate) fn as_html(plain: &str) -> String {
    let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>");
    format!("<div>{escaped}</div>")
}
