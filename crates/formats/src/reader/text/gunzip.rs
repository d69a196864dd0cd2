//! Text out of gzip, with any number of members, some at a time.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::super::ReadError;
use super::super::source::{Part, Source};

/// How much of the file is fetched at once.
const WINDOW_BYTES: usize = 1 << 20;

/// How much text is inflated at once.
const TEXT_BYTES: usize = 64 << 10;

/// The text of a file, from beginning to end.
#[derive(Debug)]
pub(super) struct Gunzip<S: Source> {
    gzip: MultiGzDecoder<Compressed<S>>,
    text: Vec<u8>,
    /// How much of the text is taken.
    taken: usize,
    /// How much text there was before what is in memory.
    before: u64,
    is_end: bool,
}

/// The file as `flate2` wants it.
#[derive(Debug)]
struct Compressed<S>(Part<S>);

impl<S: Source> Gunzip<S> {
    pub(super) fn new(source: &Arc<S>) -> Self {
        let part = Part::new(source, 0..source.size_bytes(), WINDOW_BYTES);
        let gzip = MultiGzDecoder::new(Compressed(part));
        Self { gzip, text: Vec::new(), taken: 0, before: 0, is_end: false }
    }

    /// The text at hand, and whether it is all that is left.
    pub(super) fn rest(&self) -> (&[u8], bool) {
        (self.text.get(self.taken..).unwrap_or_default(), self.is_end)
    }

    /// Where the text at hand begins in all of the text.
    pub(super) fn position(&self) -> u64 {
        self.before + self.taken as u64
    }

    pub(super) fn take(&mut self, count: usize) {
        self.taken = self.text.len().min(self.taken + count);
    }

    /// Inflates some more.
    pub(super) fn more(&mut self) -> Result<(), ReadError> {
        self.text.drain(..self.taken);
        self.before += self.taken as u64;
        self.taken = 0;
        let length = self.text.len();
        self.text.resize(length + TEXT_BYTES, 0);
        let read = self.gzip.read(self.text.get_mut(length..).unwrap_or_default());
        let count = match read {
            Ok(count) => count,
            Err(error) => return Err(read_error(error).at_byte(self.before + length as u64)),
        };
        self.text.truncate(length + count);
        self.is_end = count == 0;
        Ok(())
    }
}

/// Finds the source's own error again, which `flate2` has passed on.
fn read_error(error: io::Error) -> ReadError {
    match error.downcast::<ReadError>() {
        Ok(error) => error,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            ReadError::malformed("the gzip file ends too early")
        }
        Err(error) => ReadError::malformed(format!("the gzip file is damaged: {error}")),
    }
}

impl<S: Source> BufRead for Compressed<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.peek(1).map_err(io::Error::other)
    }

    fn consume(&mut self, count: usize) {
        self.0.take(count);
    }
}

impl<S: Source> Read for Compressed<S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}
