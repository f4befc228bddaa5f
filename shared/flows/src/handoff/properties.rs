//! What a handoff writes into its ticket's properties (contract section 3).

use crate::conversation::pipeline;
use crate::handoff::answer::HandoffAnswer;
use crate::handoff::ticket::{Ticket, key};
use crate::sync::push;
use crate::work::failure::FlowError;
use domain::ticket_subject;
use std::collections::BTreeMap;
use store::PortalProperties;

impl Ticket<'_> {
    /// Summary and transcript under what reps have written into a ticket of their own; once, however often it is tried.
    fn content_beside(&self, existing: Option<&hubspot::Ticket>) -> Option<String> {
        let there = existing.and_then(|ticket| ticket.properties.get("content")).map_or("", String::as_str);
        let marker = format!("OpenCX handoff {}", key(self.errand));
        (!there.contains(&marker)).then(|| domain::beside(there, &self.content))
    }

    /// Everything the ticket gets, as far as the portal has a place for it.
    pub(crate) async fn properties(
        &self,
        existing: Option<&hubspot::Ticket>,
        answer: &mut HandoffAnswer,
    ) -> Result<BTreeMap<String, String>, FlowError> {
        let (tenant, facts) = (&self.errand.tenant, self.facts);
        let mut all = BTreeMap::new();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                all.insert(name.to_owned(), value);
            }
        };
        set("content", self.content_beside(existing));
        set("hubspot_owner_id", answer.owner_id.as_ref().filter(|_| !facts.assist_mode).map(ToString::to_string));
        if let Some(closed) = existing.filter(|_| self.reopens) {
            set("hs_pipeline_stage", Some(pipeline::reopened_stage(tenant, closed).await?));
        }
        if existing.is_none() {
            set("subject", Some(ticket_subject(facts.ticket_number.as_deref(), &facts.summary)));
            let (pipeline, stage) = pipeline::open_stage(tenant).await?;
            set("hs_pipeline", Some(pipeline));
            set("hs_pipeline_stage", Some(stage));
        }
        if matches!(tenant.connection.properties, PortalProperties::Refused(_)) {
            return Ok(all);
        }
        set("opencx_handoff_id", Some(key(self.errand)));
        set("opencx_session_id", Some(self.session.id.to_string()));
        set("opencx_handedoff", Some("true".to_owned()));
        set("opencx_channel", Some(facts.channel.as_str().to_owned()));
        set("opencx_sentiment", facts.sentiment.map(|s| s.as_str().to_owned()));
        set("opencx_language", facts.language.clone());
        set("opencx_handoff_reason", Some(facts.reason.to_string()));
        set("opencx_session_url", facts.url.clone());
        if !facts.custom_data.is_empty() {
            let (plan, _) = push::plan(self.errand, &facts.custom_data, &mut answer.warnings).await?;
            all.extend(plan.write.into_iter().map(|(property, (_, text))| (property, text)));
        }
        Ok(all)
    }
}
