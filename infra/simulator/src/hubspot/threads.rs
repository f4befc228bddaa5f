//! Threads, with their owners and their status: <https://developers.hubspot.com/docs/api/conversations/conversations>.

use super::crm::{Author, Kind};
use super::error::{conversation_errors, fields_missing, method_not_allowed, no_route, not_found, validation};
use super::state::State;
use super::{Cx, messages};
use crate::wire::{Answer, Outcome, id_text, iso, text};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) const INBOX: &str = "481939";
pub(crate) const HELP_DESK: &str = "273071781";

/// A channel, with its accounts in the two inboxes.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) accounts: [&'static str; 2],
}

pub(crate) const CHANNELS: &[Channel] = &[
    Channel { name: "web", id: "1000", accounts: ["148662", "148762"] },
    Channel { name: "messenger", id: "1001", accounts: ["148663", "148763"] },
    Channel { name: "email", id: "1002", accounts: ["779894945", "779895045"] },
    Channel { name: "whatsapp", id: "1007", accounts: ["148667", "148767"] },
];

/// Our app's own channel; its accounts are made by the app.
pub(crate) static CUSTOM: Channel = Channel { name: "custom", id: "1057", accounts: ["", ""] };

/// The person on the other side of a thread.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// A contact's id, or a visitor's that is no contact yet.
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// Delivery identifier: its type and value.
    pub(crate) address: (&'static str, String),
}

#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) id: u64,
    created_at: Timestamp,
    closed_at: Option<Timestamp>,
    pub(crate) channel: &'static Channel,
    /// On a custom channel: its account.
    pub(crate) custom_account: Option<String>,
    pub(crate) help_desk: bool,
    pub(crate) visitor: Visitor,
    pub(crate) assigned_to: Option<String>,
    pub(crate) ticket: Option<u64>,
    pub(crate) spam: bool,
    pub(crate) archived: bool,
    pub(crate) entries: Vec<messages::Entry>,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) received_at: Option<Timestamp>,
}

impl Thread {
    pub(crate) fn open(&self) -> bool {
        self.closed_at.is_none()
    }

    pub(crate) fn account(&self) -> &str {
        let [inbox, help_desk] = self.channel.accounts;
        self.custom_account.as_deref().unwrap_or(if self.help_desk { help_desk } else { inbox })
    }

    pub(crate) fn inbox(&self) -> &'static str {
        if self.help_desk { HELP_DESK } else { INBOX }
    }

    pub(crate) fn status(&self) -> &'static str {
        if self.open() { "OPEN" } else { "CLOSED" }
    }

    fn show(&self, with_ticket: bool) -> Value {
        let mut shown = json!({
            "id": self.id.to_string(), "createdAt": iso(self.created_at), "status": self.status(),
            "originalChannelId": self.channel.id, "originalChannelAccountId": self.account(), "spam": self.spam,
            "inboxId": self.inbox(), "associatedContactId": self.visitor.id.to_string(), "archived": self.archived,
        });
        let Value::Object(fields) = &mut shown else { return shown };
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        set("closedAt", self.closed_at.map(|at| json!(iso(at))));
        set("latestMessageTimestamp", self.sent_at.max(self.received_at).map(|at| json!(iso(at))));
        set("latestMessageSentTimestamp", self.sent_at.map(|at| json!(iso(at))));
        set("latestMessageReceivedTimestamp", self.received_at.map(|at| json!(iso(at))));
        set("assignedTo", self.assigned_to.as_ref().map(|to| json!(to)));
        let ticket = self.ticket.filter(|_| with_ticket);
        set("threadAssociations", ticket.map(|id| json!({ "associatedTicketId": id.to_string() })));
        shown
    }
}

