//! Reading a request's body into memory, within its own bound, that of its address, and that of all bodies together.
//!
//! The first bytes of a body need nobody's room: a connection has them for itself, as configurations and policies are
//! small and must get through whatever others send (`docs/decisions/0021-what-bodies-may-hold.md`).

use std::net::IpAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answers::Refusal;
use super::shares::{Share, Shares};

/// What each body may have without taking room, in bytes: more than a policy of Amazon S3 and than any configuration that
/// people write. With 512 connections it comes to 32 MiB.
const OWN_BYTES: usize = 64 << 10;

/// A body, and what it occupies of the room for all bodies.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
    _shares: Vec<Share>,
}

/// Where bodies that are not small have room.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    /// For all of them.
    pub(super) all: &'a Arc<Semaphore>,
    /// For those of one address; none for an address that has no such bound.
    pub(super) own: Option<(&'a Arc<Shares>, IpAddr)>,
}

/// Reads a body to its end. Room is taken as the bytes come, so a client that only announces them takes none.
pub(super) async fn read<B>(mut body: B, max: usize, room: Room<'_>) -> Result<Held, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > max as u64 {
        return Err(Refusal::BodyTooLarge);
    }
    let mut bytes = BytesMut::new();
    let (mut held, mut shares): (Option<OwnedSemaphorePermit>, Vec<Share>) = (None, Vec::new());
    let mut taken = OWN_BYTES;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::BodyBroken)?;
        let Ok(data) = frame.into_data() else { continue };
        let length = bytes.len().saturating_add(data.len());
        if length > max {
            return Err(Refusal::BodyTooLarge);
        }
        // In steps, so that neither a large body nor one in small pieces has a share for each piece.
        while length > taken {
            let size = u32::try_from(OWN_BYTES).map_err(|_| Refusal::BodyTooLarge)?;
            if let Some((own, address)) = room.own {
                shares.push(own.take(address, OWN_BYTES).ok_or(Refusal::Busy)?);
            }
            let more = room.all.clone().try_acquire_many_owned(size).map_err(|_| Refusal::Busy)?;
            match &mut held {
                Some(held) => held.merge(more),
                None => held = Some(more),
            }
            taken += OWN_BYTES;
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Held { bytes: bytes.freeze(), _room: held, _shares: shares })
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    async fn attempt(length: usize, max: usize, room: Room<'_>) -> Result<Held, Refusal> {
        read(Full::new(Bytes::from(vec![0; length])), max, room).await
    }

    #[tokio::test]
    async fn a_large_body_takes_room_as_long_as_it_is_held() {
        let all = Arc::new(Semaphore::new(2 * OWN_BYTES));
        let room = Room { all: &all, own: None };
        let max = 4 * OWN_BYTES;
        let held = attempt(2 * OWN_BYTES, max, room).await.unwrap();
        assert_eq!((held.bytes.len(), all.available_permits()), (2 * OWN_BYTES, OWN_BYTES));
        assert_eq!(attempt(2 * OWN_BYTES + 1, max, room).await.unwrap_err(), Refusal::Busy);
        assert_eq!(attempt(max + 1, max, room).await.unwrap_err(), Refusal::BodyTooLarge);
        assert_eq!(all.available_permits(), OWN_BYTES);
        drop(held);
        assert_eq!(all.available_permits(), 2 * OWN_BYTES);
        assert!(attempt(2 * OWN_BYTES + 1, max, room).await.is_ok());
    }

    #[tokio::test]
    async fn a_small_body_needs_nobodys_room() {
        let all = Arc::new(Semaphore::new(0));
        let room = Room { all: &all, own: None };
        assert!(attempt(OWN_BYTES, OWN_BYTES * 2, room).await.is_ok());
        assert_eq!(attempt(OWN_BYTES + 1, OWN_BYTES * 2, room).await.unwrap_err(), Refusal::Busy);
    }

    #[tokio::test]
    async fn one_address_takes_no_more_than_its_share() {
        let all = Arc::new(Semaphore::new(16 * OWN_BYTES));
        let shares = Shares::of(OWN_BYTES);
        let of = |address: &str| Room { all: &all, own: Some((&shares, address.parse().unwrap())) };
        let held = attempt(2 * OWN_BYTES, 4 * OWN_BYTES, of("192.0.2.1")).await.unwrap();
        let refused = attempt(2 * OWN_BYTES, 4 * OWN_BYTES, of("192.0.2.1")).await;
        assert_eq!(refused.unwrap_err(), Refusal::Busy);
        assert!(attempt(2 * OWN_BYTES, 4 * OWN_BYTES, of("192.0.2.2")).await.is_ok());
        drop(held);
        assert!(attempt(2 * OWN_BYTES, 4 * OWN_BYTES, of("192.0.2.1")).await.is_ok());
    }
}
