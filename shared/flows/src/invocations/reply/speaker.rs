//! The speaker and the words of a reply.

use crate::conversation::warning::Warning;
use crate::invocations::reply::request::{ReplyRequest, Speaker};
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{ActorId, Channel, RichText};

/// An agent speaks as the HubSpot user with that address, else as the AI user with the agent's name in the text.
///
/// `internal`: the words become a comment.
pub(crate) async fn speech(
    job: &Job<'_>,
    request: &ReplyRequest,
    channel: Channel,
    internal: bool,
) -> Result<(ActorId, RichText, Option<Warning>), FlowError> {
    let message = &request.message;
    let ai_user = crate::conversation::posting::ai_user(job)?;
    let text = request.text_with_files();
    if message.sender == Speaker::Ai {
        let words = match internal {
            true if channel.takes_apps_messages() => domain::ai_draft(&text),
            true => domain::ai_unsendable(&text),
            false => domain::ai_reply(&text, message.html.as_deref()),
        };
        return Ok((ai_user, words, None));
    }
    let agent = message.agent.clone().unwrap_or_default();
    if !channel.takes_apps_messages() {
        let said = "the conversation's channel does not take messages of apps; the reply is a comment";
        let name = agent.name.as_deref().unwrap_or("Agent");
        let words = domain::agent_reply(&text, message.html.as_deref(), Some(name));
        return Ok((ai_user, words, Some(Warning::new("channel_not_writable", said))));
    }
    if let Some(email) = &agent.email {
        match job.tenant.owner(email).await {
            Ok(Some(owner)) if !owner.archived && owner.user_id.is_some() => {
                let speaker = owner.user_id.map_or(ai_user, ActorId::Agent);
                return Ok((speaker, domain::agent_reply(&text, message.html.as_deref(), None), None));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %error, "an agent's reply is posted as the AI user"),
        }
    }
    let words = domain::agent_reply(&text, message.html.as_deref(), agent.name.as_deref());
    let warning = Warning::new(
        "agent_is_no_owner",
        "no HubSpot user has the agent's address; posted as the AI user with the name in the text",
    );
    Ok((ai_user, words, Some(warning)))
}
