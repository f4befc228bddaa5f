//! The log: what happened to an organization, a thread, a ticket or a session, newest first.
//!
//! The indexes hold keys only; rows are read from the table, so an entry is never staler than its place in the list.

use crate::delivery::{Delivery, State};
use crate::item::{Item, text};
use crate::keys::{
    BY_DAY, BY_DUE, BY_OBJECT, Key, day_of, moment, parked_of, story_of_session, story_of_thread, story_of_ticket,
};
use crate::row::Row;
use crate::words::Word;
use crate::{Store, StoreError, Work};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DedupKey, OrgId, PortalId, Reason, SessionId, ThreadId, TicketId};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Where no beginning is given, the list goes back this far, which is the default retention.
const LOG_DAYS: i64 = 31;
/// A longer list is cut off here; it ends with a cursor all the same.
const MAX_DAYS: i64 = 400;
/// A page ends after so many rows that did not fit, so that a rare reason in a long log costs no caller its patience.
const LOOKED_AT: usize = 1_000;

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state, by its word; a word that is none matches nothing.
    pub state: Option<String>,
    /// Skipped, failed or waiting for this reason.
    pub reason: Option<Reason>,
    /// About this conversation.
    pub thread: Option<(PortalId, ThreadId)>,
    /// About this ticket.
    pub ticket: Option<TicketId>,
    /// About this session, its conversation or its ticket.
    pub session: Option<SessionId>,
    /// Not older.
    pub from: Option<Timestamp>,
    /// Not newer. The log of a whole organization needs it; parked entries are found without.
    pub to: Option<Timestamp>,
}

impl Filter {
    fn wants(&self, org: &OrgId, state: Option<State>, row: &Delivery) -> bool {
        row.work.org() == org
            && state.is_none_or(|state| state == row.state)
            && self.reason.as_ref().is_none_or(|reason| row.reason.as_ref() == Some(reason))
    }
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries. There may be fewer than asked for, even none, although more follow: only `cursor` tells the end.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub cursor: Option<String>,
}

/// Partitions of one index whose entries are one list.
struct Group {
    index: &'static str,
    partitions: Vec<String>,
}

/// An entry of an index.
struct Place {
    at: String,
    key: Key,
}

impl Store {
    /// Lists the log, newest first. Whole organizations: events only; one object: also requests and handoffs.
    ///
    /// `cursor` is the [`Page::cursor`] of the page before, for the same filter.
    pub async fn deliveries(
        &self,
        org: &OrgId,
        filter: &Filter,
        limit: u32,
        cursor: Option<String>,
    ) -> Result<Page<Delivery>, StoreError> {
        let state = match filter.state.as_deref().map(State::of_word) {
            Some(None) => return Ok(Page { items: Vec::new(), cursor: None }),
            Some(state) => state,
            None => None,
        };
        let limit = limit.clamp(1, 100) as usize;
        // One row more than wanted tells whether another page follows; a filter leaves most rows out.
        let read = if state.is_some() || filter.reason.is_some() { 100 } else { limit + 1 };
        let from = filter.from.map(moment).unwrap_or_default();
        // `~` sorts behind the `#` that follows a moment, so entries of that very moment are in.
        let end = filter.to.map_or_else(|| "~".to_owned(), |to| format!("{}~", moment(to)));
        let mut before = cursor.map_or(end, |cursor| cursor);
        let (mut items, mut last_kept, mut misses) = (Vec::new(), None, 0);
        for group in self.groups(org, filter, state, &before).await? {
            loop {
                let places = self.newest(&group, &from, &before, read).await?;
                let Some(last) = places.last() else { break };
                let last = last.at.clone();
                let mut rows = self.rows(&places).await?;
                for place in places {
                    let Some(row) = rows.remove(&place.key) else { continue };
                    let found = row.delivery()?;
                    if !filter.wants(org, state, &found) {
                        misses += 1;
                    } else if items.len() == limit {
                        return Ok(Page { items, cursor: last_kept });
                    } else {
                        items.push(found);
                        last_kept = Some(place.at);
                    }
                }
                if misses >= LOOKED_AT {
                    return Ok(Page { items, cursor: Some(last) });
                }
                before = last;
            }
        }
        Ok(Page { items, cursor: None })
    }

    /// The events of a thread whose delay or retry is due, oldest first.
    ///
    /// The index is a moment behind: an event that was delayed just now may be missing.
    pub async fn due_deliveries_of_thread(
        &self,
        org: &OrgId,
        portal: &PortalId,
        thread: &ThreadId,
        now: Timestamp,
    ) -> Result<Vec<DedupKey>, StoreError> {
        let query = self.client.query().table_name(&*self.table).index_name(BY_OBJECT).scan_index_forward(true);
        let query = query
            .key_condition_expression("gsi2pk = :story")
            .filter_expression("#state IN (:delayed, :retrying) AND #due <= :now")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#due", "due")
            .expression_attribute_values(":story", text(story_of_thread(org, portal, thread)))
            .expression_attribute_values(":delayed", crate::item::word(State::Delayed))
            .expression_attribute_values(":retrying", crate::item::word(State::Retrying))
            .expression_attribute_values(":now", crate::item::time(now));
        let mut pages = query.into_paginator().items().send();
        let mut due = Vec::new();
        while let Some(entry) = pages.next().await {
            let entry = entry.map_err(|error| StoreError::of_sdk("list due deliveries", &error))?;
            if let Some(Work::Delivery { key, .. }) = key_of(&entry).and_then(|key| key.read_work()) {
                due.push(key);
            }
        }
        Ok(due)
    }

