//! Reading attributes: what is not as the model says is [`StoreError::Corrupt`], never a default.

use crate::keys::Key;
use crate::words::Word;
use crate::{SCHEMA, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::HashMap;
use std::str::FromStr;

pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// An item of the table, or a map within one.
pub(crate) struct Item {
    key: Key,
    attributes: Attributes,
}

impl Item {
    /// Takes a stored item unless a newer version of this code wrote it.
    pub(crate) fn read(attributes: Attributes) -> Result<Self, StoreError> {
        let part = |name| attributes.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        let item = Self { key: Key::new(part("pk"), part("sk")), attributes };
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

    pub(crate) fn corrupt(&self, problem: impl Into<String>) -> StoreError {
        StoreError::Corrupt { pk: self.key.pk.clone(), sk: self.key.sk.clone(), problem: problem.into() }
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
    text(crate::keys::moment(value))
}

pub(crate) fn word(value: impl Word) -> AttributeValue {
    text(value.word())
}

pub(crate) fn texts<T: ToString>(values: &[T]) -> AttributeValue {
    AttributeValue::L(values.iter().map(|value| text(value.to_string())).collect())
}

/// The attributes that are there.
pub(crate) fn map<const N: usize>(entries: [(&str, Option<AttributeValue>); N]) -> AttributeValue {
    AttributeValue::M(entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}
