//! Messages in the encoding of Protocol Buffers, as far as ORC's tail and indexes need it. Knows no message by name.

use crate::varint::{self, zigzag};

/// The number is a varint.
const VARINT: u64 = 0;

/// The length is a varint, that many bytes follow.
const LENGTH_DELIMITED: u64 = 2;

/// A message in the making; fields come out in the order in which they are given.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

impl Message {
    pub(super) fn uint(mut self, field: u64, value: u64) -> Self {
        varint::append(&mut self.bytes, field << 3 | VARINT);
        varint::append(&mut self.bytes, value);
        self
    }

    pub(super) fn sint(self, field: u64, value: i64) -> Self {
        self.uint(field, zigzag(value))
    }

    pub(super) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        varint::append(&mut self.bytes, field << 3 | LENGTH_DELIMITED);
        varint::append(&mut self.bytes, value.len() as u64);
        self.bytes.extend_from_slice(value);
        self
    }

    pub(super) fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.bytes)
    }

    /// The same field once per message.
    pub(super) fn messages<'a>(
        self,
        field: u64,
        values: impl IntoIterator<Item = &'a Self>,
    ) -> Self {
        values.into_iter().fold(self, |message, value| message.message(field, value))
    }

    /// Numbers without a tag each; no field at all where there are none.
    pub(super) fn packed(self, field: u64, values: impl IntoIterator<Item = u64>) -> Self {
        let mut packed = Vec::new();
        values.into_iter().for_each(|value| varint::append(&mut packed, value));
        if packed.is_empty() { self } else { self.bytes(field, &packed) }
    }

    pub(super) fn encoded(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_tags() {
        let inner = Message::default().sint(1, -2);
        let outer = Message::default().message(3, &inner).packed(4, [0, 300]).packed(5, []);
        assert_eq!(outer.encoded(), [0x1a, 2, 8, 3, 0x22, 3, 0, 0xac, 2]);
    }
}
