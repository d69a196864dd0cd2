//! Records that cannot be written.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::ops::Bound;

use serde::Deserializer as _;
use serde::de::{Error as _, MapAccess, Visitor};
use stocktake_capabilities::{Condition, Error, Item, ItemPage, State, StateOutcome, limits};

use crate::store::{Store, unsupported};

/// What every cursor begins with; the last key of the page follows.
const CURSOR_MARK: char = '1';

impl State for Store {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        limits::check_state_key(key)?;
        Ok(self.records.get(key).cloned())
    }

    fn put(&self, key: &str, value: &[u8], _: Condition) -> Result<StateOutcome, Error> {
        limits::check_state_key(key)?;
        limits::check_state_value(value)?;
        unsupported("a record cannot be written")
    }

    fn delete(&self, key: &str, _: Condition) -> Result<StateOutcome, Error> {
        limits::check_state_key(key)?;
        unsupported("a record cannot be deleted")
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        let from = match cursor {
            None => Bound::Included(prefix),
            Some(cursor) => {
                let key = cursor.strip_prefix(CURSOR_MARK).filter(|key| key.starts_with(prefix));
                Bound::Excluded(key.ok_or_else(foreign_cursor)?)
            }
        };
        let records = self.records.range::<str, _>((from, Bound::Unbounded));
        let mut page = ItemPage::default();
        // A variable holds fewer bytes than a page may have.
        for (_, item) in records.take_while(|(key, _)| key.starts_with(prefix)) {
            if page.items.len() == limits::STATE_LIST_ITEMS_MAX {
                page.next = page.items.last().map(|last| format!("{CURSOR_MARK}{}", last.key));
                break;
            }
            page.items.push(item.clone());
        }
        Ok(page)
    }
}

fn foreign_cursor() -> Error {
    Error::InvalidArgument("the cursor is of another listing; begin without one".to_owned())
}

/// Reads a JSON object of keys and values. Nothing stands for no records.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, Item>, String> {
    if text.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let records = json.deserialize_map(Records).and_then(|records| json.end().map(|()| records));
    records
        .map_err(|error| format!("it is no JSON object of keys and values that are texts; {error}"))
}

struct Records;

impl<'de> Visitor<'de> for Records {
    type Value = BTreeMap<String, Item>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut records = BTreeMap::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value::<String>()?.into_bytes();
            limits::check_state_key(&key).map_err(A::Error::custom)?;
            limits::check_state_value(&value).map_err(A::Error::custom)?;
            let revision = revision(&value);
            match records.entry(key) {
                Entry::Vacant(place) => {
                    let key = place.key().clone();
                    place.insert(Item { key, value, revision });
                }
                Entry::Occupied(place) => {
                    let again = format!("the key `{}` is there twice", place.key());
                    return Err(A::Error::custom(again));
                }
            }
        }
        Ok(records)
    }
}

/// Another one for another value, so that a changed variable is a write to whoever compares. FNV-1a,
/// <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn revision(value: &[u8]) -> u64 {
    value.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
