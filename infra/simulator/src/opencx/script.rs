//! What the AI will say.

use serde::Deserialize;
use serde_json::Value;

/// The body of `POST /_sim/script`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    pub(crate) rules: Vec<Rule>,
}

/// One rule: it decides the answer to a message that has `contains` in it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    contains: String,
    #[serde(default)]
    reply: Reply,
    /// `true`, or the reason.
    #[serde(default)]
    handoff: Value,
    /// `true`, or `{summary, sentiment}`.
    #[serde(default)]
    pub(crate) resolve: Value,
    #[serde(default)]
    pub(crate) delay_ms: u64,
    #[serde(default)]
    pub(crate) shape: Shape,
    /// The AI answers although the session was handed off while it was thinking.
    #[serde(default)]
    pub(crate) ignores_handoff: bool,
}

/// What a rule says about the answer's text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Option<String>")]
enum Reply {
    /// Nothing: no text where the rule hands off or resolves, else the usual one.
    #[default]
    Unsaid,
    /// `null` or empty: OpenCX will answer later, by itself.
    Later,
    Words(String),
}

impl From<Option<String>> for Reply {
    fn from(text: Option<String>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::Later, Self::Words)
    }
}

/// The shapes that the answer of `send` has had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    #[default]
    Wrapped,
    Flat,
    AiResponse,
    MessageOnly,
}

impl Rule {
    /// The first of `rules` that fits `text`, or one that changes nothing.
    pub(crate) fn for_text(rules: &[Self], text: &str) -> Self {
        rules.iter().find(|rule| text.contains(&rule.contains)).cloned().unwrap_or_default()
    }

    /// What the AI says to `text`, if anything.
    pub(crate) fn words(&self, text: &str) -> Option<String> {
        match &self.reply {
            Reply::Words(words) => Some(words.clone()),
            Reply::Later => None,
            Reply::Unsaid if self.hands_off() || self.resolves() => None,
            Reply::Unsaid => Some(format!("You said: {text}")),
        }
    }

    pub(crate) fn hands_off(&self) -> bool {
        !matches!(self.handoff, Value::Null | Value::Bool(false))
    }

    pub(crate) fn reason(&self) -> &str {
        self.handoff.as_str().unwrap_or("user_requested_human_assistance")
    }

    pub(crate) fn resolves(&self) -> bool {
        !matches!(self.resolve, Value::Null | Value::Bool(false))
    }
}
