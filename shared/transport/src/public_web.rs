//! The rule which addresses belong to the public web.
//!
//! An address that others name could lead into a private network; names are judged again after they are resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// The addresses that may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// `https`, and nothing that is private, local or reserved. Names are judged by what they resolve to, when connecting.
    PublicWeb,
    /// Anything, for simulators.
    Anywhere,
}

/// The text of the error for a name that is not of the public web.
pub(crate) const NOT_PUBLIC: &str = "the name is not one of the public web";

/// Resolves names, and refuses a name with any address that is not public.
pub(crate) struct PublicNames;

impl reqwest::dns::Resolve for PublicNames {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() || found.iter().any(|address| !is_public_ip(address.ip())) {
                return Err(NOT_PUBLIC.into());
            }
            let found: reqwest::dns::Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

/// Whether an address may be asked, as far as it can be told before it is resolved.
pub(crate) fn is_public(url: &Url) -> bool {
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
        // Everything but global unicast: loopback, unspecified, unique local, link local, site local, multicast.
        _ => (0x2000..=0x3fff).contains(&first),
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}
