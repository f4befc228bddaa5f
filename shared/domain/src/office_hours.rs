//! When people are there: the organization's office hours, in its own time zone.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Office hours of one organization.
///
/// As JSON `{"timezone":"Europe/Amsterdam","weekly":{"mon":[["09:00","17:00"]]},"closed_on":["2026-12-25"]}`; a day that is
/// not named is closed, a range may end at `24:00`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct OfficeHours {
    timezone: String,
    zone: TimeZone,
    /// By weekday from Monday on: minutes since midnight, from and to, in order.
    weekly: [Vec<(u16, u16)>; 7],
    closed_on: BTreeSet<Date>,
}

/// A fault in office hours, in words that name the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfficeHoursError {
    /// Not a name of the IANA time zone database.
    #[error("timezone: `{0}` is no time zone, such as Europe/Amsterdam")]
    Timezone(String),
    /// Not one of `mon` to `sun`.
    #[error("weekly: `{0}` is no day; the days are mon, tue, wed, thu, fri, sat and sun")]
    Day(String),
    /// Not a time of day, or the end is not after the start.
    #[error("weekly.{day}: from {from} to {to} is no time of a day, such as from 09:00 to 17:00")]
    Range {
        /// The day.
        day: &'static str,
        /// Its start as written.
        from: String,
        /// Its end as written.
        to: String,
    },
    /// Nobody would ever be there.
    #[error("weekly: no day has hours; leave office hours empty where people are there at any time")]
    NeverOpen,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES: u16 = 24 * 60;
/// An office that is closed for longer than this is as good as closed for ever.
const LOOK_AHEAD_DAYS: u32 = 400;

impl OfficeHours {
    /// Whether people are there.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = self.zone.to_datetime(at);
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        self.of(local.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// When people are there next: `at` itself during office hours; `None` where that is more than a year away.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return Some(at);
        }
        let mut day = self.zone.to_datetime(at).date();
        for _ in 0..LOOK_AHEAD_DAYS {
            let openings = self.of(day).iter().filter_map(|(from, _)| self.moment(day, *from));
            if let Some(opening) = openings.filter(|opening| *opening > at).min() {
                return Some(opening);
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }

    fn of(&self, day: Date) -> &[(u16, u16)] {
        if self.closed_on.contains(&day) {
            return &[];
        }
        let day = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        self.weekly.get(day).map_or(&[], Vec::as_slice)
    }

    /// Where clocks are put forward over it, the moment after.
    fn moment(&self, day: Date, minute: u16) -> Option<Timestamp> {
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        self.zone.to_timestamp(day.at(hour, minute, 0, 0)).ok()
    }
}

/// Office hours as an admin writes them.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "office hours with a timezone and weekly hours")]
struct Written {
    timezone: String,
    weekly: BTreeMap<String, Vec<(String, String)>>,
    #[serde(default)]
    closed_on: BTreeSet<Date>,
}

impl TryFrom<Written> for OfficeHours {
    type Error = OfficeHoursError;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { timezone, weekly: mut named, closed_on } = written;
        let zone = TimeZoneDatabase::bundled().get(&timezone);
        let zone = zone.map_err(|_| OfficeHoursError::Timezone(timezone.clone()))?;
        let mut weekly: [Vec<(u16, u16)>; 7] = Default::default();
        for (day, ranges) in DAYS.into_iter().zip(&mut weekly) {
            for (from, to) in named.remove(day).unwrap_or_default() {
                let range = minutes(&from).zip(minutes(&to)).filter(|(from, to)| from < to);
                ranges.push(range.ok_or(OfficeHoursError::Range { day, from, to })?);
            }
            ranges.sort_unstable();
        }
        if let Some((day, _)) = named.pop_first() {
            return Err(OfficeHoursError::Day(day));
        }
        if weekly.iter().all(Vec::is_empty) {
            return Err(OfficeHoursError::NeverOpen);
        }
        Ok(Self { timezone, zone, weekly, closed_on })
    }
}

impl From<OfficeHours> for Written {
    fn from(hours: OfficeHours) -> Self {
        let shown = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let ranges = |ranges: Vec<(u16, u16)>| ranges.into_iter().map(|(from, to)| (shown(from), shown(to))).collect();
        let days = DAYS.into_iter().zip(hours.weekly).filter(|(_, of_day)| !of_day.is_empty());
        let weekly = days.map(|(day, of_day)| (day.to_owned(), ranges(of_day))).collect();
        Self { timezone: hours.timezone, weekly, closed_on: hours.closed_on }
    }
}

/// `HH:MM` as minutes since midnight, up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |digits: &str| {
        (digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit()))
            .then(|| digits.parse::<u16>().ok())
            .flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= MINUTES).then_some(all)
}

#[cfg(test)]
mod tests;
