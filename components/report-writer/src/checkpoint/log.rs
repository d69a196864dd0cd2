//! Exchanges with a store, one after the other, as records of `state`.
//!
//! An exchange is compressed JSON, cut into records. Its last record says so, so that one that was half written when a
//! process died is not taken for whole.

use std::cell::Cell;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateDecoder, DeflateEncoder};
use stocktake_capabilities::{Condition, Error, Failure, STATE_VALUE_BYTES_MAX, State};

use super::Exchange;
use crate::records::delete_all;

/// First byte of a record that another one of the same exchange follows.
const MORE: u8 = 1;

/// First byte of the last record of an exchange.
const LAST: u8 = 0;

/// The most bytes of an exchange in JSON: a page of a thousand keys of 8 KiB that JSON has to escape has 48 MiB, and
/// more is no exchange of ours.
const EXCHANGE_BYTES_MAX: usize = 64 << 20;

/// The exchanges of one task.
pub(super) struct Log<'a, S> {
    state: &'a S,
    prefix: String,
    /// The number of the next record.
    next: Cell<u32>,
}

impl<'a, S: State> Log<'a, S> {
    /// `prefix` ends with a slash.
    pub(super) fn new(state: &'a S, prefix: String) -> Self {
        Self { state, prefix, next: Cell::new(0) }
    }

    /// Notes that exchanges are kept from now on.
    pub(super) fn begin(&self) -> Result<(), Error> {
        self.state.put(&self.begun_key(), b"", Condition::Always).map(drop)
    }

    /// Whether exchanges are kept.
    pub(super) fn is_begun(&self) -> Result<bool, Error> {
        Ok(self.state.get(&self.begun_key())?.is_some())
    }

    /// The next exchange, if it is one of this call. None at the end; what follows another call is out of step, and is
    /// written over.
    pub(super) fn replay(&self, call: &str) -> Result<Option<Exchange>, Error> {
        let mut number = self.next.get();
        let mut packed = Vec::new();
        loop {
            let Some(record) = self.state.get(&self.key(number))? else { return Ok(None) };
            number = number.saturating_add(1);
            match record.value.split_first() {
                Some((&MORE, piece)) => packed.extend_from_slice(piece),
                Some((&LAST, piece)) => {
                    packed.extend_from_slice(piece);
                    break;
                }
                _ => return Ok(None),
            }
        }
        match unpacked(&packed).filter(|exchange| exchange.call == call) {
            Some(exchange) => {
                self.next.set(number);
                Ok(Some(exchange))
            }
            None => self.cut().map(|()| None),
        }
    }

    /// Appends an exchange.
    pub(super) fn append(&self, exchange: &Exchange) -> Result<(), Error> {
        let packed = packed(exchange)?;
        let mut pieces = packed.chunks(STATE_VALUE_BYTES_MAX - 1).peekable();
        while let Some(piece) = pieces.next() {
            let first = if pieces.peek().is_some() { MORE } else { LAST };
            let record = [&[first], piece].concat();
            self.state.put(&self.key(self.next.get()), &record, Condition::Always)?;
            self.next.set(self.next.get().saturating_add(1));
        }
        Ok(())
    }

    /// Removes everything.
    pub(super) fn delete(&self) -> Result<(), Failure> {
        delete_all(self.state, &self.prefix)
    }

    /// Removes what stands behind the last exchange that was replayed.
    fn cut(&self) -> Result<(), Error> {
        let mut number = self.next.get();
        while self.state.get(&self.key(number))?.is_some() {
            self.state.delete(&self.key(number), Condition::Always)?;
            number = number.saturating_add(1);
        }
        Ok(())
    }

    fn key(&self, number: u32) -> String {
        format!("{}{number:010}", self.prefix)
    }

    fn begun_key(&self) -> String {
        format!("{}begun", self.prefix)
    }
}

fn packed(exchange: &Exchange) -> Result<Vec<u8>, Error> {
    let pack = || -> std::io::Result<Vec<u8>> {
        let json = serde_json::to_vec(exchange)?;
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflate.write_all(&json)?;
        deflate.finish()
    };
    pack().map_err(|error| Error::Other(format!("a response cannot be kept: {error}")))
}

/// None for what is no exchange.
fn unpacked(packed: &[u8]) -> Option<Exchange> {
    let mut inflate = DeflateDecoder::new(Bounded(Vec::new()));
    inflate.write_all(packed).ok()?;
    serde_json::from_slice(&inflate.finish().ok()?.0).ok()
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > EXCHANGE_BYTES_MAX {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
