//! Streams of a stripe, out of the chunks that they are compressed in, one chunk at a time.

use std::ops::Range;
use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};

use super::super::ReadError;
use super::super::source::{Held, Part, Source};
use crate::varint;

/// The largest chunk before compression that is read, in bytes.
///
/// Writers take 64 KiB to 256 KiB; one chunk of every stream of every column is in memory.
const BLOCK_BYTES_MAX: u64 = 4 << 20;

/// How much of a stream is fetched at once.
const WINDOW_BYTES: usize = 256 << 10;

/// How much is taken of an uncompressed stream at once.
const PLAIN_BYTES: usize = 16 << 10;

/// The length of a chunk's header.
const HEADER_BYTES: usize = 3;

/// How streams are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Zlib { block: usize },
    Snappy { block: usize },
}

/// The bytes of one stream.
#[derive(Debug)]
pub(super) struct Bytes<S> {
    part: Part<S>,
    compression: Compression,
    inflate: Option<Box<Decompress>>,
    chunk: Vec<u8>,
    /// How much of the chunk is taken.
    taken: usize,
}

impl Compression {
    /// By its number in a postscript.
    pub(super) fn new(kind: u64, block: u64) -> Result<Self, ReadError> {
        let name = match kind {
            0 => return Ok(Self::None),
            1 | 2 => {
                let limited = usize::try_from(block).ok().filter(|_| block <= BLOCK_BYTES_MAX);
                let what = "a block of compression";
                let block = limited.ok_or(ReadError::too_large(what, block, BLOCK_BYTES_MAX))?;
                return Ok(if kind == 1 { Self::Zlib { block } } else { Self::Snappy { block } });
            }
            3 => "compression by LZO",
            4 => "compression by LZ4",
            5 => "compression by Zstandard",
            6 => "compression by Brotli",
            _ => return Err(ReadError::unsupported(format!("compression number {kind}"))),
        };
        Err(ReadError::unsupported(name))
    }
}

impl<S: Source> Bytes<S> {
    pub(super) fn new(
        source: &Arc<S>,
        range: Range<u64>,
        held: Held,
        compression: Compression,
    ) -> Self {
        Self {
            part: Part::new(source, range, WINDOW_BYTES).with_held(held),
            compression,
            inflate: None,
            chunk: Vec::new(),
            taken: 0,
        }
    }

    pub(super) fn is_at_end(&mut self) -> Result<bool, ReadError> {
        while self.taken == self.chunk.len() {
            if self.part.remaining() == 0 {
                return Ok(true);
            }
            self.next_chunk()?;
        }
        Ok(false)
    }

    pub(super) fn byte(&mut self) -> Result<u8, ReadError> {
        loop {
            if let Some(byte) = self.chunk.get(self.taken) {
                self.taken += 1;
                return Ok(*byte);
            }
            self.refill()?;
        }
    }

    /// Appends so many bytes; allocates no more than the stream has.
    pub(super) fn append(&mut self, mut count: usize, out: &mut Vec<u8>) -> Result<(), ReadError> {
        while count > 0 {
            let rest = self.chunk.get(self.taken..).unwrap_or_default();
            let taken = rest.len().min(count);
            out.extend_from_slice(rest.get(..taken).unwrap_or_default());
            self.taken += taken;
            count -= taken;
            if count > 0 {
                self.refill()?;
            }
        }
        Ok(())
    }

    /// Appends what is left of the chunk.
    pub(super) fn append_chunk(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.chunk.get(self.taken..).unwrap_or_default());
        self.taken = self.chunk.len();
    }

    /// Seven bits a byte, the lowest first.
    pub(super) fn varint(&mut self) -> Result<u64, ReadError> {
        let value = varint::read(|| self.byte())?;
        value.ok_or_else(|| ReadError::malformed("a number longer than 64 bits"))
    }

    fn refill(&mut self) -> Result<(), ReadError> {
        if self.is_at_end()? {
            return Err(ReadError::malformed("a stream ends before the stripe's rows do"));
        }
        Ok(())
    }

    fn next_chunk(&mut self) -> Result<(), ReadError> {
        self.taken = 0;
        self.chunk.clear();
        let position = self.part.position();
        self.read_chunk().map_err(|error| error.at_byte(position))
    }

    fn read_chunk(&mut self) -> Result<(), ReadError> {
        let block = match self.compression {
            Compression::None => {
                let bytes = self.part.peek(1)?;
                let plain = bytes.get(..PLAIN_BYTES).unwrap_or(bytes);
                self.chunk.extend_from_slice(plain);
                self.part.take(self.chunk.len());
                return Ok(());
            }
            Compression::Zlib { block } | Compression::Snappy { block } => block,
        };
        let [low, middle, high, ..] = self.part.peek(HEADER_BYTES)? else {
            return Err(ReadError::malformed("half a chunk's header"));
        };
        let header = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
        let (stored, is_original) = (header / 2, header % 2 == 1);
        self.part.take(HEADER_BYTES);
        if stored as u64 > self.part.remaining() {
            return Err(ReadError::malformed("a chunk longer than its stream"));
        }
        // What a chunk does not shrink by is stored as it is.
        if stored > block {
            return Err(ReadError::malformed("a chunk longer than the file's blocks"));
        }
        let bytes = self.part.peek(stored)?;
        let bytes = bytes.get(..stored).unwrap_or_default();
        match self.compression {
            Compression::Zlib { .. } if !is_original => {
                let inflate = self.inflate.get_or_insert_with(|| Box::new(Decompress::new(false)));
                inflate_into(&mut self.chunk, inflate, bytes, block)?;
            }
            Compression::Snappy { .. } if !is_original => {
                unsnap_into(&mut self.chunk, bytes, block)?;
            }
            _ => self.chunk.extend_from_slice(bytes),
        }
        self.part.take(stored);
        Ok(())
    }
}

/// Inflates one chunk, which has a stream of deflate to itself.
fn inflate_into(
    out: &mut Vec<u8>,
    inflate: &mut Decompress,
    bytes: &[u8],
    block: usize,
) -> Result<(), ReadError> {
    inflate.reset(false);
    loop {
        // Some more than is wanted, so that a chunk that fills its block has room to end.
        let wanted = (out.len().max(bytes.len()) * 2).min(block);
        out.reserve(wanted.saturating_sub(out.len()) + 64);
        let before = (inflate.total_in(), out.len());
        let rest = bytes.get(usize::try_from(before.0).unwrap_or(usize::MAX)..).unwrap_or_default();
        let status = inflate.decompress_vec(rest, out, FlushDecompress::Finish);
        if out.len() > block {
            return Err(ReadError::malformed("a chunk that is longer than the file's blocks"));
        }
        match status {
            Ok(Status::StreamEnd) => return Ok(()),
            Ok(_) if (inflate.total_in(), out.len()) != before => {}
            _ => return Err(ReadError::malformed("a chunk that is no deflate stream")),
        }
    }
}

fn unsnap_into(out: &mut Vec<u8>, bytes: &[u8], block: usize) -> Result<(), ReadError> {
    let damaged = |_| ReadError::malformed("a chunk that is not compressed by Snappy");
    let length = snap::raw::decompress_len(bytes).map_err(damaged)?;
    if length > block {
        return Err(ReadError::malformed("a chunk that is longer than the file's blocks"));
    }
    out.resize(length, 0);
    let written = snap::raw::Decoder::new().decompress(bytes, out).map_err(damaged)?;
    out.truncate(written);
    Ok(())
}