    /// What to list, group after group; each group is newer than the next.
    async fn groups(
        &self,
        org: &OrgId,
        filter: &Filter,
        state: Option<State>,
        before: &str,
    ) -> Result<Vec<Group>, StoreError> {
        let story = |partitions| vec![Group { index: BY_OBJECT, partitions }];
        if let Some((portal, thread)) = &filter.thread {
            return Ok(story(vec![story_of_thread(org, portal, thread)]));
        }
        if let Some(ticket) = &filter.ticket {
            return Ok(story(vec![story_of_ticket(org, ticket)]));
        }
        if let Some(id) = &filter.session {
            let mut partitions = vec![story_of_session(org, id)];
            if let Some(session) = self.session(org, id).await? {
                let thread = session.portal.as_ref().zip(session.thread.as_ref());
                partitions.extend(thread.map(|(portal, thread)| story_of_thread(org, portal, thread)));
                partitions.extend(session.ticket.as_ref().map(|ticket| story_of_ticket(org, ticket)));
            }
            return Ok(story(partitions));
        }
        if state == Some(State::Parked) {
            return Ok(vec![Group { index: BY_DUE, partitions: vec![parked_of(org)] }]);
        }
        let to = filter.to.ok_or(StoreError::OpenEnded)?;
        // A cursor begins with its moment; the days after it have been listed.
        let newest = before.split('#').next().and_then(|at| at.parse::<Timestamp>().ok()).map_or(to, |at| at.min(to));
        let oldest = filter.from.unwrap_or_else(|| back(to, LOG_DAYS)).max(back(to, MAX_DAYS));
        let day = |at: Timestamp| at.as_second().div_euclid(86_400);
        let days = 0..=(day(newest) - day(oldest)).max(0);
        Ok(days.map(|n| Group { index: BY_DAY, partitions: vec![day_of(org, back(newest, n))] }).collect())
    }

    /// The newest places of a group before `before`, at most `limit`, newest first.
    async fn newest(&self, group: &Group, from: &str, before: &str, limit: usize) -> Result<Vec<Place>, StoreError> {
        let queries =
            group.partitions.iter().map(|partition| self.partition(group.index, partition, (from, before), limit));
        let mut places: Vec<Place> = futures::future::try_join_all(queries).await?.into_iter().flatten().collect();
        places.sort_by(|a, b| b.at.cmp(&a.at));
        places.truncate(limit);
        Ok(places)
    }

    async fn partition(
        &self,
        index: &'static str,
        partition: &str,
        (from, before): (&str, &str),
        limit: usize,
    ) -> Result<Vec<Place>, StoreError> {
        if from > before {
            return Ok(Vec::new());
        }
        let sort = format!("{index}sk");
        let query = self.client.query().table_name(&*self.table).index_name(index).scan_index_forward(false);
        let query = query
            .key_condition_expression(format!("{index}pk = :partition AND {sort} BETWEEN :from AND :before"))
            .expression_attribute_values(":partition", text(partition))
            .expression_attribute_values(":from", text(if from.is_empty() { "0" } else { from }))
            .expression_attribute_values(":before", text(before))
            // BETWEEN includes the entry at the cursor, which was on the page before.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let answer = query.send().await.map_err(|error| StoreError::of_sdk("list deliveries", &error))?;
        let place = |entry: &HashMap<String, AttributeValue>| {
            let at = entry.get(&sort)?.as_s().ok()?.clone();
            (at != before).then_some(Place { at, key: key_of(entry)? })
        };
        Ok(answer.items().iter().filter_map(place).take(limit).collect())
    }

    async fn rows(&self, places: &[Place]) -> Result<HashMap<Key, Row>, StoreError> {
        let keys: Vec<Key> = places.iter().map(|place| place.key.clone()).collect();
        let items = self.get_all("read deliveries", &keys).await?;
        Ok(items.into_iter().map(|item: Item| (item.key().clone(), Row::new(item))).collect())
    }
}

fn back(at: Timestamp, days: i64) -> Timestamp {
    at.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
}

pub(crate) fn key_of(entry: &HashMap<String, AttributeValue>) -> Option<Key> {
    let part = |name| entry.get(name).and_then(|value| value.as_s().ok()).cloned();
    Some(Key::new(part("pk")?, part("sk")?))
}
