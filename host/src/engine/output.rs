//! What a component prints: caught up to a bound, then logged line by line under its name.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError};

/// The most bytes of each stream that are kept of one invocation: enough for any message, too few to flood a log.
pub(super) const OUTPUT_BYTES_MAX: usize = 64 << 10;

/// The most lines of each stream that are logged of one invocation.
const LINES_MAX: usize = 500;

/// The most characters of a line, or of a reason that a component gives, that reach the log.
const LINE_CHARS_MAX: usize = 4096;

/// A component's words as they may stand in a log or on a terminal: bounded, and without control characters.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(LINE_CHARS_MAX).map(shown).collect()
}

/// Which of the two streams of a component; what it says on stderr is the more urgent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// A stream that keeps what fits and drops the rest; printing too much is no reason to fail.
#[derive(Clone, Default)]
pub(super) struct Captured(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    dropped: usize,
}

impl Captured {
    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = OUTPUT_BYTES_MAX - kept.bytes.len();
        let (fits, surplus) = bytes.split_at(room.min(bytes.len()));
        kept.bytes.extend_from_slice(fits);
        kept.dropped = kept.dropped.saturating_add(surplus.len());
    }

    /// Sends everything to the log.
    pub(super) fn log(&self, component: &str, stream: Stream) {
        let kept = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for line in String::from_utf8_lossy(&kept.bytes).lines().take(LINES_MAX) {
            let line = printable(line);
            match stream {
                Stream::Stdout => tracing::info!(target: "stocktake::guest", component, "{line}"),
                Stream::Stderr => tracing::warn!(target: "stocktake::guest", component, "{line}"),
            }
        }
        if kept.dropped > 0 {
            tracing::warn!(
                target: "stocktake::guest",
                component,
                ?stream,
                dropped_bytes = kept.dropped,
                "printed more than {OUTPUT_BYTES_MAX} bytes"
            );
        }
    }

    #[cfg(test)]
    pub(super) fn contents(&self) -> (Vec<u8>, usize) {
        let kept = self.0.lock().unwrap();
        (kept.bytes.clone(), kept.dropped)
    }
}

impl IsTerminal for Captured {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Captured {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Captured {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.keep(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(OUTPUT_BYTES_MAX)
    }
}

#[async_trait::async_trait]
impl Pollable for Captured {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Captured {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.keep(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_break_out_of_their_line() {
        assert_eq!(printable("a\u{1b}[2J\nb"), "a\u{fffd}[2J\u{fffd}b");
        assert_eq!(printable(&"ä".repeat(LINE_CHARS_MAX + 1)), "ä".repeat(LINE_CHARS_MAX));
    }

    #[test]
    fn what_is_above_the_bound_is_dropped_and_counted() {
        let captured = Captured::default();
        captured.keep(&vec![b'a'; OUTPUT_BYTES_MAX - 1]);
        captured.keep(b"bcd");
        captured.keep(b"e");
        let (bytes, dropped) = captured.contents();
        assert_eq!((bytes.len(), bytes.last(), dropped), (OUTPUT_BYTES_MAX, Some(&b'b'), 3));
    }
}
