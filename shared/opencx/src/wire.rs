//! What OpenCX puts on the wire. Its shapes have changed several times, so one odd field never costs the whole answer.

use domain::InvalidId;
use jiff::Timestamp;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IntoDeserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use transport::Unreadable;

/// A field that cannot become what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WireError {
    pub(crate) field: &'static str,
    pub(crate) problem: &'static str,
}

impl WireError {
    pub(crate) fn missing(field: &'static str) -> Self {
        Self { field, problem: "it is missing" }
    }

    pub(crate) fn unreadable(self, what: &'static str) -> Unreadable {
        Unreadable { what, at: self.field.to_owned(), problem: self.problem }
    }
}

impl From<InvalidId> for WireError {
    fn from(error: InvalidId) -> Self {
        Self { field: error.kind, problem: error.problem }
    }
}

/// The whole of an answer whose shape is not certain.
pub(crate) type Tree = Value;

/// A scalar that may come as text, number or boolean. Null, lists, objects and blank texts count as absent.
#[derive(Clone, Default)]
pub(crate) struct Loose(Option<String>);

impl Loose {
    pub(crate) fn of(value: &Value) -> Self {
        Self(match value {
            Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        })
    }

    pub(crate) fn text(self) -> Option<String> {
        self.0
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self.0.as_deref() {
            Some("true" | "1") => Some(true),
            Some("false" | "0") => Some(false),
            _ => None,
        }
    }

    /// An id without which the rest makes no sense.
    pub(crate) fn required<T: TryFrom<String, Error = InvalidId>>(self, field: &'static str) -> Result<T, WireError> {
        Ok(T::try_from(self.0.ok_or(WireError::missing(field))?)?)
    }

    /// An id that is only a convenience: one that cannot be an id is none.
    pub(crate) fn id<T: TryFrom<String, Error = InvalidId>>(self) -> Option<T> {
        self.0.and_then(|text| T::try_from(text).ok())
    }

    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.0.as_deref().and_then(|text| text.trim().parse().ok())
    }

    /// A word of one of `domain`'s lists; an unknown word is none.
    pub(crate) fn word<T: DeserializeOwned>(&self) -> Option<T> {
        let text: StrDeserializer<'_, ValueError> = self.0.as_deref()?.into_deserializer();
        T::deserialize(text).ok()
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self::of(&value))
    }
}

/// An object that counts as empty if it is null, absent or something else than expected.
#[derive(Clone, Default)]
pub(crate) struct Part<T>(pub(crate) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(T::deserialize(value).unwrap_or_default()))
    }
}

/// Custom data as OpenCX takes it: texts, numbers and booleans; anything nested is refused there, so it goes as JSON text.
pub(crate) fn flat(data: &BTreeMap<String, Value>) -> Map<String, Value> {
    let flattened = data.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| match value {
        Value::Array(_) | Value::Object(_) => (key.clone(), Value::from(value.to_string())),
        scalar => (key.clone(), scalar.clone()),
    });
    flattened.collect()
}
