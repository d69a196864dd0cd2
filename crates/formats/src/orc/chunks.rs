//! Streams in chunks that are compressed each on its own, and the places in them that readers can begin at.

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::gzip::LEVEL;

/// How much of a stream is compressed at once, in bytes: readers of S3's own ORC inventories are used to it.
pub(super) const CHUNK_BYTES: usize = 256 << 10;

/// Compresses chunks, one after the other.
#[derive(Debug)]
pub(super) struct Deflate {
    compress: Compress,
    /// As long as a chunk.
    output: Vec<u8>,
}

/// One stream of a stripe.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    /// Whole chunks, compressed, with their headers.
    done: Vec<u8>,
    /// The chunk in progress, shorter than [`CHUNK_BYTES`].
    open: Vec<u8>,
    marks: Vec<Mark>,
}

/// Where a group of rows begins: the beginning of a chunk within the stream, and how far into the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    chunk: usize,
    within: usize,
}

impl Deflate {
    pub(super) fn new() -> Self {
        Self {
            compress: Compress::new(Compression::new(LEVEL), false),
            output: vec![0; CHUNK_BYTES],
        }
    }

    /// All of a short section, such as a footer, as a stream.
    pub(super) fn section(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut section = Vec::new();
        for chunk in bytes.chunks(CHUNK_BYTES) {
            self.append_chunk(&mut section, chunk);
        }
        section
    }

    /// Appends a chunk with its header: compressed if that makes it shorter, else as it is.
    ///
    /// The output is given less room than the input takes, so a chunk that does not get shorter does not get finished.
    fn append_chunk(&mut self, out: &mut Vec<u8>, chunk: &[u8]) {
        self.compress.reset();
        let room = self.output.get_mut(..chunk.len().saturating_sub(1)).unwrap_or_default();
        let status = self.compress.compress(chunk, room, FlushCompress::Finish);
        let written = usize::try_from(self.compress.total_out()).unwrap_or(usize::MAX);
        let compressed =
            matches!(status, Ok(Status::StreamEnd)).then(|| room.get(..written)).flatten();
        let (stored, is_original) = compressed.map_or((chunk, 1), |shorter| (shorter, 0));
        let [low, middle, high, ..] = (stored.len() as u64 * 2 + is_original).to_le_bytes();
        out.extend_from_slice(&[low, middle, high]);
        out.extend_from_slice(stored);
    }
}

impl Chunks {
    pub(super) fn append(&mut self, mut bytes: &[u8], deflate: &mut Deflate) {
        while self.open.len() + bytes.len() >= CHUNK_BYTES {
            let (fitting, rest) = bytes.split_at(CHUNK_BYTES - self.open.len());
            self.open.extend_from_slice(fitting);
            self.close(deflate);
            bytes = rest;
        }
        self.open.extend_from_slice(bytes);
    }

    /// Says that a group of rows begins here.
    pub(super) fn mark(&mut self) {
        self.marks.push(Mark { chunk: self.done.len(), within: self.open.len() });
    }

    /// Appends the position of a group's beginning, as row indexes have it.
    pub(super) fn append_position(&self, group: usize, out: &mut Vec<u64>) {
        if let Some(mark) = self.marks.get(group) {
            out.extend([mark.chunk as u64, mark.within as u64]);
        }
    }

    /// Compresses what is left; nothing can be appended until [`Chunks::clear`].
    pub(super) fn finish(&mut self, deflate: &mut Deflate) {
        if !self.open.is_empty() {
            self.close(deflate);
        }
    }

    /// The stream, once it is finished.
    pub(super) fn finished(&self) -> &[u8] {
        &self.done
    }

    /// Begins anew, and lets the memory go: what is large in this stripe need not be in the next.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many bytes are waiting for the end of the stripe. Follows from the rows alone.
    pub(super) fn held(&self) -> usize {
        self.done.len() + self.open.len()
    }

    /// How many bytes are allocated.
    pub(super) fn memory_size(&self) -> usize {
        self.done.capacity() + self.open.capacity()
    }

    fn close(&mut self, deflate: &mut Deflate) {
        deflate.append_chunk(&mut self.done, &self.open);
        self.open.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::DeflateDecoder;

    use super::*;

    /// Bytes that do not compress.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33).to_le_bytes()[0]
        };
        std::iter::repeat_with(&mut next).take(count).collect()
    }

    /// The chunks of a stream, inflated, and whether each was compressed.
    fn inflated(mut stream: &[u8]) -> Vec<(Vec<u8>, bool)> {
        let mut chunks = Vec::new();
        while let [low, middle, high, rest @ ..] = stream {
            let header = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
            let (stored, after) = rest.split_at(header / 2);
            let mut bytes = stored.to_vec();
            if header.is_multiple_of(2) {
                bytes.clear();
                DeflateDecoder::new(stored).read_to_end(&mut bytes).expect("raw deflate");
            }
            chunks.push((bytes, header.is_multiple_of(2)));
            stream = after;
        }
        assert!(stream.is_empty(), "half a header");
        chunks
    }

    #[test]
    fn chunks_are_cut_at_the_same_places_however_bytes_come() {
        let mut deflate = Deflate::new();
        let bytes: Vec<u8> = (0..600_000_u32).map(|i| (i / 7).to_le_bytes()[0]).collect();
        let mut whole = Chunks::default();
        whole.append(&bytes, &mut deflate);
        whole.finish(&mut deflate);
        let mut pieces = Chunks::default();
        for piece in bytes.chunks(777) {
            pieces.append(piece, &mut deflate);
        }
        pieces.finish(&mut deflate);
        assert_eq!(whole.finished(), pieces.finished());
        let chunks = inflated(whole.finished());
        let sizes: Vec<_> = chunks.iter().map(|(chunk, _)| chunk.len()).collect();
        assert_eq!(sizes, [CHUNK_BYTES, CHUNK_BYTES, 600_000 - 2 * CHUNK_BYTES]);
        assert_eq!(chunks.into_iter().flat_map(|(chunk, _)| chunk).collect::<Vec<_>>(), bytes);
    }

    #[test]
    fn what_does_not_get_shorter_stays_as_it_is() {
        let mut deflate = Deflate::new();
        for count in [1, 2, 5, 1000, CHUNK_BYTES] {
            let bytes = noise(count);
            assert_eq!(inflated(&deflate.section(&bytes)), [(bytes, false)]);
        }
        assert_eq!(inflated(&deflate.section(&[7; 1000])), [(vec![7; 1000], true)]);
        assert!(deflate.section(&[]).is_empty());
        assert_eq!(deflate.section(&[1, 2, 3, 4, 5])[..3], [0x0b, 0, 0]);
    }

    #[test]
    fn earlier_chunks_leave_no_trace_in_later_ones() {
        let text = b"docs/a.txt docs/b.txt docs/a.txt docs/b.txt".repeat(50);
        let mut used = Deflate::new();
        used.section(&noise(100_000));
        used.section(&text);
        assert_eq!(used.section(&text), Deflate::new().section(&text));
    }

    #[test]
    fn a_mark_at_the_end_of_a_chunk_is_the_beginning_of_the_next() {
        let mut deflate = Deflate::new();
        let mut chunks = Chunks::default();
        chunks.mark();
        chunks.append(&noise(CHUNK_BYTES), &mut deflate);
        chunks.mark();
        chunks.append(&[1; 10], &mut deflate);
        chunks.mark();
        let mut positions = Vec::new();
        (0..3).for_each(|group| chunks.append_position(group, &mut positions));
        let second = CHUNK_BYTES as u64 + 3;
        assert_eq!(positions, [0, 0, second, 0, second, 10]);
    }
}
