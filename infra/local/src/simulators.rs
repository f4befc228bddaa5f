//! Both simulators in this process, reachable over TCP as the real services would be.

use crate::cli::SimulatorPorts;
use crate::keyring;
use anyhow::Context;
use simulator::{HubSpotSim, OpenCxSim, SimOptions, Simulator};
use std::sync::Arc;
use tokio::net::TcpListener;
use transport::{Clock, ReqwestTransport};

/// A simulator's socket before anything answers on it.
pub(crate) struct Socket {
    listener: TcpListener,
    /// Its address.
    pub(crate) url: String,
}

impl Socket {
    pub(crate) async fn bind(port: u16) -> anyhow::Result<Self> {
        let listener = bind(port).await?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Self { listener, url })
    }
}

/// A listener on loopback; 0 lets the system choose the port.
pub(crate) async fn bind(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("nothing can listen on 127.0.0.1:{port}"))
}

/// Both sockets.
pub(crate) async fn sockets(ports: SimulatorPorts) -> anyhow::Result<(Socket, Socket)> {
    Ok((Socket::bind(ports.hubspot_port).await?, Socket::bind(ports.opencx_port).await?))
}

/// The options of a simulator that talks over the network.
pub(crate) fn options(clock: Arc<dyn Clock>) -> anyhow::Result<SimOptions> {
    let network = Arc::new(ReqwestTransport::new(transport::https_client()?));
    Ok(SimOptions { clock, seed: keyring::seed()?, webhook: network.clone(), functions: network })
}

/// Answers as HubSpot on `socket`.
pub(crate) fn start_hubspot(socket: Socket, options: SimOptions) {
    start(socket, HubSpotSim::new(options));
}

/// Answers as OpenCX on `socket`.
pub(crate) fn start_opencx(socket: Socket, options: SimOptions) {
    start(socket, OpenCxSim::new(options));
}

fn start<S: Simulator>(socket: Socket, sim: Arc<S>) {
    tokio::spawn(simulator::serve(socket.listener, sim));
}
