//! The options of the commands with which operators find out what happened and mend it.

use super::target::{DataArgs, LogArgs};
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

/// Options of `repair`.
#[derive(Debug, Clone, Args)]
pub struct RepairArgs {
    /// Since when: a moment (RFC 3339), or a time before now such as `90m`, `6h` or `2d`
    #[arg(long, value_name = "WHEN")]
    pub since: Since,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// A moment, or a time before now.
#[derive(Debug, Clone, Copy)]
pub enum Since {
    /// That moment.
    At(jiff::Timestamp),
    /// So long ago.
    Ago(jiff::SignedDuration),
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

impl std::str::FromStr for Since {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let odd = || "expected a moment such as 2026-11-20T10:00:00Z, or 90m, 6h, 2d".to_owned();
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(odd)?;
        let number: i64 = number.parse::<u16>().map_err(|_| odd())?.into();
        Ok(Self::Ago(match unit {
            "m" => jiff::SignedDuration::from_mins(number),
            "h" => jiff::SignedDuration::from_hours(number),
            "d" => jiff::SignedDuration::from_hours(24 * number),
            _ => return Err(odd()),
        }))
    }
}
