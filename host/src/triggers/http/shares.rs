//! What one address may take of something that all share.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// What each address has taken.
#[derive(Debug)]
pub(super) struct Shares {
    max: usize,
    taken: Mutex<BTreeMap<IpAddr, usize>>,
}

/// What an address has taken. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    shares: Arc<Shares>,
    address: IpAddr,
    count: usize,
}

impl Shares {
    /// Each address may take so many.
    pub(super) fn of(max: usize) -> Arc<Self> {
        Arc::new(Self { max, taken: Mutex::default() })
    }

    /// Takes some more; none where that is more than the address may have.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, count: usize) -> Option<Share> {
        let address = network(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let now = taken.get(&address).copied().unwrap_or_default().saturating_add(count);
        if now > self.max {
            return None;
        }
        taken.insert(address, now);
        Some(Share { shares: self.clone(), address, count })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken.get(&self.address).copied().unwrap_or_default();
        match left.saturating_sub(self.count) {
            0 => taken.remove(&self.address),
            left => taken.insert(self.address, left),
        };
    }
}

/// Whoever has one address of IPv6 has the 2^64 around it, too.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_takes_its_share_and_no_other() {
        let shares = Shares::of(3);
        let take = |address: &str, count| shares.take(address.parse().unwrap(), count);
        let first = take("192.0.2.1", 2).unwrap();
        assert!(take("192.0.2.1", 2).is_none());
        assert!(take("::ffff:192.0.2.1", 2).is_none());
        let last = take("192.0.2.1", 1).unwrap();
        assert!(take("192.0.2.2", 3).is_some());
        drop(first);
        assert!(take("192.0.2.1", 2).is_some());
        drop(last);
        let _held = take("2001:db8::1", 3).unwrap();
        assert!(take("2001:db8::2", 1).is_none());
        assert!(take("2001:db8:0:1::2", 1).is_some());
        assert_eq!(shares.taken.lock().unwrap().len(), 1);
    }
}
