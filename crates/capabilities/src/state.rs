//! Small durable records.

use crate::Error;

/// The most bytes of one value: a record is something to remember, not a place for contents.
pub const STATE_VALUE_BYTES_MAX: usize = 256 << 10;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// 1 to 4,096 bytes without control characters.
    pub key: String,
    /// At most [`STATE_VALUE_BYTES_MAX`].
    pub value: Vec<u8>,
    /// Changes with every write; only equality is meaningful.
    pub revision: u64,
}

/// When a write may take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    Always,
    /// Only if there is no record of that key.
    Absent,
    /// Only if the record still has this revision.
    Unchanged(u64),
}

/// How a write ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateOutcome {
    /// Done: the new revision, or for a deletion the one that was deleted.
    Done(u64),
    /// The condition did not hold; nothing has changed.
    Conflict,
}

/// One page of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemPage {
    /// Ascending by key bytes.
    pub items: Vec<Item>,
    /// Present exactly when there is more.
    pub next: Option<String>,
}

/// `stocktake:host/state`. Whatever a call has answered is durable.
pub trait State {
    /// The record of this key, if there is one.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a bad key; [`Error::Unavailable`].
    fn get(&self, key: &str) -> Result<Option<Item>, Error>;

    /// Writes a record.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a bad key or a value that is too large; [`Error::Unavailable`].
    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error>;

    /// Deletes a record. Deleting what is not there is a conflict.
    ///
    /// # Errors
    /// As [`State::get`].
    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error>;

    /// Lists records whose key begins with `prefix`, at most 1,000 and about 1 MiB a page.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a foreign cursor; [`Error::Unavailable`].
    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error>;
}
