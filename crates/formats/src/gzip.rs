//! A gzip file of one member, with a header that is always the same.
//!
//! `flate2` has an encoder of its own, but it completes the file when it is dropped, so that a file that was given up
//! would look like a whole one, and its header depends on the level.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Deflate, no flags, no time, no extra flags, made on Unix.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

/// How hard the compressor tries. `docs/decisions/0003-deflate.md` has the figures.
pub(crate) const LEVEL: u32 = 2;

/// How much is compressed before it is passed on.
const OUTPUT_BYTES: usize = 32 << 10;

/// Compresses into a sink.
#[derive(Debug)]
pub(crate) struct GzipWriter<W> {
    sink: W,
    deflate: Compress,
    crc: Crc,
    /// Compressed bytes that the sink has not got yet; never grows.
    output: Vec<u8>,
}

impl<W: Write> GzipWriter<W> {
    pub(crate) fn new(mut sink: W) -> io::Result<Self> {
        sink.write_all(&HEADER)?;
        let deflate = Compress::new(Compression::new(LEVEL), false);
        Ok(Self { sink, deflate, crc: Crc::new(), output: Vec::with_capacity(OUTPUT_BYTES) })
    }

    /// Compresses all of `bytes`.
    ///
    /// What comes out depends on how the bytes are cut into calls, so the caller has to cut equal bytes equally.
    pub(crate) fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.crc.update(bytes);
        while !bytes.is_empty() {
            let (taken, _) = self.compress(bytes, FlushCompress::None)?;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        while self.compress(&[], FlushCompress::Finish)?.1 != Status::StreamEnd {}
        self.pass_on()?;
        self.sink.write_all(&self.crc.sum().to_le_bytes())?;
        self.sink.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(self.sink)
    }

    pub(crate) fn sink_mut(&mut self) -> &mut W {
        &mut self.sink
    }

    /// Gives the compressor one chance to take input and make output; answers how many bytes it took.
    fn compress(&mut self, bytes: &[u8], flush: FlushCompress) -> io::Result<(usize, Status)> {
        if self.output.len() == OUTPUT_BYTES {
            self.pass_on()?;
        }
        let before = self.deflate.total_in();
        let status =
            self.deflate.compress_vec(bytes, &mut self.output, flush).map_err(io::Error::other)?;
        let taken = usize::try_from(self.deflate.total_in() - before).map_err(io::Error::other)?;
        Ok((taken, status))
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.sink.write_all(&self.output)?;
        self.output.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], portion: usize) {
        let mut gzip = GzipWriter::new(Vec::new()).expect("a new file");
        for part in bytes.chunks(portion) {
            gzip.write_all(part).expect("room in memory");
        }
        let file = gzip.finish().expect("room in memory");
        assert_eq!(file[..10], *b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
        let mut back = Vec::new();
        let mut decoder = GzDecoder::new(&file[..]);
        decoder.read_to_end(&mut back).expect("a whole gzip member");
        assert!(back == bytes, "the bytes changed");
        assert!(decoder.into_inner().is_empty(), "something follows the first member");
    }

    #[test]
    fn is_one_member_of_any_size() {
        check(b"", 1);
        check(b"a", 1);
        // Does not compress, so the output fills up over and over.
        let noise: Vec<u8> = (0..1_000_000_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0] ^ i.to_le_bytes()[1])
            .collect();
        check(&noise, 70_001);
        check(&noise, noise.len());
        check(&vec![b'a'; 3_000_000], 64 << 10);
    }

    #[test]
    fn a_file_given_up_has_no_end() {
        let mut sink = Vec::new();
        let mut gzip = GzipWriter::new(&mut sink).expect("a new file");
        gzip.write_all(b"a row").expect("room in memory");
        drop(gzip);
        assert!(GzDecoder::new(&sink[..]).read_to_end(&mut Vec::new()).is_err());
    }
}
