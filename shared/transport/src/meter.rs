use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// More values of one kind than this are not kept: CloudWatch takes no more at once.
const MOST_VALUES: usize = 100;

/// Counts events until a function takes the counts for CloudWatch.
///
/// A meter that is off counts nothing. Cloning shares the counts.
#[derive(Debug, Clone, Default)]
pub struct Meter(Option<Arc<Mutex<Counts>>>);

type Counts = BTreeMap<Measure, Vec<f64>>;

/// One metric, perhaps of one kind of thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measure {
    /// The metric.
    pub name: String,
    /// The unit of its values.
    pub unit: Unit,
    /// Its kind among metrics of the same name, such as `Reason` and `own_message`. Few different ones.
    pub of: Option<(&'static str, String)>,
}

/// The unit of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A duration in seconds.
    Seconds,
    /// A duration in milliseconds.
    Milliseconds,
}

impl Meter {
    /// One that counts.
    pub fn on() -> Self {
        Self(Some(Arc::default()))
    }

    /// Counts `by` more.
    pub fn count(&self, name: &str, by: usize) {
        self.sum(Measure { name: name.to_owned(), unit: Unit::Count, of: None }, by);
    }

    /// Counts one more, in all and of its kind.
    pub fn count_of(&self, name: &str, kind: &'static str, which: &(impl ToString + ?Sized)) {
        self.count(name, 1);
        self.sum(Measure { name: name.to_owned(), unit: Unit::Count, of: Some((kind, which.to_string())) }, 1);
    }

    /// Notes how long something took, in milliseconds.
    pub fn took(&self, name: &str, duration: Duration) {
        self.note(name, Unit::Milliseconds, duration.as_secs_f64() * 1000.0);
    }

    /// Notes how late something was, in seconds.
    pub fn late(&self, name: &str, by: Duration) {
        self.note(name, Unit::Seconds, by.as_secs_f64());
    }

    /// Everything since the last time, which is forgotten by this.
    pub fn take(&self) -> Counts {
        self.0
            .as_ref()
            .map(|counts| std::mem::take(&mut *counts.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default()
    }

    fn sum(&self, measure: Measure, by: usize) {
        let Some(counts) = &self.0 else { return };
        let by = f64::from(u32::try_from(by).unwrap_or(u32::MAX));
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(measure).and_modify(|sums| sums.iter_mut().for_each(|sum| *sum += by)).or_insert_with(|| vec![by]);
    }

    fn note(&self, name: &str, unit: Unit, value: f64) {
        let Some(counts) = &self.0 else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let values = counts.entry(Measure { name: name.to_owned(), unit, of: None }).or_default();
        if values.len() < MOST_VALUES {
            values.push(value);
        }
    }
}
