//! Customers and reps at their threads.

use super::asked::{numbered, rep};
use crate::hubspot::state::{Author, CHANNELS, Entry, Kind, State, Thread, Visitor, as_html};
use crate::wire::{Answer, Ask, Outcome, id_text, joined, present, text};
use serde_json::{Value, json};

pub(crate) fn route(state: &mut State, ask: &Ask, parts: &[&str]) -> Outcome {
    match (ask.method.as_str(), parts) {
        ("POST", ["_sim", "threads"]) => begin(state, &ask.read()?),
        ("GET", ["_sim", "threads"]) => Ok(Answer::ok(state.threads.values().map(show).collect())),
        (_, ["_sim", "threads", id, rest @ ..]) => {
            let id = numbered(id)?;
            let thread = state.threads.get(&id).ok_or_else(no_thread)?;
            match (ask.method.as_str(), rest) {
                ("GET", []) => Ok(Answer::ok(show(thread))),
                ("PATCH", []) => patch(state, id, &ask.read()?),
                ("DELETE", []) => Ok(delete(state, id, ask.query("privacy") == Some("true"))),
                ("POST", ["messages"]) => say(state, id, &ask.read()?),
                ("PATCH", ["messages", message]) => fail(state, id, message, &ask.read()?),
                ("PUT", ["assignee"]) => put_assignee(state, id, &ask.read()?),
                _ => Err(Answer::no_control()),
            }
        }
        _ => Err(Answer::no_control()),
    }
}

fn no_thread() -> Answer {
    Answer::problem(404, "there is no such thread")
}

fn begin(state: &mut State, body: &Value) -> Outcome {
    let channel = text(body, "channel").unwrap_or("web");
    let channel = CHANNELS.iter().find(|c| c.name == channel).ok_or_else(|| Answer::problem(400, "no such channel"))?;
    let help_desk = match text(body, "inbox") {
        None | Some("INBOX") => false,
        Some("HELP_DESK") => true,
        Some(_) => return Err(Answer::problem(400, "inbox is neither INBOX nor HELP_DESK")),
    };
    let person = body.get("contact").cloned().unwrap_or(Value::Null);
    let (name, email) = (text(&person, "name"), text(&person, "email"));
    let phone = text(&person, "phone").unwrap_or("+15550100100");
    let address = match channel.name {
        "email" => ("HS_EMAIL_ADDRESS", email.unwrap_or("someone@customer.example").to_owned()),
        "whatsapp" => ("HS_PHONE_NUMBER", phone.to_owned()),
        _ => ("CHANNEL_SPECIFIC_OPAQUE_ID", state.ids.hex()),
    };
    let id = match email {
        Some(email) => contact(state, name, email),
        None => state.next_id(),
    };
    let visitor = Visitor { id, name: name.map(ToOwned::to_owned), email: email.map(ToOwned::to_owned), address };
    let thread = state.begin_thread(channel, help_desk, visitor);
    let ticket = state.threads.get(&thread).and_then(|t| t.ticket).map(|t| t.to_string());
    let answer = json!({ "thread_id": thread.to_string(), "contact_id": id.to_string(), "ticket_id": ticket });
    Ok(Answer::new(201, answer))
}

/// HubSpot makes a contact of a visitor whose e-mail address it learns.
fn contact(state: &mut State, name: Option<&str>, email: &str) -> u64 {
    let email = email.to_lowercase();
    if let Some(id) = state.crm.find(Kind::Contact, "email", &email) {
        return id;
    }
    let (first, last) = name.map(|n| n.split_once(' ').unwrap_or((n, ""))).unwrap_or_default();
    let values = [("email", email.as_str()), ("firstname", first), ("lastname", last)];
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    state.insert_record(Kind::Contact, values, &[], Author::HubSpot)
}

fn put_assignee(state: &mut State, id: u64, body: &Value) -> Outcome {
    let to = match body.get("actor_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(actor)) => Some(actor.clone()),
        Some(_) => return Err(Answer::problem(400, "actor_id is neither an actor's id nor null")),
    };
    if let Some(actor) = to.as_deref().filter(|actor| !actor.starts_with("L-") && !actor.starts_with("B-")) {
        rep(state, actor)?;
    }
    state.assign(id, to, text(body, "by").unwrap_or("A-100"));
    state.threads.get(&id).map(|t| Answer::ok(show(t))).ok_or_else(no_thread)
}

