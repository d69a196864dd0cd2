//! Address ranges.

use std::net::IpAddr;

/// Whether an address is in a range, which is an address alone or with the length of its network's prefix.
///
/// What is neither range nor address matches nothing, and IPv4 never matches IPv6.
pub(super) fn contains(range: &str, address: &str) -> bool {
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, Some(length)),
        None => (range, None),
    };
    let bits = |length: Option<&str>, whole: u32| match length {
        None => Some(whole),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok().filter(|bits| *bits <= whole)
        }
        Some(_) => None,
    };
    match (network.parse(), address.parse()) {
        (Ok(IpAddr::V4(network)), Ok(IpAddr::V4(address))) => bits(length, 32)
            .is_some_and(|bits| (network.to_bits() ^ address.to_bits()).leading_zeros() >= bits),
        (Ok(IpAddr::V6(network)), Ok(IpAddr::V6(address))) => bits(length, 128)
            .is_some_and(|bits| (network.to_bits() ^ address.to_bits()).leading_zeros() >= bits),
        _ => false,
    }
}
