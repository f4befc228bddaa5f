//! Changes of threads, each with its entry in the history and its event.

use super::State;
use super::crm::Author;
use super::kind::Kind;
use super::thread::{Channel, Entry, Thread, Visitor};
use crate::hubspot::error::not_found;
use crate::wire::{Answer, iso, joined, present, text};
use serde_json::{Value, json};

impl State {
    /// A thread that a path names. Archived ones are found only where the request asks for them.
    pub(crate) fn thread(&self, named: &str, archived: bool) -> Result<&Thread, Answer> {
        let found = named.parse().ok().and_then(|id: u64| self.threads.get(&id));
        found.filter(|thread| thread.archived == archived).ok_or_else(not_found)
    }

    /// A customer begins a conversation. In a help desk every thread has a ticket from the start.
    pub(crate) fn begin_thread(&mut self, channel: &'static Channel, help_desk: bool, visitor: Visitor) -> u64 {
        let id = self.next_id();
        let ticket = help_desk.then(|| self.ticket_of_thread(id, visitor.id));
        let thread = Thread {
            id,
            created_at: self.now,
            closed_at: None,
            channel,
            custom_account: None,
            help_desk,
            visitor,
            assigned_to: None,
            ticket,
            spam: false,
            archived: false,
            entries: Vec::new(),
            sent_at: None,
            received_at: None,
        };
        self.threads.insert(id, thread);
        self.emit("conversation.creation", id, json!({ "changeFlag": "CREATED" }));
        id
    }

    fn ticket_of_thread(&mut self, thread: u64, visitor: u64) -> u64 {
        let contact = (Kind::Contact, visitor);
        let linked: Vec<_> = self.crm.get(contact).map(|_| contact).into_iter().collect();
        let first = self.crm.pipelines.first().and_then(|p| Some((p.id.clone(), p.stages.first()?.id.clone())));
        let (pipeline, first_stage) = first.unwrap_or_default();
        let values = [
            ("subject", "New conversation".to_owned()),
            ("hs_pipeline", pipeline),
            ("hs_pipeline_stage", first_stage),
            ("hs_conversations_originating_thread_id", thread.to_string()),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.insert_record(Kind::Ticket, values, &linked, Author::HubSpot)
    }

    /// Gives the thread another owner. `by` is the actor of the change.
    pub(crate) fn assign(&mut self, id: u64, to: Option<String>, by: &str) {
        let Some(thread) = self.threads.get_mut(&id).filter(|thread| thread.assigned_to != to) else { return };
        let from = std::mem::replace(&mut thread.assigned_to, to.clone());
        let entry = json!({
            "type": "ASSIGNMENT", "createdBy": by, "client": { "clientType": "SYSTEM" }, "assignedFrom": from,
            "assignedTo": to,
        });
        self.note_in_history(id, present(entry));
        let value = json!({ "propertyName": "assignedTo", "propertyValue": to.unwrap_or_default() });
        self.emit("conversation.propertyChange", id, value);
    }

    /// Opens or closes a thread, if it is not so already.
    pub(crate) fn set_open(&mut self, id: u64, open: bool, by: &str) {
        let now = self.now;
        let Some(thread) = self.threads.get_mut(&id).filter(|thread| thread.open() != open) else { return };
        thread.closed_at = (!open).then_some(now);
        let status = thread.status();
        let client = json!({ "clientType": "SYSTEM" });
        let entry = json!({ "type": "THREAD_STATUS_CHANGE", "createdBy": by, "client": client, "newStatus": status });
        self.note_in_history(id, entry);
        self.emit("conversation.propertyChange", id, json!({ "propertyName": "status", "propertyValue": status }));
    }

    pub(crate) fn archive_thread(&mut self, id: u64) {
        if let Some(thread) = self.threads.get_mut(&id) {
            thread.archived = true;
            self.emit("conversation.deletion", id, json!({}));
        }
    }

    /// Adds a message, comment or welcome message; the newMessage event follows. Returns the entry as it is read.
    pub(crate) fn add_message(&mut self, thread: u64, wire: Value, original: Option<Value>) -> Value {
        let kind = text(&wire, "type").unwrap_or_default().to_owned();
        let (now, incoming) = (self.now, text(&wire, "direction") == Some("INCOMING"));
        let added = self.append(thread, wire, original);
        if let Some(thread) = self.threads.get_mut(&thread).filter(|_| kind == "MESSAGE") {
            *(if incoming { &mut thread.received_at } else { &mut thread.sent_at }) = Some(now);
        }
        let fields = json!({ "messageId": text(&added, "id"), "messageType": kind, "changeFlag": "NEW_MESSAGE" });
        self.emit("conversation.newMessage", thread, fields);
        added
    }

    /// An entry without text raises no newMessage event.
    fn note_in_history(&mut self, thread: u64, entry: Value) {
        let people = json!({ "senders": [{ "actorId": "S-hubspot" }], "recipients": [] });
        self.append(thread, joined(entry, people), None);
    }

    fn append(&mut self, thread: u64, wire: Value, original: Option<Value>) -> Value {
        let (id, now) = (self.ids.hex(), iso(self.now));
        let head = json!({
            "id": id, "conversationsThreadId": thread.to_string(), "createdAt": now, "updatedAt": now,
            "archived": false,
        });
        let whole = joined(head, wire);
        if let Some(thread) = self.threads.get_mut(&thread) {
            thread.entries.push(Entry { wire: whole.clone(), original });
        }
        whole
    }
}
