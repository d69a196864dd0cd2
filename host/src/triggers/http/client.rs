//! What the component is told about whoever sent a request: the address, and whether it came over TLS.
//!
//! It stands in one header, in the form of `Forwarded` (RFC 7239). Whatever a client sends under this name is taken away
//! first, so what the component reads there is this host's word. What a client says about itself in `X-Forwarded-For` and
//! `X-Forwarded-Proto` is believed only where a trusted proxy has handed it on.

use std::net::IpAddr;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::Network;

/// The header that says who the client is. The component is told this name by a setting.
pub const CLIENT_HEADER: HeaderName = HeaderName::from_static("x-stocktake-client");

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The most entries of `X-Forwarded-For` that are looked at: one for each proxy on the way, and nobody has that many.
const HOPS_MAX: usize = 32;

/// Who the client is, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Client {
    address: Option<IpAddr>,
    is_secure: Option<bool>,
}

/// Replaces what a client may have sent by what is known about it. `peer` is the other end of the connection.
pub(super) fn tell(headers: &mut HeaderMap, peer: IpAddr, is_tls: bool, proxies: &[Network]) {
    let client = client(headers, peer.to_canonical(), is_tls, proxies);
    headers.remove(&CLIENT_HEADER);
    let address = client.address.map(|address| match address {
        IpAddr::V4(address) => format!("for={address}"),
        IpAddr::V6(address) => format!("for=\"[{address}]\""),
    });
    let proto =
        client.is_secure.map(|is_secure| if is_secure { "proto=https" } else { "proto=http" });
    let known: Vec<String> = address.into_iter().chain(proto.map(str::to_owned)).collect();
    if let Ok(value) = HeaderValue::from_str(&known.join(";")) {
        headers.insert(CLIENT_HEADER, value);
    }
}

fn client(headers: &HeaderMap, peer: IpAddr, is_tls: bool, proxies: &[Network]) -> Client {
    let is_trusted = |address: IpAddr| proxies.iter().any(|network| network.holds(address));
    if !is_trusted(peer) {
        return Client { address: Some(peer), is_secure: Some(is_tls) };
    }
    Client {
        address: forwarded_for(headers, peer, is_trusted),
        is_secure: forwarded_proto(headers),
    }
}

/// The last address on the way that is not a trusted proxy's, read from this end: what stands before it anybody could
/// have written. None where that one is no address.
fn forwarded_for(
    headers: &HeaderMap,
    peer: IpAddr,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut last = peer;
    for entry in entries(headers, &FOR).into_iter().rev().take(HOPS_MAX) {
        last = address(&entry)?;
        if !is_trusted(last) {
            break;
        }
    }
    Some(last)
}

/// Whether all of the way was TLS, as far as the proxies say; none where they say nothing that is understood.
fn forwarded_proto(headers: &HeaderMap) -> Option<bool> {
    let mut entries = entries(headers, &PROTO).into_iter().peekable();
    entries.peek()?;
    entries.try_fold(true, |so_far, entry| match entry.to_ascii_lowercase().as_str() {
        "https" => Some(so_far),
        "http" => Some(false),
        _ => None,
    })
}

/// The entries of a list that may go over several headers.
fn entries(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter();
    let texts = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let lists: Vec<String> = texts.collect();
    lists.iter().flat_map(|list| list.split(',')).map(|entry| entry.trim().to_owned()).collect()
}

/// An address, which some proxies write with a port or in brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let bracketed = entry.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let plain = entry.parse().ok();
    let found = match bracketed {
        Some((address, "")) => address.parse().ok(),
        _ => plain.or_else(|| entry.parse().ok().map(|socket: std::net::SocketAddr| socket.ip())),
    };
    found.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told about a client that sends these headers from this address.
    #[track_caller]
    fn told(peer: &str, proxies: &[&str], sent: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        tell(&mut headers, peer.parse().unwrap(), false, &proxies);
        let told: Vec<_> = headers.get_all(&CLIENT_HEADER).iter().collect();
        assert_eq!(told.len(), 1, "{told:?}");
        told[0].to_str().unwrap().to_owned()
    }

    #[test]
    fn what_a_client_says_about_itself_is_taken_away() {
        let forged = [
            ("x-stocktake-client", "for=10.0.0.1;proto=https"),
            ("x-stocktake-client", "for=10.0.0.2"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(told("203.0.113.7", &[], &forged), "for=203.0.113.7;proto=http");
        assert_eq!(told("203.0.113.7", &["10.0.0.0/8"], &forged), "for=203.0.113.7;proto=http");
        assert_eq!(told("::ffff:203.0.113.7", &[], &[]), "for=203.0.113.7;proto=http");
        assert_eq!(told("2001:db8::1", &[], &[]), "for=\"[2001:db8::1]\";proto=http");
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_client_alone() {
        let proxies = ["127.0.0.1", "10.0.0.0/8"];
        let of = |list: &str| told("127.0.0.1", &proxies, &[("x-forwarded-for", list)]);
        assert_eq!(of("203.0.113.7"), "for=203.0.113.7");
        // What stands before the last one that is not trusted may be forged.
        assert_eq!(of("192.0.2.1, 203.0.113.7, 10.1.1.1"), "for=203.0.113.7");
        assert_eq!(of("192.0.2.1,nonsense,10.1.1.1"), "");
        assert_eq!(of("[2001:db8::1]:4711, 10.1.1.1"), "for=\"[2001:db8::1]\"");
        assert_eq!(of("203.0.113.7:4711"), "for=203.0.113.7");
        assert_eq!(of("10.1.1.1"), "for=10.1.1.1");
        assert_eq!(told("127.0.0.1", &proxies, &[]), "for=127.0.0.1");
        let both = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "203.0.113.7")];
        assert_eq!(told("127.0.0.1", &proxies, &both), "for=203.0.113.7");
        for (list, expected) in [
            ("https", ";proto=https"),
            ("HTTP", ";proto=http"),
            ("https,http", ";proto=http"),
            ("", ""),
            ("ws", ""),
        ] {
            let told = told("127.0.0.1", &proxies, &[("x-forwarded-proto", list)]);
            assert_eq!(told, format!("for=127.0.0.1{expected}"), "{list}");
        }
    }
}
