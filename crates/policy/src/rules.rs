//! The rules that policies are judged by: one table.

use stocktake_core::finding::{Dialect, Level};

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Never changes its meaning.
    pub(crate) code: &'static str,
    /// How serious a breach is in aws, coreweave and cos; none where the rule is not applied.
    levels: [Option<Level>; 3],
    /// Whether a document that breaks it grants and denies nothing, as it cannot be read with certainty.
    pub(crate) is_fatal: bool,
    /// What it says.
    pub(crate) title: &'static str,
}

impl Rule {
    /// How serious a breach is in a dialect.
    pub(crate) fn level(&self, dialect: Dialect) -> Option<Level> {
        let [aws, coreweave, cos] = self.levels;
        match dialect {
            Dialect::Any | Dialect::Aws => aws,
            Dialect::Coreweave => coreweave,
            Dialect::Cos => cos,
        }
    }
}

const E: Option<Level> = Some(Level::Error);
const W: Option<Level> = Some(Level::Warning);
const S: Option<Level> = Some(Level::Security);
const I: Option<Level> = Some(Level::Info);
const N: Option<Level> = None;

macro_rules! rules {
    ($($code:ident, [$aws:expr, $coreweave:expr, $cos:expr], $fatal:literal, $title:literal;)*) => {
        $(pub(crate) const $code: &Rule = &Rule {
            code: stringify!($code),
            levels: [$aws, $coreweave, $cos],
            is_fatal: $fatal,
            title: $title,
        };)*

        /// Every rule, by code.
        pub(crate) const RULES: &[&Rule] = &[$($code),*];
    };
}

rules! {
    PC001, [E, E, E], true, "the document cannot be read";
    PC002, [E, E, E], true, "a member is given twice";
    PC003, [E, E, E], false, "a member has an unknown name";
    PC004, [E, E, E], true, "an element is missing or empty";
    PC005, [E, E, E], true, "`Effect` is neither to allow nor to deny";
    PC006, [W, E, E], false, "the version is missing or another one";
    PC007, [E, E, E], false, "elements stand together, or where they may not";
    PC008, [W, W, N], false, "an id has other characters or is given twice";
    PC009, [W, W, W], false, "a value has another type than it should";
    PC010, [N, N, I], false, "names are written in mixed forms";
    PC101, [E, W, N], false, "no such action exists";
    PC102, [I, I, W], false, "an action is written in another case";
    PC103, [W, W, N], false, "a wildcard matches no action";
    PC110, [E, W, N], false, "an action applies to no resource of its statement";
    PC111, [E, E, N], false, "an action is never asked of a bucket's policy";
    PC112, [E, E, W], false, "a resource is not of the bucket that the policy is attached to";
    PC113, [E, E, E], false, "a resource is malformed";
    PC114, [E, W, N], false, "a variable is none where it stands";
    PC115, [E, E, E], false, "a resource is written as another provider does";
    PC120, [E, E, E], false, "a kind of principal is unknown";
    PC121, [E, E, N], false, "a principal has a wildcard in its name";
    PC122, [E, E, E], false, "a principal has no form that names anybody";
    PC123, [N, E, N], false, "a principal is written as the other kind of policy does";
    PC124, [N, E, N], false, "a group of the console is named";
    PC125, [N, W, W], false, "a statement names nobody";
    PC130, [E, E, E], false, "an operator is unknown";
    PC131, [W, W, N], false, "an operator takes a wildcard as it stands";
    PC132, [W, W, W], false, "a value is not of the operator's type";
    PC133, [S, S, N], false, "a condition on all values holds where there are none";
    PC134, [W, W, N], false, "a key with several values is compared as if it had one";
    PC135, [W, N, N], false, "a key never comes with the action";
    PC136, [E, N, N], false, "a key that services never have keeps them out";
    PC137, [N, E, N], false, "a value is no text";
    PC201, [E, E, E], false, "a write of the delivery is not allowed";
    PC202, [E, E, E], false, "a part of the keys of a delivery may not be written";
    PC203, [N, W, N], false, "the writer may not abort its uploads";
    PC204, [N, E, N], false, "the writer of audit logs may not list the bucket";
    PC205, [S, N, N], false, "a service may be used by anybody to write here";
    PC206, [E, N, N], false, "a grant is for another source";
    PC207, [W, N, N], false, "a grant does not keep what is written for the bucket's owner";
    PC208, [E, N, N], false, "the key does not let the writer encrypt";
    PC209, [N, N, E], false, "the role that writes is missing or may not write";
    PC210, [I, I, I], false, "a grant is wider than the reports need";
    PC211, [E, E, E], false, "the buckets may not deliver to each other";
    PC212, [N, I, N], false, "the organization's policies are taken not to bind the writer";
    PC220, [S, S, S], false, "everything is granted";
    PC221, [S, N, S], false, "everybody is granted something";
    PC222, [S, N, N], false, "everybody but some is named";
    PC223, [S, N, N], false, "everything but some is granted";
    PC224, [N, S, N], false, "everybody of any organization is granted something";
    PC225, [S, S, S], false, "a grant lets others change who may do what";
    PC226, [S, S, S], false, "the writer may delete";
    PC227, [I, I, I], false, "a part changes nothing";
    PC301, [N, E, N], false, "those whom the bucket is for lose access";
    PC302, [W, W, W], false, "nobody can read what is delivered";
    PC303, [W, W, W], false, "a policy is replaced and grants are dropped";
    PC304, [E, E, E], false, "a statement denies those who own or manage the bucket";
    PC305, [E, E, E], false, "the configuration cannot be managed";
    PC310, [W, W, W], false, "a reader may list or get, not both";
    PC401, [I, I, I], false, "nothing keeps reports from deletion or plain connections";
    CF100, [E, E, E], false, "the document has another shape or value";
    CF110, [E, W, E], false, "the destination bucket is not given by its resource name";
    CF111, [E, E, N], false, "the destination has no valid bucket name";
    CF120, [E, W, N], false, "`Latest` is not a choice of versions";
    CF121, [N, W, N], false, "the tool cannot express a value";
    CF130, [W, W, W], false, "reports would list themselves";
    CF210, [N, W, N], false, "a bucket stays unlogged";
}

