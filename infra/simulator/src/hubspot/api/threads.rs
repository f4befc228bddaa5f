//! Threads, with their owners and their status: <https://developers.hubspot.com/docs/api/conversations/conversations>.

use super::request::{Cx, page};
use crate::hubspot::error::{conversation_errors, fields_missing, method_not_allowed, no_route, not_found, validation};
use crate::hubspot::state::Thread;
use crate::wire::{Answer, Outcome, id_text, text};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    cx.require_conversations()?;
    let archived = cx.ask.query("archived") == Some("true");
    let with_ticket = cx.ask.list("association").contains(&"TICKET");
    match (cx.ask.method.as_str(), rest) {
        ("GET", ["threads"]) => list(cx, archived, with_ticket),
        ("GET", ["threads", id]) => Ok(Answer::ok(cx.state.thread(id, archived)?.show(with_ticket))),
        ("PATCH", ["threads", id]) => patch(cx, id),
        ("DELETE", ["threads", id]) => {
            let id = cx.state.thread(id, false)?.id;
            cx.state.archive_thread(id);
            Ok(Answer::empty(204))
        }
        ("PUT", ["threads", id, "assignee"]) => put_assignee(cx, id),
        ("DELETE", ["threads", id, "assignee"]) => {
            let id = cx.state.thread(id, false)?.id;
            let by = cx.state.account.app_actor();
            cx.state.assign(id, None, &by);
            Ok(Answer::empty(204))
        }
        (_, ["threads"] | ["threads", _] | ["threads", _, "assignee"]) => Err(method_not_allowed()),
        _ => Err(no_route()),
    }
}

fn put_assignee(cx: &mut Cx<'_>, id: &str) -> Outcome {
    let id = cx.state.thread(id, false)?.id;
    let body = cx.body()?;
    let actor = text(&body, "actorId").ok_or_else(|| fields_missing(&["actorId"]))?;
    if cx.state.teammate(actor).is_none_or(|mate| !mate.seat) {
        return Err(conversation_errors(&[("INVALID_ARGUMENT_TYPE", "Invalid actorId: no agent of this account")]));
    }
    let by = cx.state.account.app_actor();
    cx.state.assign(id, Some(actor.to_owned()), &by);
    Ok(Answer::ok(cx.state.thread(&id.to_string(), false)?.show(false)))
}

fn patch(cx: &mut Cx<'_>, named: &str) -> Outcome {
    let archived = cx.ask.query("archived") == Some("true");
    let id = cx.state.thread(named, archived)?.id;
    let body = cx.body()?;
    if let Some(flag) = body.get("archived") {
        if flag != &Value::Bool(false) {
            return Err(validation("archived can only be set to false; use DELETE to archive a thread"));
        }
        if let Some(thread) = cx.state.threads.get_mut(&id).filter(|thread| thread.archived) {
            thread.archived = false;
            let value = json!({ "propertyName": "isArchived", "propertyValue": "FALSE" });
            cx.state.emit("conversation.propertyChange", id, value);
        }
    }
    let by = cx.state.account.app_actor();
    match body.get("status").and_then(Value::as_str) {
        None if body.get("status").is_none() => {}
        Some("OPEN") => cx.state.set_open(id, true, &by),
        Some("CLOSED") => cx.state.set_open(id, false, &by),
        _ => return Err(validation("status must be one of: OPEN, CLOSED")),
    }
    cx.state.threads.get(&id).map(|thread| Answer::ok(thread.show(false))).ok_or_else(not_found)
}

fn list(cx: &Cx<'_>, archived: bool, with_ticket: bool) -> Outcome {
    let query = |name: &str| cx.ask.query(name);
    let (contact, inbox, status) = (query("associatedContactId"), query("inboxId"), query("threadStatus"));
    if contact.is_some() && (status.is_none() || inbox.is_some()) {
        return Err(validation("associatedContactId needs threadStatus and cannot be combined with inboxId"));
    }
    if cx.ask.list("inboxId").len() > 1 {
        return Err(validation("inboxId may be given once"));
    }
    let since = query("latestMessageTimestampAfter").and_then(|s| s.parse::<Timestamp>().ok());
    let limit: usize = query("limit").and_then(|l| l.parse().ok()).unwrap_or(100).min(500);
    let ticket = query("associatedTicketId").map(|id| id_text(&json!(id)));
    let found = cx.state.threads.values().filter(|t| {
        t.archived == archived
            && contact.is_none_or(|c| t.visitor.id.to_string() == c)
            && inbox.is_none_or(|i| t.inbox() == i)
            && status.is_none_or(|s| t.status() == s)
            && since.is_none_or(|s| t.sent_at.max(t.received_at).is_some_and(|at| at > s))
            && ticket.as_ref().is_none_or(|id| t.ticket.map(|t| t.to_string()) == *id)
    });
    let mut found: Vec<&Thread> = found.collect();
    match query("sort") {
        Some("latestMessageTimestamp") => found.sort_by_key(|t| t.sent_at.max(t.received_at)),
        None | Some("id") => {}
        Some(_) => return Err(validation("sort must be one of: id, latestMessageTimestamp")),
    }
    if let Some(after) = query("after") {
        let from = found.iter().position(|t| t.id.to_string() == after);
        found.drain(..from.ok_or_else(|| validation("after is invalid"))?);
    }
    let shown: Vec<Value> = found.iter().take(limit).map(|t| t.show(with_ticket)).collect();
    Ok(Answer::ok(page(&shown, found.get(limit).map(|next| next.id.to_string()))))
}
