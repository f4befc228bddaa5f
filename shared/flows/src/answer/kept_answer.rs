//! The AI's answer in the journal: what was answered is posted, whoever posts it.

use crate::work::errand::Errand;
use domain::{OpenCxMessageId, Sentiment};
use opencx::{AiMessage, Answer, Resolution};
use serde::{Deserialize, Serialize};
use store::Step;

/// The AI's answer as the journal keeps it.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptAnswer {
    id: Option<OpenCxMessageId>,
    text: Option<String>,
    handed_off: bool,
    resolved: Option<(Option<String>, Option<Sentiment>)>,
}

impl KeptAnswer {
    pub(crate) fn of(errand: &Errand<'_>) -> Option<Answer> {
        let kept: Self = serde_json::from_str(errand.earlier("answer")?.detail.as_deref()?).ok()?;
        Some(Answer {
            message: kept.text.map(|text| AiMessage { id: kept.id, text }),
            handed_off: kept.handed_off,
            resolved: kept.resolved.map(|(summary, sentiment)| Resolution { summary, sentiment }),
            code: None,
        })
    }

    pub(crate) fn step(answer: &Answer) -> Step {
        let kept = Self {
            id: answer.message.as_ref().and_then(|message| message.id.clone()),
            text: answer.message.as_ref().map(|message| message.text.clone()),
            handed_off: answer.handed_off,
            resolved: answer.resolved.as_ref().map(|r| (r.summary.clone(), r.sentiment)),
        };
        Step { about_to: None, done: None, detail: serde_json::to_string(&kept).ok() }
    }
}
