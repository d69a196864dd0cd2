//! Messages in the encoding of Protocol Buffers, as far as ORC's tail and indexes need it. Knows no message by name.

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
        append_varint(&mut self.bytes, field << 3 | VARINT);
        append_varint(&mut self.bytes, value);
        self
    }

    pub(super) fn sint(self, field: u64, value: i64) -> Self {
        self.uint(field, zigzag(value))
    }

    pub(super) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        append_varint(&mut self.bytes, field << 3 | LENGTH_DELIMITED);
        append_varint(&mut self.bytes, value.len() as u64);
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
        values.into_iter().for_each(|value| append_varint(&mut packed, value));
        if packed.is_empty() { self } else { self.bytes(field, &packed) }
    }

    pub(super) fn encoded(&self) -> &[u8] {
        &self.bytes
    }
}

/// Seven bits a byte, the lowest first; every byte but the last has its highest bit set.
pub(super) fn append_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        let [low, ..] = value.to_le_bytes();
        out.push(low | 0x80);
        value >>= 7;
    }
    let [low, ..] = value.to_le_bytes();
    out.push(low);
}

/// 0, -1, 1, -2, … as 0, 1, 2, 3, …
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_are_those_of_the_specification() {
        for (value, expected) in [
            (0, &[0][..]),
            (127, &[0x7f]),
            (128, &[0x80, 0x01]),
            (16_383, &[0xff, 0x7f]),
            (16_384, &[0x80, 0x80, 0x01]),
            (u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        ] {
            let mut out = Vec::new();
            append_varint(&mut out, value);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn signs_alternate() {
        assert_eq!([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
        assert_eq!([i64::MAX, i64::MIN].map(zigzag), [u64::MAX - 1, u64::MAX]);
    }

    #[test]
    fn fields_have_tags() {
        let inner = Message::default().sint(1, -2);
        let outer = Message::default().message(3, &inner).packed(4, [0, 300]).packed(5, []);
        assert_eq!(outer.encoded(), [0x1a, 2, 8, 3, 0x22, 3, 0, 0xac, 2]);
    }
}
