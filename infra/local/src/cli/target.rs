//! The place that a command works on: a data folder, or the stack of one organization.

use clap::Args;
use domain::OrgId;
use std::path::PathBuf;

/// The runner's address where nobody says otherwise.
pub(crate) const RUNNER_URL: &str = "http://127.0.0.1:8787";

/// The data folder.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    /// The folder of database and keyring; one runner at a time may hold it
    #[arg(long, default_value = ".data", value_name = "FOLDER")]
    pub data_dir: PathBuf,
}

/// The organization of a log, and the form of the output.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArgs {
    /// The organization of the log
    #[arg(long, default_value = "demo")]
    pub org: OrgId,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The public URL of a deployed stack, instead of the data folder; its admin token comes from `OPENCX_HUBSPOT_TOKEN`
    #[arg(long, value_name = "URL")]
    pub stack: Option<String>,
    /// Prints JSON instead of a table
    #[arg(long)]
    pub json: bool,
}
