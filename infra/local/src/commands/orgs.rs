//! `orgs`: the organizations that are connected in the data folder.

use super::api::local;
use crate::caller::{list, text};
use crate::cli::{DataArgs, OrgsArgs};
use crate::output;
use anyhow::Context;
use domain::OrgId;
use serde_json::Value;

const FIELDS: [&str; 5] = ["org", "portal_id", "auth", "live", "connected_at"];

pub(super) async fn orgs(args: &OrgsArgs) -> anyhow::Result<()> {
    let found = local(&args.data).await?.get("/operator/orgs").await?;
    if args.json {
        output::json(&found);
        return Ok(());
    }
    let cell = |org: &Value, field: &str| match org.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let rows: Vec<_> = list(&found, "orgs").iter().map(|org| FIELDS.map(|field| cell(org, field))).collect();
    output::table(["org", "portal", "auth", "live", "connected"], &rows);
    Ok(())
}

/// The ids of all organizations.
pub(super) async fn ids(data: &DataArgs) -> anyhow::Result<Vec<OrgId>> {
    let found = local(data).await?.get("/operator/orgs").await?;
    let id = |org: &Value| text(org, "org")?.parse().context("an organization's id is not valid");
    list(&found, "orgs").iter().map(id).collect()
}
