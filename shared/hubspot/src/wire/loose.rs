use super::WireError;
use domain::InvalidId;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A scalar that HubSpot writes as text in one place and as number or boolean in another.
///
/// Null, lists and objects count as absent: one odd field must not cost the whole answer.
#[derive(Clone, Default)]
pub(crate) struct Loose(Option<String>);

impl Loose {
    /// The text, even if it is empty.
    pub(crate) fn text(self) -> Option<String> {
        self.0
    }

    /// The text, unless it is blank.
    pub(crate) fn filled(self) -> Option<String> {
        self.0.filter(|text| !text.trim().is_empty())
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(text))
    }

    /// An id that may be missing.
    pub(crate) fn id<T: TryFrom<String, Error = InvalidId>>(self) -> Result<Option<T>, WireError> {
        Ok(self.filled().map(T::try_from).transpose()?)
    }

    /// An id without which the rest makes no sense.
    pub(crate) fn required<T: TryFrom<String, Error = InvalidId>>(self, field: &'static str) -> Result<T, WireError> {
        self.id()?.ok_or(WireError { field, problem: "it is missing" })
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

    fn visit_string<E>(self, text: String) -> Result<Loose, E> {
        Ok(Loose(Some(text)))
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