fn patch(state: &mut State, id: u64, body: &Value) -> Outcome {
    match text(body, "status") {
        None => {}
        Some("OPEN") => state.set_open(id, true, "A-100"),
        Some("CLOSED") => state.set_open(id, false, "A-100"),
        Some(_) => return Err(Answer::problem(400, "status is neither OPEN nor CLOSED")),
    }
    let thread = state.threads.get_mut(&id).ok_or_else(no_thread)?;
    if let Some(spam) = body.get("spam").and_then(Value::as_bool) {
        thread.spam = spam;
    }
    if let Some(ticket) = body.get("ticket_id") {
        thread.ticket = id_text(ticket).and_then(|id| id.parse().ok());
    }
    Ok(Answer::ok(show(thread)))
}

/// HubSpot finds out later that it could not deliver a message.
fn fail(state: &mut State, id: u64, message: &str, body: &Value) -> Outcome {
    let reason = text(body, "failed").ok_or_else(|| Answer::problem(400, "failed is the reason"))?;
    let entries = state.threads.get_mut(&id).into_iter().flat_map(|thread| thread.entries.iter_mut());
    let entry = entries.into_iter().find(|entry| entry.id() == message);
    let entry = entry.ok_or_else(|| Answer::problem(404, "there is no such message"))?;
    entry.wire = joined(entry.wire.take(), json!({ "status": not_delivered(reason) }));
    Ok(Answer::ok(json!({})))
}

fn not_delivered(reason: &str) -> Value {
    let details = json!({ "errorMessage": reason, "errorMessageTokens": {} });
    json!({ "statusType": "FAILED", "failureDetails": details })
}

fn delete(state: &mut State, id: u64, privacy: bool) -> Answer {
    if privacy {
        state.threads.remove(&id);
        state.emit("conversation.privacyDeletion", id, json!({}));
    } else {
        state.archive_thread(id);
    }
    Answer::ok(json!({}))
}

fn say(state: &mut State, id: u64, body: &Value) -> Outcome {
    let thread = state.threads.get(&id).ok_or_else(no_thread)?;
    let from = text(body, "from").unwrap_or("visitor");
    let visitor = from == "visitor" || from.starts_with("V-");
    let kind = text(body, "type").unwrap_or("MESSAGE");
    let wire = match kind {
        "MESSAGE" => message(state, thread, from, body)?,
        "COMMENT" => {
            json!({ "type": "COMMENT", "recipients": [], "attachments": [], "senders": [sender(state, thread, from)?] })
        }
        "WELCOME_MESSAGE" => json!({
            "type": kind, "senders": [{ "actorId": "S-hubspot" }], "recipients": [customer(thread, false)],
            "channelId": thread.channel.id, "channelAccountId": thread.account(),
        }),
        _ => return Err(Answer::problem(400, "type is none of MESSAGE, COMMENT, WELCOME_MESSAGE")),
    };
    let wire = with_content(state, thread, from, body, wire)?;
    let original = text(body, "original").map(|whole| json!({ "text": whole, "richText": as_html(whole) }));
    let added = state.add_message(id, wire, original);
    if kind == "MESSAGE" && visitor {
        state.set_open(id, true, "S-hubspot");
    } else if kind == "MESSAGE" && state.teammate(from).is_some() {
        state.assign(id, Some(from.to_owned()), from);
    }
    Ok(Answer::new(201, json!({ "message_id": text(&added, "id") })))
}

