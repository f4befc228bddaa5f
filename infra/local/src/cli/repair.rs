use super::LogArgs;
use clap::Args;

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
