//! Numbers of settings, which are refused out of range.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// A whole number from MIN to MAX.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounded<const MIN: u64, const MAX: u64>(pub(super) u64);

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Bounded<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = i64::deserialize(deserializer)?;
        match u64::try_from(found) {
            Ok(number) if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            _ => Err(D::Error::custom(format!(
                "{found} is out of range, allowed are {MIN} to {MAX}"
            ))),
        }
    }
}

impl<const MIN: u64, const MAX: u64> Bounded<MIN, MAX> {
    /// The number, in a type that holds MAX.
    pub(super) fn get<T: TryFrom<u64>>(self) -> Option<T> {
        self.0.try_into().ok()
    }
}
