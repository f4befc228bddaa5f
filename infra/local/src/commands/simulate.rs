//! `simulate`: only the two simulators.

use super::serve::told_to_stop;
use crate::cli::SimulatorPorts;
use crate::{output, simulators};
use std::sync::Arc;
use transport::SystemClock;

pub(super) async fn simulate(ports: SimulatorPorts) -> anyhow::Result<()> {
    let (hubspot, opencx) = simulators::sockets(ports).await?;
    output::line(format_args!("HubSpot  {}", hubspot.url));
    output::line(format_args!("OpenCX   {}", opencx.url));
    let options = simulators::options(Arc::new(SystemClock))?;
    simulators::start_hubspot(hubspot, options.clone());
    simulators::start_opencx(opencx, options);
    told_to_stop().await;
    Ok(())
}