/// Whether a finding's code makes its document unusable.
pub(crate) fn is_fatal(code: &str) -> bool {
    RULES.iter().any(|rule| rule.is_fatal && rule.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PAGES: [&str; 2] = [
        include_str!("../../../docs/rules/policies.md"),
        include_str!("../../../docs/rules/deliveries.md"),
    ];

    /// The headings of a page, each with its code, and the line of its levels where it has one.
    fn headings(page: &str) -> Vec<(String, Option<String>)> {
        let mut found: Vec<(String, Option<String>)> = Vec::new();
        for line in page.lines() {
            if let Some(heading) = line.strip_prefix("## ").filter(|it| it.contains(": ")) {
                found.push((heading.to_owned(), None));
            } else if let (Some(levels), Some((_, last))) =
                (line.strip_prefix("**Levels.** "), found.last_mut())
            {
                *last = Some(levels.to_owned());
            }
        }
        found
    }

    fn levels(rule: &Rule) -> String {
        let word = |dialect| match rule.level(dialect) {
            Some(Level::Error) => "error",
            Some(Level::Warning) => "warning",
            Some(Level::Security) => "security",
            Some(Level::Info) => "info",
            None => "none",
        };
        let [aws, coreweave, cos] = [Dialect::Aws, Dialect::Coreweave, Dialect::Cos].map(word);
        format!("aws: {aws}; coreweave: {coreweave}; cos: {cos}.")
    }

    #[test]
    fn every_rule_is_documented_with_its_levels_and_the_reverse() {
        let row = |rule: &&Rule| format!("{}: {}", rule.code, rule.title);
        // Those of configurations have their headings where `inventory-config` has its own.
        let index = headings(include_str!("../../../docs/RULES.md"));
        let is_of_index = |rule: &&&Rule| index.iter().any(|(it, _)| it.starts_with(rule.code));
        let of_index: Vec<&str> = RULES.iter().filter(is_of_index).map(|it| it.code).collect();
        assert_eq!(of_index, ["CF100", "CF110", "CF111", "CF120", "CF130"]);
        for rule in RULES.iter().filter(is_of_index) {
            assert!(index.iter().any(|(heading, _)| *heading == row(rule)), "{}", row(rule));
        }
        let pages: Vec<_> = PAGES.into_iter().flat_map(headings).collect();
        let documented: BTreeSet<(String, Option<String>)> = pages.iter().cloned().collect();
        assert_eq!(documented.len(), pages.len(), "a heading is there twice");
        let rows = RULES.iter().filter(|rule| !is_of_index(rule));
        let rows: BTreeSet<_> = rows.map(|rule| (row(rule), Some(levels(rule)))).collect();
        assert_eq!(documented, rows);
    }
}
