//! Bodies that end when they have become too long.

use std::pin::Pin;
use std::task::{Context, Poll};

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame};

/// A body that ends soon after it has passed its limit: with the piece that takes it there.
///
/// It does not fail, since the SDK would take that for a broken connection and try again. Who reads it compares its
/// length with the limit.
struct Bounded {
    body: SdkBody,
    /// How many bytes are still taken.
    left: usize,
}

/// Bounds the body of an answer. One that says that it is longer is not read at all.
pub(super) fn bound(response: &mut HttpResponse, limit: usize) {
    let declared = response.headers().get("content-length").and_then(|text| text.parse().ok());
    let is_longer = declared.is_some_and(|declared: u64| declared > limit as u64);
    let left = if is_longer { 0 } else { limit.saturating_add(1) };
    let body = response.take_body();
    *response.body_mut() = SdkBody::from_body_1_x(Bounded { body, left });
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(piece) = frame.data_ref()
        {
            self.left = self.left.saturating_sub(piece.len());
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of pieces of this size without an end, and how many of them were taken.
    struct Endless(usize, std::sync::Arc<std::sync::atomic::AtomicUsize>);

    impl Body for Endless {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Poll::Ready(Some(Ok(Frame::data(vec![b'x'; self.0].into()))))
        }
    }

    #[tokio::test]
    async fn an_endless_body_is_read_to_its_limit_and_a_piece() {
        let taken = std::sync::Arc::default();
        let body = SdkBody::from_body_1_x(Endless(100, std::sync::Arc::clone(&taken)));
        let mut bounded = Bounded { body, left: 1001 };
        let mut length = 0;
        while let Some(frame) =
            std::future::poll_fn(|context| Pin::new(&mut bounded).poll_frame(context)).await
        {
            length += frame.unwrap().into_data().unwrap().len();
        }
        assert_eq!((length, taken.load(std::sync::atomic::Ordering::Relaxed)), (1100, 11));
    }
}
