//! Networks, as proxies that are trusted are named.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address, or all that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no network; write an address such as 127.0.0.1, or a network such as 10.0.0.0/8", .0.escape_debug())]
pub struct NetworkError(String);

impl Network {
    /// Whether an address is in it. One of IPv4 that is written as one of IPv6 counts as what it is.
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask =
                    u32::MAX.checked_shl(32_u32.saturating_sub(self.bits.into())).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask =
                    u128::MAX.checked_shl(128_u32.saturating_sub(self.bits.into())).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.chars().take(80).collect());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => bits_max,
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= bits_max).ok_or_else(error)?,
        };
        Ok(Self { address, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_holds(network: &str, address: &str, is_held: bool) {
        let network: Network = network.parse().unwrap();
        assert_eq!(network.holds(address.parse().unwrap()), is_held, "{network} {address}");
    }

    #[test]
    fn a_network_holds_what_begins_with_its_bits() {
        assert_holds("10.0.0.0/8", "10.255.0.1", true);
        assert_holds("10.9.9.9/8", "10.255.0.1", true);
        assert_holds("10.0.0.0/8", "11.0.0.1", false);
        assert_holds("127.0.0.1", "127.0.0.1", true);
        assert_holds("127.0.0.1", "127.0.0.2", false);
        assert_holds("0.0.0.0/0", "203.0.113.7", true);
        assert_holds("0.0.0.0/0", "::1", false);
        assert_holds("127.0.0.0/8", "::ffff:127.0.0.1", true);
        assert_holds("2001:db8::/32", "2001:db8:1::1", true);
        assert_holds("2001:db8::/32", "2001:db9::1", false);
        assert_holds("::/0", "2001:db9::1", true);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "proxy"] {
            let refused = text.parse::<Network>().unwrap_err().to_string();
            assert!(refused.contains("10.0.0.0/8"), "{refused}");
        }
    }
}
