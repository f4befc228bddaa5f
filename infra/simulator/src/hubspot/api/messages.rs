//! A thread's history, kept in the shape in which it is read: <https://developers.hubspot.com/docs/api/conversations/conversations>.

use super::request::{Cx, page};
use super::send;
use crate::hubspot::error::{method_not_allowed, no_route, not_found, validation};
use crate::hubspot::state::Entry;
use crate::wire::{Answer, Outcome};
use serde_json::{Value, json};

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let ["threads", thread, "messages", rest @ ..] = rest else { return Err(no_route()) };
    cx.require_conversations()?;
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
    let thread = cx.state.thread(thread, false)?;
    thread.entries.iter().find(|entry| entry.id() == message).ok_or_else(not_found)
}

/// Newest first, as the documented live chat sample has it; `sort=createdAt` turns it round.
fn list(cx: &Cx<'_>, thread: &str) -> Outcome {
    let thread = cx.state.thread(thread, cx.ask.query("archived") == Some("true"))?;
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
    Ok(Answer::ok(page(&shown, rest.next().map(|next| next.id().to_owned()))))
}
