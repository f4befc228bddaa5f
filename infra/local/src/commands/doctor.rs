//! `doctor`: runs the checks of an organization and says how to mend each that fails. Fails where a check fails.

use super::api::{api_at, escaped};
use super::orgs;
use crate::caller::{Caller, list};
use crate::cli::DoctorArgs;
use crate::output;
use anyhow::{Context, bail};
use domain::OrgId;
use serde_json::{Value, json};

pub(super) async fn doctor(args: &DoctorArgs) -> anyhow::Result<()> {
    let orgs = match (&args.org, args.all) {
        (Some(org), _) => vec![org.clone()],
        (None, true) => orgs::ids(&args.data).await?,
        (None, false) => bail!("the organization is missing: --org ID, or --all"),
    };
    let mut failed = 0;
    let mut found = Vec::new();
    for org in orgs {
        let diagnosis = examine(args, &org).await?;
        failed += list(&diagnosis, "checks").iter().filter(|check| word(check, "state") == "failed").count();
        if args.json {
            found.push(json!({ "org": org, "ok": diagnosis.get("ok"), "checks": diagnosis.get("checks") }));
        } else {
            print(&org, &diagnosis);
        }
    }
    if args.json {
        output::json(&Value::Array(found));
    }
    match failed {
        0 => Ok(()),
        1 => bail!("1 check failed"),
        n => bail!("{n} checks failed"),
    }
}

async fn examine(args: &DoctorArgs, org: &OrgId) -> anyhow::Result<Value> {
    let caller: Caller = api_at(org, &args.data, args.stack.as_deref()).await?;
    let wanted = [("session", &args.session), ("thread", &args.thread), ("ticket", &args.ticket)];
    let wanted = wanted.into_iter().find_map(|(name, id)| Some(format!("?{name}={}", escaped(id.as_ref()?))));
    let path = format!("/api/diagnostics{}", wanted.unwrap_or_default());
    caller.get(&path).await.with_context(|| format!("the organization {org} cannot be examined"))
}

fn word<'v>(check: &'v Value, field: &str) -> &'v str {
    check.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn print(org: &OrgId, diagnosis: &Value) {
    output::line(format_args!("Organization {org}"));
    let rows: Vec<_> = list(diagnosis, "checks")
        .iter()
        .map(|check| ["state", "title", "found"].map(|field| word(check, field).to_owned()))
        .collect();
    output::table(["state", "check", "found"], &rows);
    for check in list(diagnosis, "checks").iter().filter(|check| matches!(word(check, "state"), "failed" | "warning")) {
        output::line(format_args!("\n{}: {}", word(check, "title"), word(check, "found")));
        if let Some(means) = check.get("means").and_then(Value::as_str) {
            output::line(format_args!("  {means}"));
        }
        let steps = list(check, "fix").iter().filter_map(Value::as_str);
        for (number, step) in (1..).zip(steps) {
            output::line(format_args!("  {number}. {step}"));
        }
        if let Some(reason) = check.pointer("/replay/reason").and_then(Value::as_str) {
            output::line(format_args!("  Once mended: opencx-hubspot redrive --org {org} --reason {reason}"));
        }
    }
    output::line("");
}
