//! `webhook-url`: the signed URL of an organization.

use super::api::api;
use crate::caller::text;
use crate::cli::WebhookUrlArgs;
use crate::output;

pub(super) async fn webhook_url(args: &WebhookUrlArgs) -> anyhow::Result<()> {
    let answer = api(&args.org, &args.data, &args.public_url).await?.get("/api/webhook-url").await?;
    output::line(text(&answer, "url")?);
    Ok(())
}
