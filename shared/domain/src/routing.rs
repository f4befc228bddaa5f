//! The organization's rules about who gets which handoff.

use crate::{Channel, HandoffReason, RoutingRule, RoutingWhen, Sentiment, Settings};
use serde_json::Value;
use std::collections::BTreeMap;

/// The facts that routing rules look at.
#[derive(Clone, Copy)]
pub struct RoutingFacts<'a> {
    /// Where the customer wrote.
    pub channel: Channel,
    /// BCP 47.
    pub language: Option<&'a str>,
    /// The customer's mood.
    pub sentiment: Option<Sentiment>,
    /// Why the AI handed off.
    pub reason: &'a HandoffReason,
    /// The session's custom data.
    pub custom_data: &'a BTreeMap<String, Value>,
}

debug_only!(RoutingFacts<'_> { channel, reason });

/// The rep that the first matching rule names: `A-…`, an owner id or an e-mail address.
pub fn route<'s>(settings: &'s Settings, facts: &RoutingFacts<'_>) -> Option<&'s str> {
    let named = |rule: &&RoutingRule| !rule.assign.trim().is_empty() && matches(&rule.when, facts);
    settings.routing.iter().find(named).map(|rule| rule.assign.trim())
}

fn matches(when: &RoutingWhen, facts: &RoutingFacts<'_>) -> bool {
    when.channel.is_none_or(|channel| channel == facts.channel)
        && when
            .language
            .as_deref()
            .is_none_or(|language| facts.language.is_some_and(|spoken| primary(spoken) == primary(language)))
        && when.sentiment.is_none_or(|sentiment| Some(sentiment) == facts.sentiment)
        && when.reason.as_ref().is_none_or(|reason| reason == facts.reason)
        && when
            .custom_data
            .iter()
            .all(|(key, value)| facts.custom_data.get(key).is_some_and(|known| same(known, value)))
}

/// `de` of `de-AT`, in lower case.
fn primary(language: &str) -> String {
    language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Forms write numbers and switches as text, OpenCX as what they are: `"12"` is `12`.
fn same(known: &Value, wanted: &Value) -> bool {
    match (known, wanted) {
        (Value::Number(known), Value::Number(wanted)) => known == wanted || known.as_f64() == wanted.as_f64(),
        (Value::String(text), other) | (other, Value::String(text)) => match other {
            Value::String(other) => other == text,
            Value::Number(number) => number.to_string() == text.trim(),
            Value::Bool(flag) => text.trim() == if *flag { "true" } else { "false" },
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        },
        (known, wanted) => known == wanted,
    }
}

#[cfg(test)]
mod tests;
