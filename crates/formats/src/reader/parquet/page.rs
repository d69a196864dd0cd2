//! What is in pages: a column's dictionary, texts with their lengths, and what they are compressed by.

use std::io::Read as _;
use std::ops::Range;

use flate2::bufread::MultiGzDecoder;

use super::super::ReadError;
use super::values::Kind;

/// The most bytes that the pages of all columns may have at one time.
pub(super) const PAGES_BYTES_MAX: usize = 192 << 20;

/// What the pages of a column are compressed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Snappy,
    Gzip,
}

/// The values that a column has, each once.
#[derive(Debug)]
pub(super) struct Dictionary {
    page: Vec<u8>,
    /// Where each text is; of other values, all of which are of one length, none.
    texts: Vec<Range<u32>>,
}

impl Dictionary {
    /// `budget` becomes less by what is taken beside the page.
    pub(super) fn new(
        page: Vec<u8>,
        entries: u64,
        kind: Kind,
        budget: &mut usize,
    ) -> Result<Self, ReadError> {
        let mut texts = Vec::new();
        if kind == Kind::Text {
            // Every text has four bytes that say its length, so this is at most twice the page.
            let entries = entries.min(page.len() as u64 / 4);
            let taken = usize::try_from(entries).unwrap_or(usize::MAX).saturating_mul(8);
            *budget = budget.checked_sub(taken).ok_or_else(over_budget)?;
            let mut at = 0;
            for _ in 0..entries {
                let text = text_at(&page, at).filter(|text| text.end <= page.len());
                let text = text.ok_or_else(cut)?;
                at = text.end;
                let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                texts.push(place(text.start)..place(text.end));
            }
        }
        Ok(Self { page, texts })
    }

    pub(super) fn value(&self, reference: u32, kind: Kind) -> Option<&[u8]> {
        let at = usize::try_from(reference).ok()?;
        let Some(width) = kind.width() else {
            let text = self.texts.get(at)?;
            let range = usize::try_from(text.start).ok()?..usize::try_from(text.end).ok()?;
            return self.page.get(range);
        };
        let begin = at.checked_mul(width)?;
        self.page.get(begin..begin.checked_add(width)?)
    }
}

/// Where the text is whose length stands here; its end need not be within the page.
pub(super) fn text_at(page: &[u8], at: usize) -> Option<Range<usize>> {
    let (length, _) = page.get(at..)?.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    Some(at + 4..(at + 4).checked_add(length)?)
}

pub(super) fn unsnap_into(
    page: &mut Vec<u8>,
    bytes: &[u8],
    plain_bytes: usize,
) -> Result<(), ReadError> {
    let damaged = || ReadError::malformed("a page that is not compressed by Snappy");
    // A page of nothing but nulls may have no values to compress.
    if bytes.is_empty() {
        return Ok(());
    }
    let before = page.len();
    let length = snap::raw::decompress_len(bytes).map_err(|_| damaged())?;
    if before.checked_add(length) != Some(plain_bytes) {
        return Err(ReadError::malformed("a page of another length than it says"));
    }
    page.resize(plain_bytes, 0);
    let room = page.get_mut(before..).unwrap_or_default();
    snap::raw::Decoder::new().decompress(bytes, room).map_err(|_| damaged())?;
    Ok(())
}

/// Inflates no more than the page is to have, and a byte that tells that there is more.
pub(super) fn inflate_into(
    page: &mut Vec<u8>,
    bytes: &[u8],
    plain_bytes: usize,
) -> Result<(), ReadError> {
    // A page of nothing but nulls may have no values to compress.
    if bytes.is_empty() {
        return Ok(());
    }
    let room = plain_bytes.saturating_sub(page.len()) as u64;
    let read = MultiGzDecoder::new(bytes).take(room + 1).read_to_end(page);
    read.map(drop).map_err(|_| ReadError::malformed("a page that is not compressed by gzip"))
}

pub(super) fn cut() -> ReadError {
    ReadError::malformed("a page ends in the midst of a value")
}

pub(super) fn over_budget() -> ReadError {
    let limit = PAGES_BYTES_MAX as u64;
    ReadError::too_large("the pages of all columns", limit + 1, limit)
}
