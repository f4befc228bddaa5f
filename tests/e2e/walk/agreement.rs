//! What HubSpot, OpenCX and our links must agree on once nothing is under way.

use super::Talk;
use crate::world::{ORG, World};
use domain::{AiState, Lifecycle, OrgId, PortalId, ThreadId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::{Delivery, Session, State};

pub(crate) async fn session_of(world: &World, thread: &str) -> Option<Session> {
    let (store, org) = (&world.operator().store, OrgId::parse(ORG).unwrap());
    let portal = PortalId::parse(world.portal["portal_id"].as_str().unwrap()).unwrap();
    let link = store.link_of_thread(&portal, &ThreadId::parse(thread).unwrap()).await.unwrap()?;
    store.session(&org, &link.session?).await.unwrap()
}

/// Rows that are neither done nor skipped nor failed.
pub(crate) async fn unfinished(world: &World) -> BTreeSet<String> {
    let ended = |row: &Delivery| matches!(row.state, State::Done | State::Skipped | State::Failed);
    rows(world).await.iter().filter(|row| !ended(row)).map(|row| format!("{row:?}")).collect()
}

async fn rows(world: &World) -> Vec<Delivery> {
    let (org, mut all, mut cursor) = (OrgId::parse(ORG).unwrap(), Vec::new(), None);
    loop {
        let page = world.operator().store.deliveries(&org, &world.whole_log(), 100, cursor).await.unwrap();
        all.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

/// Everything that does not fit together, in words.
pub(crate) async fn disagreements(world: &World, talks: &[Talk]) -> Vec<String> {
    let rows = rows(world).await;
    let by_key: BTreeMap<&str, &Delivery> = rows.iter().map(|row| (row.key.as_str(), row)).collect();
    let mut found = Vec::new();
    for (number, talk) in talks.iter().enumerate() {
        let mut one = of_talk(world, talk, &by_key).await;
        found.extend(one.drain(..).map(|said| format!("{number}: {said}")));
    }
    found.extend(of_tickets(world).await);
    found
}

async fn of_talk(world: &World, talk: &Talk, rows: &BTreeMap<&str, &Delivery>) -> Vec<String> {
    let mut found = Vec::new();
    let Some(session) = session_of(world, &talk.thread).await else {
        if !talk.questions.is_empty() {
            found.push("a customer wrote and there is no session".to_owned());
        }
        return found;
    };
    let there = world.ocx("GET", &format!("/_sim/sessions/{}", session.id), Value::Null).await;
    let here = world.hs("GET", &format!("/_sim/threads/{}", talk.thread), Value::Null).await;
    if there["custom_data"]["hubspot_thread_id"] != talk.thread.as_str() {
        found.push(format!("session {} does not name the thread", session.id));
    }
    if there["handed_off"] != (session.ai != AiState::Active) && there["status"] == "open" {
        found.push(format!("OpenCX says handed_off {}, we say {:?}", there["handed_off"], session.ai));
    }
    if (there["status"] == "open") != (session.lifecycle == Lifecycle::Open) {
        found.push(format!("OpenCX says {}, we say {:?}", there["status"], session.lifecycle));
    }
    if let Some(ticket) = &session.ticket {
        let ticket = world.hs("GET", &format!("/_sim/tickets/{ticket}"), Value::Null).await;
        let closed = ticket["properties"]["hs_pipeline_stage"] == "4";
        if session.lifecycle == Lifecycle::Resolved && !closed {
            found.push(format!("the session is resolved and its ticket open, wish {:?}", session.close_request));
        }
        if there["hubspot"]["hubspot_ticket_id"].as_str() != session.ticket.as_ref().map(domain::TicketId::as_str) {
            found.push(format!("OpenCX was told {}, the ticket is {:?}", there["hubspot"], session.ticket));
        }
    }
    let (said, portal) = (counted(&there["messages"]), world.portal["portal_id"].as_str().unwrap());
    let heard = counted(&here["messages"]);
    for (message, words) in &talk.questions {
        let Some(row) = rows.get(format!("message:{portal}:{message}").as_str()) else {
            found.push(format!("{words}: there is no row"));
            continue;
        };
        found.extend(of_question(words, row, talk, (&said, &heard)));
    }
    for words in &talk.replies {
        if said.get(words) != Some(&1) {
            found.push(format!("{words}: stored {:?} times", said.get(words)));
        }
    }
    let notes: Vec<&str> = there["notes"].as_array().unwrap().iter().filter_map(|note| note["text"].as_str()).collect();
    for words in &talk.remarks {
        let times = notes.iter().filter(|note| note.contains(words.as_str())).count();
        if times != 1 {
            found.push(format!("{words}: noted {times} times"));
        }
    }
    found
}

/// A question is told to OpenCX once (and once more where a workflow sends it to the AI), answered at most once, and where
/// it was not answered its row says why.
fn of_question(
    words: &str,
    row: &Delivery,
    talk: &Talk,
    (said, heard): (&BTreeMap<String, usize>, &BTreeMap<String, usize>),
) -> Option<String> {
    let told = said.get(words).copied().unwrap_or_default();
    let answers = heard.get(&format!("You said: {words}")).copied().unwrap_or_default();
    let usual = words.starts_with("question");
    let problem = match row.state {
        _ if told > 1 + talk.sent_to_ai => format!("OpenCX was told {told} times"),
        _ if answers > 1 => format!("answered {answers} times"),
        State::Done if told == 0 => "done, and OpenCX never heard of it".to_owned(),
        State::Done if usual && answers == 0 => "done, and nobody answered".to_owned(),
        State::Skipped | State::Failed if row.reason.is_none() => "no reason is given".to_owned(),
        State::Done | State::Skipped | State::Failed => return None,
        other => format!("its row is {other}"),
    };
    Some(format!("{words} {problem}; {} {:?} {:?}", row.state, row.reason, row.detail))
}

/// How often each text occurs.
fn counted(messages: &Value) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for text in messages.as_array().unwrap().iter().filter_map(|message| message["text"].as_str()) {
        *counts.entry(text.to_owned()).or_default() += 1;
    }
    counts
}

/// No two tickets of one handoff, and every ticket is some session's.
async fn of_tickets(world: &World) -> Vec<String> {
    let mut seen = BTreeMap::<String, Vec<String>>::new();
    for ticket in world.tickets().await {
        let handoff = ticket["properties"]["opencx_handoff_id"].as_str().unwrap_or_default().to_owned();
        seen.entry(handoff).or_default().push(ticket["ticket_id"].as_str().unwrap().to_owned());
    }
    let wrong = |(handoff, tickets): &(String, Vec<String>)| handoff.is_empty() || tickets.len() > 1;
    seen.into_iter()
        .filter(wrong)
        .map(|(handoff, tickets)| format!("handoff {handoff:?} has the tickets {tickets:?}"))
        .collect()
}
