//! From which address a request comes: the peer's, or, where the peer is a proxy of our own, the one that it names.

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// One address (`10.0.0.1`) or a block of them (`10.0.0.0/8`, `fd00::/8`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// The text is neither an address nor a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoNetwork;

impl std::fmt::Display for NoNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("neither an address nor a block of addresses")
    }
}

impl std::error::Error for NoNetwork {}

impl TryFrom<String> for Network {
    type Error = NoNetwork;
    fn try_from(text: String) -> Result<Self, NoNetwork> {
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| NoNetwork))?;
        if bits <= most { Ok(Network { address, bits }) } else { Err(NoNetwork) }
    }
}

impl From<Network> for String {
    fn from(network: Network) -> String {
        format!("{}/{}", network.address, network.bits)
    }
}

fn leading(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0))),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0))),
    }
}

impl Network {
    pub fn holds(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && leading(address, self.bits) == leading(self.address, self.bits)
    }
}

/// The proxies whose word on the client's address is taken; nobody's, where the composition root names none.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<Network>);

impl TrustedProxies {
    /// Each proxy adds to the right of `X-Forwarded-For` whom it was asked by. So it is read from the right, past our own
    /// proxies; what stands further left is whatever somebody sent.
    pub fn client(&self, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
        let mut client = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        for hop in named.collect::<Vec<_>>().into_iter().rev() {
            if !self.0.iter().any(|proxy| proxy.holds(client)) {
                break;
            }
            let Ok(next) = hop.trim().parse::<IpAddr>() else { break };
            client = next.to_canonical();
        }
        client
    }
}

/// Whom attempts are counted of: one IPv4 address, or the /64 that one IPv6 customer has to themselves.
pub fn party(address: IpAddr) -> IpAddr {
    if address.is_ipv4() { address } else { leading(address, 64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> TrustedProxies {
        TrustedProxies(texts.iter().map(|text| Network::try_from((*text).to_owned()).unwrap()).collect())
    }

    fn client(proxies: &TrustedProxies, peer: &str, forwarded: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        proxies.client(&extensions, &headers).to_string()
    }

    #[test]
    fn a_header_counts_only_from_a_proxy_of_ours_and_only_its_right_end() {
        let none = networks(&[]);
        assert_eq!(client(&none, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let ours = networks(&["10.0.0.0/8", "fd00::/8"]);
        assert_eq!(client(&ours, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&ours, "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        // What the client itself wrote stands to the left of what our proxies saw.
        assert_eq!(client(&ours, "10.1.2.3", &["127.0.0.1, 198.51.100.1", "10.9.9.9"]), "198.51.100.1");
        assert_eq!(client(&ours, "10.1.2.3", &["198.51.100.1, nonsense"]), "10.1.2.3");
        assert_eq!(client(&ours, "10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(client(&ours, "::ffff:10.1.2.3", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn a_block_is_written_as_everybody_writes_it_and_anything_else_is_refused() {
        assert!(networks(&["0.0.0.0/0"]).0[0].holds("8.8.8.8".parse().unwrap()));
        assert!(!networks(&["0.0.0.0/0"]).0[0].holds("::1".parse().unwrap()));
        assert!(networks(&["::1"]).0[0].holds("::1".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "proxy.example", "10.0.0.1/x", "::/129"] {
            assert!(Network::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(party("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(), "2001:db8:1:2::");
    }
}
