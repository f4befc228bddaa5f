//! Files from addresses that others name: from the public web only, and never more than was agreed.

use crate::{Transport, TransportError};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// A file may be moved this often on its way.
const REDIRECTS: u32 = 3;

/// Which addresses may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// `https`, and nothing that is private, local or reserved. Names are judged by what they resolve to, when connecting.
    PublicWeb,
    /// Anything, for simulators.
    Anywhere,
}

/// Fetches files. Cheap to clone; one per process.
#[derive(Clone)]
pub struct Outside {
    transport: Arc<dyn Transport>,
    reach: Reach,
}

/// A file that was fetched.
#[derive(Clone)]
pub struct Fetched {
    /// What is in it.
    pub content: Bytes,
    /// What the server calls it, such as `image/png`.
    pub mime_type: Option<String>,
}

/// Why a file was not fetched. None of these shows the address.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The address is none of the public web.
    #[error("fetch a file: its address is not one of the public web")]
    Refused,
    /// The file is larger than was agreed.
    #[error("fetch a file: it is too large")]
    TooLarge,
    /// The server has no such file, or moves it too often.
    #[error("fetch a file: the server answered {0}")]
    Status(u16),
    /// There is no complete answer.
    #[error("fetch a file: {0}")]
    Transport(#[from] TransportError),
}

impl Outside {
    /// `transport` must neither follow redirects nor, for [`Reach::PublicWeb`], connect to what a name may not resolve to;
    /// it must stop reading at its own bound.
    pub fn new(transport: Arc<dyn Transport>, reach: Reach) -> Self {
        Self { transport, reach }
    }

    /// Fetches what is at `address`, at most `max` bytes, each step within `timeout`.
    pub async fn fetch(&self, address: &str, max: usize, timeout: Duration) -> Result<Fetched, FetchError> {
        let mut url = Url::parse(address.trim()).map_err(|_| FetchError::Refused)?;
        for _ in 0..=REDIRECTS {
            if self.reach == Reach::PublicWeb && !is_public(&url) {
                return Err(FetchError::Refused);
            }
            let request = Request::builder().method(Method::GET).uri(url.as_str()).header(header::ACCEPT, "*/*");
            let request = request.body(Bytes::new()).map_err(|_| FetchError::Refused)?;
            let answer = self.transport.send(request, timeout).await.map_err(judge)?;
            let told = |name| answer.headers().get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
            match answer.status() {
                StatusCode::OK if answer.body().len() > max => return Err(FetchError::TooLarge),
                StatusCode::OK => {
                    let mime_type = told(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next());
                    let mime_type = mime_type.map(|kind| kind.trim().to_ascii_lowercase());
                    return Ok(Fetched { mime_type, content: answer.into_body() });
                }
                status if status.is_redirection() => {
                    let to = told(header::LOCATION).ok_or(FetchError::Status(status.as_u16()))?;
                    url = url.join(to).map_err(|_| FetchError::Refused)?;
                }
                status => return Err(FetchError::Status(status.as_u16())),
            }
        }
        Err(FetchError::Status(StatusCode::LOOP_DETECTED.as_u16()))
    }
}

/// The transport's own bound is told as a broken line.
fn judge(error: TransportError) -> FetchError {
    match &error {
        TransportError::Broken(why) if why == crate::client::TOO_LARGE => FetchError::TooLarge,
        TransportError::NotSent(why) if why.contains(crate::client::NOT_PUBLIC) => FetchError::Refused,
        _ => FetchError::Transport(error),
    }
}

/// Whether an address may be asked, as far as it can be told before it is resolved.
fn is_public(url: &Url) -> bool {
    let named = |name: &str| {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let local = [".localhost", ".local", ".internal", ".lan", ".home", ".corp", ".intranet"];
        name.contains('.') && !local.iter().any(|end| name.ends_with(end))
    };
    let host = match url.host() {
        Some(Host::Domain(name)) => named(name),
        Some(Host::Ipv4(ip)) => is_public_ip(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_public_ip(IpAddr::V6(ip)),
        None => false,
    };
    host && url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
}

/// Not private, local, multicast, reserved or documentation; addresses that wrap an IPv4 one are judged by it.
pub(crate) fn is_public_ip(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    // This network, loopback, multicast, class E and broadcast; then carriers, benchmarks, protocol assignments, 6to4 relays.
    let special = matches!((a, b, c), (0 | 127 | 224..=255, _, _))
        || matches!((a, b, c), (100, 64..=127, _) | (198, 18 | 19, _) | (192, 0, 0) | (192, 88, 99));
    !special && !ip.is_private() && !ip.is_link_local() && !ip.is_documentation()
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, third, ..] = ip.segments();
    if let Some(inner) = ip.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    match (first, second) {
        // NAT64 and 6to4 lead to the IPv4 address in them.
        (0x64, 0xff9b) => {
            let [.., high, low] = ip.segments();
            is_public_v4(joined(high, low))
        }
        (0x2002, high) => is_public_v4(joined(high, third)),
        // Teredo, documentation, benchmarks, ORCHID.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, _) => false,
        // What is not global unicast: loopback, unspecified, unique local, link local, site local, multicast.
        _ => (0x2000..=0x3fff).contains(&first),
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests;
