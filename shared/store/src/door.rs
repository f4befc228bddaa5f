//! What was turned away at the door, by organization and day: it has no row of its own.

use crate::access::Written;
use crate::item::{Item, number, text, time};
use crate::keys::Key;
use crate::write::Write;
use crate::{Store, StoreError};
use aws_sdk_dynamodb::types::ReturnValue;
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
    /// Adds to the counts of an organization, or of the whole installation where none is proven.
    pub async fn count_door(&self, org: Option<&OrgId>, counts: &DoorCounts, at: Timestamp) -> Result<(), StoreError> {
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let write = Write::update(Key::door(org, at))
            .add("bad_urls", small(counts.bad_urls))
            .add("bad_signatures", small(counts.bad_signatures))
            .add("unsupported", small(counts.unsupported))
            .set("last_at", time(at))
            .set("expires_at", number(at.as_second().saturating_add(KEPT_S)))
            .in_any_case();
        match self.update("count what was refused", write, ReturnValue::None).await? {
            Written::Yes(_) | Written::No(_) => Ok(()),
        }
    }

    /// What an organization was refused between two moments, by whole days. Wrong signatures prove no organization:
    /// those of the whole installation are in.
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
        let query = self.client.query().table_name(&*self.table);
        let query = query
            .key_condition_expression("pk = :door AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":door", text(first.pk))
            .expression_attribute_values(":first", text(first.sk))
            .expression_attribute_values(":last", text(last.sk));
        let answer = query.send().await.map_err(|error| StoreError::of_sdk("read what was refused", &error))?;
        let mut sum = DoorCounts::default();
        for day in answer.items() {
            let day = Item::read(day.clone())?;
            sum.bad_urls += day.number::<u64>("bad_urls")?;
            sum.bad_signatures += day.number::<u64>("bad_signatures")?;
            sum.unsupported += day.number::<u64>("unsupported")?;
            sum.last_at = sum.last_at.max(day.time_if("last_at")?);
        }
        Ok(sum)
    }
}
