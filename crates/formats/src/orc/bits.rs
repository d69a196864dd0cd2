//! Booleans: eight to a byte, the first in the highest bit, and the bytes in runs.

use super::chunks::{Chunks, Deflate};

/// The fewest equal bytes that make a run.
const RUN_MIN: u8 = 3;

/// The most equal bytes of a run.
const RUN_MAX: u8 = 130;

/// The most bytes that are written one by one under one header.
const LITERALS_MAX: usize = 128;

/// A stream of booleans.
#[derive(Debug, Default)]
pub(super) struct Bits {
    /// The byte in progress, and how many of its bits are given.
    byte: u8,
    given: u8,
    bytes: ByteRuns,
    /// At each mark, how many bits of the byte there belong to the rows before.
    marks: Vec<u8>,
}

/// A stream of bytes in runs.
#[derive(Debug, Default)]
struct ByteRuns {
    /// Bytes before the run in progress, none of which make a run; at most [`LITERALS_MAX`].
    literals: Vec<u8>,
    byte: u8,
    count: u8,
    chunks: Chunks,
}

impl Bits {
    pub(super) fn push(&mut self, bit: bool, deflate: &mut Deflate) {
        self.byte |= u8::from(bit) << (7 - self.given);
        self.given += 1;
        if self.given == 8 {
            self.end_byte(deflate);
        }
    }

    /// Appends so many bits that are set.
    pub(super) fn push_set(&mut self, mut count: usize, deflate: &mut Deflate) {
        while count > 0 && (self.given > 0 || count < 8) {
            self.push(true, deflate);
            count -= 1;
        }
        (0..count / 8).for_each(|_| self.bytes.push(0xff, deflate));
        (0..count % 8).for_each(|_| self.push(true, deflate));
    }

    /// Says that a group of rows begins here.
    ///
    /// The byte in progress, which is to hold bits of both groups, begins a run, so that no byte is to be skipped.
    pub(super) fn mark(&mut self, deflate: &mut Deflate) {
        self.bytes.end_runs(deflate);
        self.bytes.chunks.mark();
        self.marks.push(self.given);
    }

    pub(super) fn append_position(&self, group: usize, out: &mut Vec<u64>) {
        self.bytes.chunks.append_position(group, out);
        out.extend([0, self.marks.get(group).copied().unwrap_or_default().into()]);
    }

    pub(super) fn finish(&mut self, deflate: &mut Deflate) {
        if self.given > 0 {
            self.end_byte(deflate);
        }
        self.bytes.end_runs(deflate);
        self.bytes.chunks.finish(deflate);
    }

    pub(super) fn chunks(&self) -> &Chunks {
        &self.bytes.chunks
    }

    pub(super) fn clear(&mut self) {
        self.bytes.chunks.clear();
        self.marks.clear();
    }

    fn end_byte(&mut self, deflate: &mut Deflate) {
        self.bytes.push(self.byte, deflate);
        (self.byte, self.given) = (0, 0);
    }
}

impl ByteRuns {
    fn push(&mut self, byte: u8, deflate: &mut Deflate) {
        if self.count == RUN_MAX || byte != self.byte {
            self.end_run(deflate);
            self.byte = byte;
        }
        self.count += 1;
    }

    fn end_runs(&mut self, deflate: &mut Deflate) {
        self.end_run(deflate);
        self.end_literals(deflate);
    }

    /// Ends the run in progress, which is none if it is too short.
    fn end_run(&mut self, deflate: &mut Deflate) {
        if self.count >= RUN_MIN {
            self.end_literals(deflate);
            self.chunks.append(&[self.count - RUN_MIN, self.byte], deflate);
        } else {
            for _ in 0..self.count {
                self.literals.push(self.byte);
                if self.literals.len() == LITERALS_MAX {
                    self.end_literals(deflate);
                }
            }
        }
        self.count = 0;
    }

    fn end_literals(&mut self, deflate: &mut Deflate) {
        let count = u8::try_from(self.literals.len()).unwrap_or_default();
        if count > 0 {
            self.chunks.append(&[count.wrapping_neg()], deflate);
            self.chunks.append(&self.literals, deflate);
            self.literals.clear();
        }
    }
}
