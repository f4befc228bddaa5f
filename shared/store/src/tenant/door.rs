//! Counts of refused requests and events, by organization and day. A refusal has no row of its own.

use crate::table::{Item, Key, Store, StoreError, Write, number, read_page, time};
use domain::OrgId;
use jiff::Timestamp;

/// Counts of a day are of no use after this.
const KEPT_S: i64 = 31 * 86_400;

/// How many requests or events were not taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DoorCounts {
    /// Requests with a webhook URL that is not valid.
    pub bad_urls: u64,
    /// Requests without a right signature of HubSpot's.
    pub bad_signatures: u64,
    /// Events of kinds that are not acted on, or that cannot be read.
    pub unsupported: u64,
    /// When the last of them was counted.
    pub last_at: Option<Timestamp>,
}

impl Store {
    /// Adds to the counts of an organization, or of the whole installation where no organization is proven.
    pub async fn count_door(&self, org: Option<&OrgId>, counts: &DoorCounts, at: Timestamp) -> Result<(), StoreError> {
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let write = Write::update(Key::door(org, at))
            .add("bad_urls", small(counts.bad_urls))
            .add("bad_signatures", small(counts.bad_signatures))
            .add("unsupported", small(counts.unsupported))
            .set("last_at", time(at))
            .set("expires_at", number(at.as_second().saturating_add(KEPT_S)))
            .in_any_case();
        self.write("count what was refused", write).await.map(drop)
    }

    /// The refusals of an organization between two moments, by whole days. A wrong signature proves no organization, so
    /// those of the whole installation are included.
    pub async fn door_counts(&self, org: &OrgId, from: Timestamp, to: Timestamp) -> Result<DoorCounts, StoreError> {
        let own = self.door_days(Some(org), from, to);
        let (own, all) = futures::future::try_join(own, self.door_days(None, from, to)).await?;
        Ok(DoorCounts {
            bad_signatures: own.bad_signatures + all.bad_signatures,
            last_at: own.last_at.max(all.last_at),
            ..own
        })
    }

    async fn door_days(&self, org: Option<&OrgId>, from: Timestamp, to: Timestamp) -> Result<DoorCounts, StoreError> {
        let (first, last) = (Key::door(org, from), Key::door(org, to));
        let values = [(":door", &*first.pk), (":first", &*first.sk), (":last", &*last.sk)];
        let query = self.query(None, "pk = :door AND sk BETWEEN :first AND :last", values);
        let mut sum = DoorCounts::default();
        for day in read_page("read what was refused", query).await? {
            let day = Item::read(day)?;
            sum.bad_urls += day.number::<u64>("bad_urls")?;
            sum.bad_signatures += day.number::<u64>("bad_signatures")?;
            sum.unsupported += day.number::<u64>("unsupported")?;
            sum.last_at = sum.last_at.max(day.time_if("last_at")?);
        }
        Ok(sum)
    }
}
