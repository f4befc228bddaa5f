//! The command line.

mod operators;
mod target;

use clap::{Args, Parser, Subcommand};
use domain::OrgId;
pub(crate) use operators::{
    DeliveriesCommand, DoctorArgs, ListArgs, OneArgs, OrgsArgs, RedriveArgs, RepairArgs, Since,
};
pub(crate) use target::{DataArgs, LogArgs, RUNNER_URL};

/// The HubSpot bridge of OpenCX on one machine. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "opencx-hubspot", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

impl Cli {
    /// The command; `serve` where none is given.
    pub fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs everything on this machine; starts both simulators where no URLs are given
    Serve(ServeArgs),
    /// Runs only the two simulators
    Simulate(SimulatorPorts),
    /// Plays one whole conversation against the simulators and prints its timeline
    Demo(DemoArgs),
    /// Prints an admin token signed with the local keyring
    Token(TokenArgs),
    /// Prints the signed webhook URL of an organization
    WebhookUrl(WebhookUrlArgs),
    /// Looks into the delivery log
    #[command(subcommand)]
    Deliveries(DeliveriesCommand),
    /// Finds out what is wrong, and says what to do; fails where a check fails
    Doctor(DoctorArgs),
    /// Puts what failed or waits for a reconnect back into the queue
    Redrive(RedriveArgs),
    /// Lists the organizations of the data folder
    Orgs(OrgsArgs),
    /// Processes what HubSpot has and never delivered, as after an outage; safe to repeat
    Repair(RepairArgs),
    /// Has the simulated HubSpot send one event
    Trigger(TriggerArgs),
    /// Connects an organization to its HubSpot portal with a private app's token
    Connect(ConnectArgs),
}

/// The addresses of the services.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServiceArgs {
    /// HubSpot's API; without it the simulator is started
    #[arg(long, value_name = "URL")]
    pub hubspot_url: Option<String>,
    /// OpenCX's API; without it the simulator is started
    #[arg(long, value_name = "URL")]
    pub opencx_url: Option<String>,
}

/// The ports of the simulators.
#[derive(Debug, Clone, Copy, Args)]
pub struct SimulatorPorts {
    /// The simulated HubSpot's port; 0 lets the system choose
    #[arg(long, default_value_t = 8788, value_name = "PORT")]
    pub hubspot_port: u16,
    /// The simulated OpenCX's port; 0 lets the system choose
    #[arg(long, default_value_t = 8789, value_name = "PORT")]
    pub opencx_port: u16,
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The port on 127.0.0.1; 0 lets the system choose
    #[arg(long, default_value_t = 8787)]
    pub port: u16,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) services: ServiceArgs,
    #[command(flatten)]
    pub(crate) ports: SimulatorPorts,
    /// The URL under which HubSpot reaches this runner
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Connects the organization `demo` to simulators that run at the given URLs
    #[arg(long, requires = "hubspot_url", requires = "opencx_url")]
    pub demo: bool,
    /// Keeps the database in memory: faster, and forgotten at the end
    #[arg(long)]
    pub memory: bool,
    /// How much is logged: error, warn, info, debug, trace
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    pub log_level: String,
}

/// Options of `demo`.
#[derive(Debug, Clone, Copy, Args)]
pub struct DemoArgs {
    /// Waits one second instead of fifteen before the ticket is closed
    #[arg(long)]
    pub fast: bool,
    /// Prints the timeline as JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `token`.
#[derive(Debug, Clone, Args)]
pub struct TokenArgs {
    /// The organization that the token opens
    #[arg(long, default_value = "demo")]
    pub org: OrgId,
    /// `owner` or `admin`; the API refuses any other
    #[arg(long, default_value = "admin")]
    pub role: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Options of `webhook-url`.
#[derive(Debug, Clone, Args)]
pub struct WebhookUrlArgs {
    /// The organization of the URL
    #[arg(long, default_value = "demo")]
    pub org: OrgId,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The URL under which HubSpot reaches the runner, where none is running
    #[arg(long, value_name = "URL", default_value = RUNNER_URL)]
    pub public_url: String,
}

/// Options of `trigger`.
#[derive(Debug, Clone, Args)]
pub struct TriggerArgs {
    /// `conversation.newMessage`, `conversation.creation`, `conversation.propertyChange`, `ticket.propertyChange`, `object.creation`
    pub event: String,
    /// The message's or the note's text
    #[arg(long, default_value = "Hello, I need help with my order")]
    pub text: String,
    /// The author: `visitor`, `A-<user>` or `B-<bot>`
    #[arg(long, default_value = "visitor", value_name = "ACTOR")]
    pub from: String,
    /// The thread; a new one is begun where none is given
    #[arg(long)]
    pub thread: Option<String>,
    /// The channel of a new thread: web, email, whatsapp
    #[arg(long, default_value = "web")]
    pub channel: String,
    /// The ticket of a property change or a note
    #[arg(long)]
    pub ticket: Option<String>,
    /// The property that changes: `assignedTo` or `status` of a thread, any of a ticket
    #[arg(long)]
    pub property: Option<String>,
    /// Its new value; empty for none
    #[arg(long, default_value = "")]
    pub value: String,
    /// The simulated HubSpot; the one of the runner that holds the folder where none is given
    #[arg(long, value_name = "URL")]
    pub hubspot_url: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Options of `connect`.
#[derive(Debug, Clone, Args)]
pub struct ConnectArgs {
    /// The organization
    #[arg(long)]
    pub org: OrgId,
    /// The private app's access token
    #[arg(long, value_name = "TOKEN")]
    pub access_token: Hidden,
    /// The HubSpot user the AI answers as: `A-123` or `123`
    #[arg(long, value_name = "USER")]
    pub ai_user: String,
    /// The organization's OpenCX API key
    #[arg(long, value_name = "KEY")]
    pub opencx_api_key: Hidden,
    /// Begins to answer customers at once
    #[arg(long)]
    pub live: bool,
    /// HubSpot's API
    #[arg(long, value_name = "URL", default_value = "https://api.hubapi.com")]
    pub hubspot_url: String,
    /// The URL under which HubSpot reaches the runner
    #[arg(long, value_name = "URL", default_value = RUNNER_URL)]
    pub public_url: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// A secret that was typed; it does not show in logs.
#[derive(Clone)]
pub struct Hidden(String);

impl Hidden {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Hidden {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(..)")
    }
}

#[cfg(test)]
mod tests;
