//! Whose form a report has.

use serde::Serialize;

use crate::finding::Dialect;

/// Whose form a report has: the names of its columns, the layout of its keys, and the shape of its manifest.
///
/// A configuration of a strict dialect has the form of that dialect. One that was judged as [`Dialect::Any`] has the
/// form of the first of aws, coreweave and cos that would take it; docs/RULES.md tells the cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Amazon S3.
    #[default]
    Aws,
    /// `CoreWeave` AI Object Storage.
    Coreweave,
    /// Tencent Cloud Object Storage.
    Cos,
}

impl Form {
    /// Every form, in the order in which they are tried.
    pub const ALL: &[Self] = &[Self::Aws, Self::Coreweave, Self::Cos];

    /// The word that stands for it in a kept configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Coreweave => "coreweave",
            Self::Cos => "cos",
        }
    }

    /// The form that this word stands for; case matters.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.word() == word)
    }

    /// The dialect whose form it is.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Aws => Dialect::Aws,
            Self::Coreweave => Dialect::Coreweave,
            Self::Cos => Dialect::Cos,
        }
    }
}
