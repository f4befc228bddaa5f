//! Reading and writing attributes. An attribute that is not as the model says is [`StoreError::Corrupt`], never a default.

use crate::table::StoreError;
use crate::table::keys::{Attributes, Key, moment};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{AiState, Lifecycle, Sentiment, SessionStatus};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// The generation of items this code reads and writes. Items of a newer one are left alone.
pub const SCHEMA: u64 = 1;

/// An item of the table, or a map within one.
pub(crate) struct Item {
    key: Key,
    attributes: Attributes,
}

impl Item {
    /// Takes a stored item unless a newer version of this code wrote it.
    pub(crate) fn read(attributes: Attributes) -> Result<Self, StoreError> {
        let key = Key::of(&attributes).unwrap_or_else(|| Key::new("", ""));
        let item = Self { key, attributes };
        let schema: u64 = item.number("schema")?;
        if schema > SCHEMA {
            return Err(StoreError::NewerSchema { pk: item.key.pk, sk: item.key.sk, schema });
        }
        Ok(item)
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// Whether an attribute has that value.
    pub(crate) fn is(&self, name: &str, value: &AttributeValue) -> bool {
        self.attributes.get(name) == Some(value)
    }

    pub(crate) fn corrupt(&self, problem: impl Into<String>) -> StoreError {
        StoreError::corrupt(self.key.clone(), problem)
    }

    /// A mandatory attribute.
    pub(crate) fn must<T>(&self, name: &str, found: Option<T>) -> Result<T, StoreError> {
        found.ok_or_else(|| self.corrupt(format!("`{name}` is missing")))
    }

    pub(crate) fn text_if(&self, name: &str) -> Result<Option<&str>, StoreError> {
        self.typed(name, "a text", |value| value.as_s().ok().map(String::as_str))
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, StoreError> {
        self.must(name, self.text_if(name)?)
    }

    pub(crate) fn owned_if(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.text_if(name)?.map(str::to_owned))
    }

    pub(crate) fn owned(&self, name: &str) -> Result<String, StoreError> {
        self.text(name).map(str::to_owned)
    }

    /// What is stored as a text of JSON.
    pub(crate) fn json_if<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let read = |text| serde_json::from_str(text).map_err(|_| self.corrupt(format!("`{name}` cannot be read")));
        self.text_if(name)?.map(read).transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        self.must(name, self.json_if(name)?)
    }

    pub(crate) fn parsed_if<T: FromStr>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let parse = |text: &str| text.parse().map_err(|_| self.corrupt(format!("`{name}` cannot be read")));
        self.text_if(name)?.map(parse).transpose()
    }

    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<T, StoreError> {
        self.must(name, self.parsed_if(name)?)
    }

    pub(crate) fn time_if(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        self.parsed_if(name)
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        self.parsed(name)
    }

    pub(crate) fn word_if<W: Word>(&self, name: &str) -> Result<Option<W>, StoreError> {
        let read = |text: &str| W::of_word(text).ok_or_else(|| self.corrupt(format!("`{name}` is not a known state")));
        self.text_if(name)?.map(read).transpose()
    }

    pub(crate) fn word<W: Word>(&self, name: &str) -> Result<W, StoreError> {
        self.must(name, self.word_if(name)?)
    }

    pub(crate) fn number_if<N: FromStr>(&self, name: &str) -> Result<Option<N>, StoreError> {
        self.typed(name, "a number of the right size", |value| value.as_n().ok().and_then(|text| text.parse().ok()))
    }

    pub(crate) fn number<N: FromStr>(&self, name: &str) -> Result<N, StoreError> {
        self.must(name, self.number_if(name)?)
    }

    pub(crate) fn flag_if(&self, name: &str) -> Result<Option<bool>, StoreError> {
        self.typed(name, "true or false", |value| value.as_bool().ok().copied())
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, StoreError> {
        let list = self.typed(name, "a list", |value| value.as_l().ok())?;
        let texts = self.must(name, list)?.iter().map(|value| value.as_s().ok().map(String::as_str));
        texts.collect::<Option<_>>().ok_or_else(|| self.corrupt(format!("`{name}` is not a list of texts")))
    }

    /// A map within the item, read by the same rules.
    pub(crate) fn map_if(&self, name: &str) -> Result<Option<Self>, StoreError> {
        let map = self.typed(name, "a map", |value| value.as_m().ok())?;
        Ok(map.map(|attributes| Self { key: self.key.clone(), attributes: attributes.clone() }))
    }

    pub(crate) fn map(&self, name: &str) -> Result<Self, StoreError> {
        self.must(name, self.map_if(name)?)
    }

    /// The names of a map's entries.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(String::as_str)
    }

    fn typed<'i, T>(
        &'i self,
        name: &str,
        kind: &str,
        read: impl Fn(&'i AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let Some(value) = self.attributes.get(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.corrupt(format!("`{name}` is not {kind}")))
    }
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

pub(crate) fn time(value: Timestamp) -> AttributeValue {
    text(moment(value))
}

pub(crate) fn word(value: impl Word) -> AttributeValue {
    text(value.word())
}

pub(crate) fn texts<T: ToString>(values: &[T]) -> AttributeValue {
    AttributeValue::L(values.iter().map(|value| text(value.to_string())).collect())
}

/// A value as a text of JSON, for the attribute `name` of the item at `key`.
pub(crate) fn json(key: &Key, name: &str, value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    let json = serde_json::to_string(value).map(text);
    json.map_err(|_| StoreError::corrupt(key.clone(), format!("`{name}` cannot be written as JSON")))
}

/// A map of the attributes that have a value.
pub(crate) fn map<const N: usize>(entries: [(&str, Option<AttributeValue>); N]) -> AttributeValue {
    AttributeValue::M(entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

/// A state that is stored as a word.
pub(crate) trait Word: Sized + Copy + 'static {
    /// Every state with its word.
    const ALL: &'static [(Self, &'static str)];
    /// The word of this state.
    fn word(self) -> &'static str;

    /// The state of this word.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// The words of enums: `words! { Lifecycle { Open = "open" } }`.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* })*) => {$(
        impl $crate::table::item::Word for $name {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),*];
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

pub(crate) use words;

words! {
    AiState { Active = "active", HandedOff = "handed_off", Paused = "paused" }
    Lifecycle { Open = "open", Resolved = "resolved" }
    Sentiment { Angry = "angry", Happy = "happy", Neutral = "neutral" }
    SessionStatus { Open = "open", ClosedResolved = "closed_resolved", ClosedUnresolved = "closed_unresolved" }
}
