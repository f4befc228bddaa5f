//! OpenCX's answers and requests on the wire. Their shapes have changed several times, so one odd field never costs the whole answer.

use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IntoDeserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use transport::json::Loose;

/// The whole of an answer whose shape is not certain.
pub(crate) type Tree = Value;

/// A word of one of `domain`'s lists; an unknown word is none.
pub(crate) fn word<T: DeserializeOwned>(text: &Loose) -> Option<T> {
    let text: StrDeserializer<'_, ValueError> = text.as_str()?.into_deserializer();
    T::deserialize(text).ok()
}

/// An id that is only a convenience: one that cannot be an id is none.
pub(crate) fn id<T: TryFrom<String>>(text: Loose) -> Option<T> {
    text.id("id").ok().flatten()
}

/// A part that counts as empty if it is null, absent or of another type.
#[derive(Clone, Default)]
pub(crate) struct Part<T>(pub(crate) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(T::deserialize(value).unwrap_or_default()))
    }
}

/// Custom data as OpenCX takes it: texts, numbers and booleans. OpenCX refuses nested values, so they go as JSON text.
pub(crate) fn flat(data: &BTreeMap<String, Value>) -> Map<String, Value> {
    let flattened = data.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| match value {
        Value::Array(_) | Value::Object(_) => (key.clone(), Value::from(value.to_string())),
        scalar => (key.clone(), scalar.clone()),
    });
    flattened.collect()
}
