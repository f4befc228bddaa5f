//! Options of the commands with which operators find out and mend.

use super::DataArgs;
use clap::{Args, Subcommand};
use domain::OrgId;

/// The commands on the delivery log.
#[derive(Debug, Clone, Subcommand)]
pub enum DeliveriesCommand {
    /// Lists deliveries, newest first
    List(ListArgs),
    /// Shows one delivery with everything that was done for it
    Show(OneArgs),
    /// Prints deliveries as they come, until Ctrl-C
    Tail(ListArgs),
    /// Has a delivery processed again
    Replay(OneArgs),
}

/// Options of `deliveries list` and `tail`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// Only this state: `in_progress`, delayed, retrying, parked, done, skipped, failed
    #[arg(long)]
    pub state: Option<String>,
    /// Only this HubSpot thread
    #[arg(long)]
    pub thread: Option<String>,
    /// Only this HubSpot ticket
    #[arg(long)]
    pub ticket: Option<String>,
    /// Only this OpenCX session
    #[arg(long)]
    pub session: Option<String>,
    /// Only this HubSpot message
    #[arg(long)]
    pub message: Option<String>,
    /// Not older than this moment (RFC 3339)
    #[arg(long)]
    pub from: Option<String>,
    /// Not newer than this moment (RFC 3339)
    #[arg(long)]
    pub to: Option<String>,
    /// Goes on where an earlier page ended
    #[arg(long)]
    pub cursor: Option<String>,
}

/// Options of `deliveries show` and `replay`.
#[derive(Debug, Clone, Args)]
pub struct OneArgs {
    /// The delivery's id, as `list` shows it
    pub id: String,
    #[command(flatten)]
    pub(crate) log: LogArgs,
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

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// The organization to examine
    #[arg(long, required_unless_present = "all")]
    pub org: Option<OrgId>,
    /// Every organization of the data folder
    #[arg(long, conflicts_with_all = ["org", "stack", "session", "thread", "ticket"])]
    pub all: bool,
    /// Why this OpenCX session has no reply, no ticket, no delivery
    #[arg(long, conflicts_with_all = ["thread", "ticket"])]
    pub session: Option<String>,
    /// The same for a HubSpot thread
    #[arg(long, conflicts_with = "ticket")]
    pub thread: Option<String>,
    /// The same for a HubSpot ticket
    #[arg(long)]
    pub ticket: Option<String>,
    /// The public URL of a deployed stack, instead of the data folder; its admin token comes from `OPENCX_HUBSPOT_TOKEN`
    #[arg(long, value_name = "URL")]
    pub stack: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Prints JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Options of `redrive`.
#[derive(Debug, Clone, Args)]
pub struct RedriveArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// Only `failed` or only `parked` ones
    #[arg(long)]
    pub state: Option<String>,
    /// Only those that failed for this reason, such as `hubspot_unavailable`
    #[arg(long)]
    pub reason: Option<String>,
    /// Not older than this moment (RFC 3339)
    #[arg(long)]
    pub from: Option<String>,
    /// Not newer than this moment (RFC 3339)
    #[arg(long)]
    pub to: Option<String>,
}

/// Options of `orgs`.
#[derive(Debug, Clone, Args)]
pub struct OrgsArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Prints JSON instead of a table
    #[arg(long)]
    pub json: bool,
}
