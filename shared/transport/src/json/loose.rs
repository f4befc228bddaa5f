use super::WireError;
use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// A scalar that a service writes as text in one place and as number or boolean in another.
///
/// Null, lists and objects count as absent: one odd field must not cost the whole answer.
#[derive(Clone, Default)]
pub struct Loose(Option<String>);

impl Loose {
    /// The scalar at `field` of an object.
    pub fn at(tree: &Value, field: &str) -> Self {
        tree.get(field).map(|value| Self::deserialize(value).unwrap_or_default()).unwrap_or_default()
    }

    /// The text, even if it is empty.
    pub fn text(self) -> Option<String> {
        self.0
    }

    /// The text, unless it is blank.
    pub fn filled(self) -> Option<String> {
        self.0.filter(|text| !text.trim().is_empty())
    }

    /// The text, even if it is empty.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Whether the text is this one, in capitals or not.
    pub fn is(&self, text: &str) -> bool {
        self.0.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(text))
    }

    /// The boolean, also as text or number.
    pub fn flag(&self) -> Option<bool> {
        match self.0.as_deref() {
            Some("true" | "1") => Some(true),
            Some("false" | "0") => Some(false),
            _ => None,
        }
    }

    /// The moment, in RFC 3339.
    pub fn time(&self) -> Option<Timestamp> {
        self.0.as_deref().and_then(|text| text.trim().parse().ok())
    }

    /// An id that may be missing, but must be valid where it is not.
    pub fn id<T: TryFrom<String>>(self, field: &'static str) -> Result<Option<T>, WireError> {
        self.filled().map(T::try_from).transpose().map_err(|_| WireError::no_id(field))
    }

    /// An id without which the rest makes no sense.
    pub fn required<T: TryFrom<String>>(self, field: &'static str) -> Result<T, WireError> {
        self.id(field)?.ok_or(WireError::missing(field))
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalar)
    }
}

struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose(Some(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose(Some(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
        Ok(Loose(Some(number.to_string())))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Loose, E> {
        Ok(Loose(Some(flag.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }
}
