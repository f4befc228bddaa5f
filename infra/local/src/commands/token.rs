//! `token`: an admin token signed with the local keyring.

use crate::cli::{DataArgs, RUNNER_URL, TokenArgs};
use crate::keyring::LocalKeyring;
use crate::{folder, output};
use domain::OrgId;
use runtime::{LONGEST_TOKEN, sign_admin_token};
use transport::{Clock, SystemClock};

pub(super) fn token(args: &TokenArgs) -> anyhow::Result<()> {
    let token = signed(&args.org, &args.role, &args.data)?;
    output::line(&token);
    let url = folder::holder(&args.data.data_dir).map_or_else(|| RUNNER_URL.to_owned(), |running| running.url);
    output::aside(format_args!("console: {}", console_link(&url, &token)));
    Ok(())
}

/// The console, opened with `token`. The fragment is not sent to any server.
pub(super) fn console_link(url: &str, token: &str) -> String {
    format!("{url}/#token={token}")
}

/// A token that is good for an hour. The keyring may be read while a runner holds the folder.
pub(super) fn signed(org: &OrgId, role: &str, data: &DataArgs) -> anyhow::Result<String> {
    std::fs::create_dir_all(&data.data_dir)?;
    let keyring = LocalKeyring::open(&folder::keyring(&data.data_dir))?;
    Ok(sign_admin_token(org, role, SystemClock.now() + LONGEST_TOKEN, &keyring.token_key()?)?)
}
