//! Small durable records.

use stocktake_capabilities as plain;

use crate::Host;
use crate::bindings::stocktake::host::state as wit;

impl plain::State for Host {
    fn get(&self, key: &str) -> Result<Option<plain::Item>, plain::Error> {
        Ok(wit::get(key)?.map(Into::into))
    }

    fn put(
        &self,
        key: &str,
        value: &[u8],
        condition: plain::Condition,
    ) -> Result<plain::StateOutcome, plain::Error> {
        Ok(wit::put(key, value, condition.into())?.into())
    }

    fn delete(
        &self,
        key: &str,
        condition: plain::Condition,
    ) -> Result<plain::StateOutcome, plain::Error> {
        Ok(wit::delete(key, condition.into())?.into())
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<plain::ItemPage, plain::Error> {
        let page = wit::list(prefix, cursor)?;
        let items = page.items.into_iter().map(Into::into).collect();
        Ok(plain::ItemPage { items, next: page.next })
    }
}

impl From<wit::Item> for plain::Item {
    fn from(item: wit::Item) -> Self {
        Self { key: item.key, value: item.value, revision: item.revision }
    }
}

impl From<plain::Condition> for wit::Condition {
    fn from(condition: plain::Condition) -> Self {
        match condition {
            plain::Condition::Always => Self::Always,
            plain::Condition::Absent => Self::Absent,
            plain::Condition::Unchanged(revision) => Self::Unchanged(revision),
        }
    }
}

impl From<wit::Outcome> for plain::StateOutcome {
    fn from(outcome: wit::Outcome) -> Self {
        match outcome {
            wit::Outcome::Done(revision) => Self::Done(revision),
            wit::Outcome::Conflict => Self::Conflict,
        }
    }
}
