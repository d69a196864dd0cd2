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
const I: Option<Level> = Some(Level::Info);

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
    PC009, [W, W, W], false, "a value has another type than it should";
    PC010, [None, None, I], false, "names are written in mixed forms";
}

/// Whether a finding's code makes its document unusable.
pub(crate) fn is_fatal(code: &str) -> bool {
    RULES.iter().any(|rule| rule.is_fatal && rule.code == code)
}
