//! Reading a request's body into memory, within its own bound and that of all bodies together.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answers::Refusal;

/// A body, and what it occupies of the room for all bodies.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) bytes: Bytes,
    pub(super) _room: Option<OwnedSemaphorePermit>,
}

/// Reads a body to its end. Room is taken as the bytes come, so a client that only announces them takes none.
pub(super) async fn read<B>(mut body: B, max: usize, room: &Arc<Semaphore>) -> Result<Held, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > max as u64 {
        return Err(Refusal::BodyTooLarge);
    }
    let mut bytes = BytesMut::new();
    let mut held: Option<OwnedSemaphorePermit> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::BodyBroken)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len().saturating_add(data.len()) > max {
            return Err(Refusal::BodyTooLarge);
        }
        let size = u32::try_from(data.len()).map_err(|_| Refusal::BodyTooLarge)?;
        let taken = room.clone().try_acquire_many_owned(size).map_err(|_| Refusal::Busy)?;
        match &mut held {
            Some(held) => held.merge(taken),
            None => held = Some(taken),
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Held { bytes: bytes.freeze(), _room: held })
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    async fn attempt(
        bytes: &'static [u8],
        max: usize,
        room: &Arc<Semaphore>,
    ) -> Result<Held, Refusal> {
        read(Full::new(Bytes::from_static(bytes)), max, room).await
    }

    #[tokio::test]
    async fn a_body_takes_room_as_long_as_it_is_held() {
        let room = Arc::new(Semaphore::new(10));
        let held = attempt(b"123456", 6, &room).await.unwrap();
        assert_eq!((held.bytes.as_ref(), room.available_permits()), (&b"123456"[..], 4));
        assert_eq!(attempt(b"12345", 6, &room).await.unwrap_err(), Refusal::Busy);
        assert_eq!(attempt(b"1234567", 6, &room).await.unwrap_err(), Refusal::BodyTooLarge);
        assert_eq!(room.available_permits(), 4);
        drop(held);
        assert_eq!(room.available_permits(), 10);
        assert!(attempt(b"12345", 6, &room).await.is_ok());
    }
}
