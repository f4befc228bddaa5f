//! The operators' API: the running runner's, else the same routes over the data folder itself.

use super::token::signed;
use crate::caller::Caller;
use crate::cli::{DataArgs, RUNNER_URL};
use crate::engine::Engine;
use crate::folder::{self, DataFolder};
use crate::keyring::LocalKeyring;
use crate::options::{RunnerOptions, Upstream};
use crate::runner::Runner;
use anyhow::Context as _;
use domain::OrgId;
use std::sync::Arc;
use transport::{InProcess, ReqwestTransport, Transport};

/// The real addresses of HubSpot and OpenCX.
pub(super) const HUBSPOT_URL: &str = "https://api.hubapi.com";
pub(super) const OPENCX_URL: &str = "https://api.open.cx";

/// The variable with the admin token of a deployed stack. A typed token would end up in the shell's history.
const TOKEN_VARIABLE: &str = "OPENCX_HUBSPOT_TOKEN";

/// The API of a deployed stack at its public URL, else that of the data folder.
pub(super) async fn api_at(org: &OrgId, data: &DataArgs, stack: Option<&str>) -> anyhow::Result<Caller> {
    let Some(url) = stack else { return api(org, data, RUNNER_URL).await };
    anyhow::ensure!(
        url.starts_with("https://") || url.starts_with("http://"),
        "--stack has to be the stack's public URL"
    );
    let token = environment(TOKEN_VARIABLE);
    let token =
        token.with_context(|| format!("the variable {TOKEN_VARIABLE} is empty; it holds an admin token of {org}"))?;
    Ok(Caller::at(url)?.authorized(token.trim()))
}

#[expect(clippy::disallowed_methods, reason = "an operator's token is no configuration of a function")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The runner of the data folder, for routes that belong to no organization.
pub(super) async fn local(data: &DataArgs) -> anyhow::Result<Caller> {
    reach(data, RUNNER_URL, "").await
}

/// The API as the organization's admin sees it. `public_url` counts where no runner holds the folder.
pub(super) async fn api(org: &OrgId, data: &DataArgs, public_url: &str) -> anyhow::Result<Caller> {
    reach(data, public_url, &signed(org, "admin", data)?).await
}

async fn reach(data: &DataArgs, public_url: &str, token: &str) -> anyhow::Result<Caller> {
    if let Some(runner) = folder::holder(&data.data_dir) {
        return Ok(Caller::at(&runner.url)?.authorized(token));
    }
    // Folder and runner live as long as their API can be called.
    let folder = DataFolder::open(&data.data_dir)?;
    let held = Arc::new((open(&folder, HUBSPOT_URL, public_url).await?, folder));
    let transport = InProcess::new(move |request| {
        let held = held.clone();
        async move { held.0.handle(request).await }
    });
    Ok(Caller::new("http://127.0.0.1", Arc::new(transport)).authorized(token))
}

/// A runner over the folder that answers requests and runs no jobs.
pub(super) async fn open(folder: &DataFolder, hubspot_url: &str, public_url: &str) -> anyhow::Result<Runner> {
    let transport: Arc<dyn Transport> = Arc::new(ReqwestTransport::new(transport::https_client()?));
    let upstream = |url: &str| Upstream { url: url.to_owned(), transport: transport.clone() };
    let engine = Engine::file(&folder.database())?;
    let keyring = LocalKeyring::open(&folder.keyring())?;
    let services = (upstream(hubspot_url), upstream(OPENCX_URL));
    Runner::open(RunnerOptions::of_process(engine, keyring, services, public_url)?).await
}

/// A part of a URL.
pub(super) fn escaped(text: &str) -> impl std::fmt::Display {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}
