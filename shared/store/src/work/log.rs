//! The log: what happened to an organization, a thread, a ticket or a session, newest first.
//!
//! The indexes hold keys only. The rows are read from the table, so they are as new as the table is.

use crate::table::keys::{
    BY_DAY, BY_DUE, BY_OBJECT, day_of, parked_of, story_of_session, story_of_thread, story_of_ticket,
};
use crate::table::{Attributes, Key, Store, StoreError, moment, read_all, read_page, time, word};
use crate::work::delivery::{Delivery, Row, State};
use crate::work::terms::Work;
use domain::{DedupKey, OrgId, PortalId, Reason, SessionId, ThreadId, TicketId};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// A list without a beginning goes back this far, which is the default retention.
const LOG_DAYS: i64 = 31;
/// A list goes back no further.
const MAX_DAYS: i64 = 400;
/// A page ends after so many rows that did not fit: a rare reason in a long log must not make a page slow.
const MISSES_OF_PAGE: usize = 1_000;

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
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
    /// Not newer. The log of a whole organization needs it, except where `state` is parked.
    pub to: Option<Timestamp>,
}

impl Filter {
    fn wants(&self, org: &OrgId, row: &Delivery) -> bool {
        row.work.org() == org
            && self.state.is_none_or(|state| state == row.state)
            && self.reason.as_ref().is_none_or(|reason| row.reason.as_ref() == Some(reason))
    }
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries. A page may be short or empty although more follow: only `cursor` tells the end.
    pub items: Vec<T>,
    /// The beginning of the next page; `None` at the end.
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
        let limit = limit.clamp(1, 100) as usize;
        // One row more than wanted tells whether another page follows; a filter leaves most rows out.
        let read = if filter.state.is_some() || filter.reason.is_some() { 100 } else { limit + 1 };
        let from = filter.from.map(moment).unwrap_or_default();
        // `~` sorts behind the `#` that follows a moment, so entries of that very moment are in.
        let end = filter.to.map_or_else(|| "~".to_owned(), |to| format!("{}~", moment(to)));
        let mut before = cursor.unwrap_or(end);
        let (mut items, mut last_kept, mut misses) = (Vec::new(), None, 0);
        for group in self.groups(org, filter, &before).await? {
            loop {
                let places = self.newest(&group, &from, &before, read).await?;
                let Some(last) = places.last() else { break };
                let last = last.at.clone();
                let mut rows = self.rows(&places).await?;
                for place in places {
                    let Some(row) = rows.remove(&place.key) else { continue };
                    let found = row.delivery()?;
                    if !filter.wants(org, &found) {
                        misses += 1;
                    } else if items.len() == limit {
                        return Ok(Page { items, cursor: last_kept });
                    } else {
                        items.push(found);
                        last_kept = Some(place.at);
                    }
                }
                if misses >= MISSES_OF_PAGE {
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
        let query = self
            .query(Some(BY_OBJECT), "gsi2pk = :story", [(":story", &story_of_thread(org, portal, thread))])
            .filter_expression("#state IN (:delayed, :retrying) AND #due <= :now")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#due", "due")
            .expression_attribute_values(":delayed", word(State::Delayed))
            .expression_attribute_values(":retrying", word(State::Retrying))
            .expression_attribute_values(":now", time(now));
        let due = read_all("list due deliveries", query).await?;
        Ok(due.iter().filter_map(|entry| Work::of_key(&Key::of(entry)?)?.event().cloned()).collect())
    }

    /// The partitions to list, group after group; each group is newer than the next.
    async fn groups(&self, org: &OrgId, filter: &Filter, before: &str) -> Result<Vec<Group>, StoreError> {
        let story = |partitions| vec![Group { index: BY_OBJECT, partitions }];
        if let Some((portal, thread)) = &filter.thread {
            return Ok(story(vec![story_of_thread(org, portal, thread)]));
        }
        if let Some(ticket) = &filter.ticket {
            return Ok(story(vec![story_of_ticket(org, ticket)]));
        }
        if let Some(id) = &filter.session {
            let mut partitions = vec![story_of_session(org, id)];
            if let Some(session) = self.get("read a session's objects", &Key::session(org, id)).await? {
                let thread = session.parsed_if("portal")?.zip(session.parsed_if("thread")?);
                partitions.extend(thread.map(|(portal, thread)| story_of_thread(org, &portal, &thread)));
                partitions.extend(session.parsed_if("ticket")?.map(|ticket| story_of_ticket(org, &ticket)));
            }
            return Ok(story(partitions));
        }
        if filter.state == Some(State::Parked) {
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
        let (sort, from) = (format!("{index}sk"), if from.is_empty() { "0" } else { from });
        let condition = format!("{index}pk = :partition AND {sort} BETWEEN :from AND :before");
        let values = [(":partition", partition), (":from", from), (":before", before)];
        // BETWEEN includes the entry at the cursor, which was on the page before.
        let wanted = i32::try_from(limit + 1).unwrap_or(i32::MAX);
        let query = self.query(Some(index), &condition, values).scan_index_forward(false).limit(wanted);
        let place = |entry: Attributes| {
            let at = entry.get(&sort)?.as_s().ok()?.clone();
            (at != before).then_some(Place { at, key: Key::of(&entry)? })
        };
        Ok(read_page("list deliveries", query).await?.into_iter().filter_map(place).take(limit).collect())
    }

    async fn rows(&self, places: &[Place]) -> Result<HashMap<Key, Row>, StoreError> {
        let keys: Vec<Key> = places.iter().map(|place| place.key.clone()).collect();
        let items = self.get_all("read deliveries", &keys).await?;
        Ok(items.into_iter().map(|item| (item.key().clone(), Row(item))).collect())
    }
}

fn back(at: Timestamp, days: i64) -> Timestamp {
    at.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
}