/// A customer begins a conversation. In a help desk every thread has a ticket from the start.
pub(crate) fn begin(state: &mut State, channel: &'static Channel, help_desk: bool, visitor: Visitor) -> u64 {
    let (id, now) = (state.next_id(), state.now);
    let mut thread = Thread {
        id,
        created_at: now,
        closed_at: None,
        channel,
        custom_account: None,
        help_desk,
        visitor,
        assigned_to: None,
        ticket: None,
        spam: false,
        archived: false,
        entries: Vec::new(),
        sent_at: None,
        received_at: None,
    };
    if help_desk {
        let contact = (Kind::Contact, thread.visitor.id);
        let linked: Vec<_> = state.crm.get(contact).map(|_| contact).into_iter().collect();
        let first = state.crm.pipelines.first().and_then(|p| Some((p.id.clone(), p.stages.first()?.id.clone())));
        let (pipeline, first_stage) = first.unwrap_or_default();
        let values = [
            ("subject", "New conversation".to_owned()),
            ("hs_pipeline", pipeline),
            ("hs_pipeline_stage", first_stage),
            ("hs_conversations_originating_thread_id", id.to_string()),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        thread.ticket = Some(super::objects::insert(state, Kind::Ticket, values, &linked, Author::HubSpot));
    }
    state.threads.insert(id, thread);
    state.emit("conversation.creation", id, json!({ "changeFlag": "CREATED" }));
    id
}

/// Changes the owner, if it is another; an entry in the history and an event follow. `by` is the actor who did it.
pub(crate) fn assign(state: &mut State, id: u64, to: Option<String>, by: &str) {
    let Some(thread) = state.threads.get_mut(&id).filter(|thread| thread.assigned_to != to) else { return };
    let mut entry = json!({ "type": "ASSIGNMENT", "createdBy": by, "client": { "clientType": "SYSTEM" } });
    if let Value::Object(fields) = &mut entry {
        let before = std::mem::replace(&mut thread.assigned_to, to.clone());
        fields.extend(before.map(|from| ("assignedFrom".to_owned(), json!(from))));
        fields.extend(to.clone().map(|to| ("assignedTo".to_owned(), json!(to))));
    }
    messages::note_in_history(state, id, entry);
    let value = json!({ "propertyName": "assignedTo", "propertyValue": to.unwrap_or_default() });
    state.emit("conversation.propertyChange", id, value);
}

/// Opens or closes a thread, if it is not so already.
pub(crate) fn set_open(state: &mut State, id: u64, open: bool, by: &str) {
    let now = state.now;
    let Some(thread) = state.threads.get_mut(&id).filter(|thread| thread.open() != open) else { return };
    thread.closed_at = (!open).then_some(now);
    let status = thread.status();
    let client = json!({ "clientType": "SYSTEM" });
    let entry = json!({ "type": "THREAD_STATUS_CHANGE", "createdBy": by, "client": client, "newStatus": status });
    messages::note_in_history(state, id, entry);
    state.emit("conversation.propertyChange", id, json!({ "propertyName": "status", "propertyValue": status }));
}

/// A thread that a path names. Archived ones are found only where the request asks for them.
pub(crate) fn find<'s>(state: &'s State, named: &str, archived: bool) -> Result<&'s Thread, Answer> {
    let found = named.parse().ok().and_then(|id: u64| state.threads.get(&id));
    found.filter(|thread| thread.archived == archived).ok_or_else(not_found)
}

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let reads = cx.ask.method == http::Method::GET;
    cx.state.account.require(&[if reads { "conversations.read" } else { "conversations.write" }])?;
    let archived = cx.ask.query("archived") == Some("true");
    let with_ticket = cx.ask.list("association").contains(&"TICKET");
    match (cx.ask.method.as_str(), rest) {
        ("GET", ["threads"]) => list(cx, archived, with_ticket),
        ("GET", ["threads", id]) => Ok(Answer::ok(find(cx.state, id, archived)?.show(with_ticket))),
        ("PATCH", ["threads", id]) => patch(cx, id),
        ("DELETE", ["threads", id]) => {
            let id = find(cx.state, id, false)?.id;
            archive(cx.state, id);
            Ok(Answer::empty(204))
        }
        ("PUT", ["threads", id, "assignee"]) => put_assignee(cx, id),
        ("DELETE", ["threads", id, "assignee"]) => {
            let id = find(cx.state, id, false)?.id;
            let by = messages::app_actor(cx.state);
            assign(cx.state, id, None, &by);
            Ok(Answer::empty(204))
        }
        (_, ["threads"] | ["threads", _] | ["threads", _, "assignee"]) => Err(method_not_allowed()),
        _ => Err(no_route()),
    }
}

pub(crate) fn archive(state: &mut State, id: u64) {
    if let Some(thread) = state.threads.get_mut(&id) {
        thread.archived = true;
        state.emit("conversation.deletion", id, json!({}));
    }
}

fn put_assignee(cx: &mut Cx<'_>, id: &str) -> Outcome {
    let id = find(cx.state, id, false)?.id;
    let body = cx.body()?;
    let actor = text(&body, "actorId").ok_or_else(|| fields_missing(&["actorId"]))?;
    if cx.state.teammate(actor).is_none_or(|mate| !mate.seat) {
        return Err(conversation_errors(&[("INVALID_ARGUMENT_TYPE", "Invalid actorId: no agent of this account")]));
    }
    let by = messages::app_actor(cx.state);
    assign(cx.state, id, Some(actor.to_owned()), &by);
    Ok(Answer::ok(find(cx.state, &id.to_string(), false)?.show(false)))
}

fn patch(cx: &mut Cx<'_>, named: &str) -> Outcome {
    let archived = cx.ask.query("archived") == Some("true");
    let id = find(cx.state, named, archived)?.id;
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
    let by = messages::app_actor(cx.state);
    match body.get("status").and_then(Value::as_str) {
        None if body.get("status").is_none() => {}
        Some("OPEN") => set_open(cx.state, id, true, &by),
        Some("CLOSED") => set_open(cx.state, id, false, &by),
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
    let mut page = json!({ "results": shown });
    if let (Some(next), Value::Object(fields)) = (found.get(limit), &mut page) {
        fields.insert("paging".to_owned(), json!({ "next": { "after": next.id.to_string() } }));
    }
    Ok(Answer::ok(page))
}
