//! The rules: one table, and one module for each area of a document.
//!
//! What a member is called and what it may hold differs between dialects; every module has its tables by dialect. The
//! dialect `any` takes what one of the others takes, and our own filters.
//!
//! Each rule has a heading in `docs/RULES.md`, which says why it is there and what to do.
//! Sources: `InventoryConfiguration` and the types that it refers to in the Amazon S3 API reference, and "Amazon S3
//! Inventory" in the user guide; the pages on inventory of `CoreWeave` AI Object Storage; "PUT Bucket inventory" in the
//! API documentation of Tencent Cloud Object Storage.

mod bucket;
mod destination;
mod document;
mod draft;
mod fields;
mod filter;
mod overlap;
mod walk;

pub(crate) use document::judge;
pub(crate) use draft::{Api, Draft, Occasion, Request};
use stocktake_core::finding::Level;

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Never changes its meaning.
    pub(crate) code: &'static str,
    /// How serious a breach is.
    pub(crate) level: Level,
    /// What it says, as in its heading in the documentation.
    pub(crate) title: &'static str,
}

macro_rules! rules {
    ($($code:ident, $level:ident, $title:literal;)*) => {
        $(pub(crate) const $code: &Rule =
            &Rule { code: stringify!($code), level: Level::$level, title: $title };)*

        /// Every rule, by code.
        #[cfg(test)]
        pub(crate) const RULES: &[&Rule] = &[$($code),*];
    };
}

rules! {
    CF100, Error, "the document has another shape or value";
    CF110, Error, "the destination bucket is not given by its resource name";
    CF111, Error, "the destination has no valid bucket name";
    CF120, Error, "`Latest` is not a choice of versions";
    CF130, Warning, "reports would list themselves";
    CF140, Error, "a window of the filter is empty";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_and_the_reverse() {
        let page = include_str!("../../../docs/RULES.md");
        let headings: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .filter(|heading| heading.starts_with("CF"))
            .collect();
        let rows: Vec<String> =
            RULES.iter().map(|rule| format!("{}: {}", rule.code, rule.title)).collect();
        assert_eq!(headings, rows);
    }
}