fn message(state: &State, thread: &Thread, from: &str, body: &Value) -> Result<Value, Answer> {
    let by_customer = from == "visitor" || from.starts_with("V-");
    let incoming = text(body, "direction").map_or(by_customer, |direction| direction == "INCOMING");
    let receivers = if !by_customer {
        vec![customer(thread, false)]
    } else if thread.channel.name == "email" {
        let identifier = json!({ "type": "HS_EMAIL_ADDRESS", "value": "support@support.example" });
        vec![json!({ "recipientField": "TO", "deliveryIdentifier": identifier })]
    } else {
        Vec::new()
    };
    let subject = text(body, "subject").or((thread.channel.name == "email").then_some("Question"));
    let truncated = body.get("original").is_some_and(Value::is_string);
    let more = json!({
        "senders": [sender(state, thread, from)?], "recipients": receivers, "attachments": body.get("attachments"),
        "subject": subject, "truncationStatus": truncated.then_some("TRUNCATED"),
        "status": text(body, "failed").map(not_delivered),
    });
    Ok(joined(thread.message_fields(incoming), present(more)))
}

/// Text, author and client, which all three types have.
fn with_content(state: &State, thread: &Thread, from: &str, body: &Value, wire: Value) -> Result<Value, Answer> {
    let plain = text(body, "text").unwrap_or_default();
    let rich = text(body, "html").map_or_else(|| as_html(plain), ToOwned::to_owned);
    let actor = if from == "visitor" { format!("V-{}", thread.visitor.id) } else { from.to_owned() };
    let client = match body.get("integration_app_id").and_then(id_text) {
        Some(app) => {
            let app: u64 = app.parse().map_err(|_| Answer::problem(400, "integration_app_id is no number"))?;
            json!({ "clientType": "INTEGRATION", "integrationAppId": app })
        }
        // A live chat's visitor comes with SYSTEM, as the documented sample has it.
        None if state.teammate(from).is_some() || thread.channel.name == "email" => json!({ "clientType": "HUBSPOT" }),
        None => json!({ "clientType": "SYSTEM" }),
    };
    let welcome = text(&wire, "type") == Some("WELCOME_MESSAGE");
    let author = if welcome { "S-hubspot".to_owned() } else { actor };
    let wire = joined(wire, json!({ "text": plain, "createdBy": author, "client": client }));
    Ok(if welcome { wire } else { joined(wire, json!({ "richText": rich })) })
}

fn sender(state: &State, thread: &Thread, from: &str) -> Result<Value, Answer> {
    if from == "visitor" || from.starts_with("V-") {
        return Ok(customer(thread, true));
    }
    if from.starts_with("A-") {
        return Ok(thread.sender(rep(state, from)?));
    }
    Ok(json!({ "actorId": from }))
}

fn customer(thread: &Thread, sends: bool) -> Value {
    let Visitor { id, name, address: (kind, value), .. } = &thread.visitor;
    let email = thread.channel.name == "email";
    present(json!({
        "actorId": format!("V-{id}"), "deliveryIdentifier": { "type": kind, "value": value }, "name": name,
        "senderField": (email && sends).then_some("FROM"), "recipientField": (email && !sends).then_some("TO"),
    }))
}

/// A thread as `/_sim` shows it: all ids are strings.
fn show(thread: &Thread) -> Value {
    let entry = |entry: &Entry| {
        let wire = &entry.wire;
        let actor = wire.pointer("/senders/0/actorId").and_then(Value::as_str);
        let from = actor.map(|actor| if actor.starts_with("V-") { "visitor" } else { actor });
        json!({
            "id": entry.id(), "type": text(wire, "type"), "direction": text(wire, "direction"), "from": from,
            "name": wire.pointer("/senders/0/name"),
            "text": text(wire, "text"), "rich_text": text(wire, "richText"), "at": text(wire, "createdAt"),
            "attachments": wire.get("attachments"), "subject": text(wire, "subject"), "assigned_to": text(wire, "assignedTo"),
            "integration_app_id": wire.pointer("/client/integrationAppId").and_then(id_text),
        })
    };
    json!({
        "thread_id": thread.id.to_string(), "status": thread.status(), "assigned_to": thread.assigned_to,
        "contact_id": thread.visitor.id.to_string(), "ticket_id": thread.ticket.map(|id| id.to_string()),
        "channel": thread.channel.name, "inbox": if thread.help_desk { "HELP_DESK" } else { "INBOX" },
        "messages": thread.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}
