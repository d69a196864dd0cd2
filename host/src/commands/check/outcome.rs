//! What a check came to.

use std::path::PathBuf;

use stocktake_core::finding::{Dialect, Finding, Level};

use super::super::excerpt::{Occurrence, Source};
use super::Read;
use crate::engine::policy::{DocumentKind, PreflightReport};

/// A document, and as what it was judged.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) source: Source,
    /// Where it was read from; none for standard input.
    pub(super) path: Option<PathBuf>,
    pub(super) kind: DocumentKind,
    /// Whose rules it was judged by.
    pub(super) dialect: Dialect,
}

impl Checked {
    pub(super) fn new(read: Read, kind: DocumentKind, dialect: Dialect) -> Self {
        Self { source: read.source, path: read.path, kind, dialect }
    }
}

/// Everything that a check found.
#[derive(Debug)]
pub(super) struct Outcome {
    /// In the order in which they were given.
    pub(super) documents: Vec<Checked>,
    /// By document, and within each in the order of the component that judged it.
    pub(super) findings: Vec<Finding>,
    /// Whether a delivery would work, where a configuration was given.
    pub(super) preflight: Option<PreflightReport>,
    /// Whose rules were asked for.
    pub(super) dialect: Dialect,
}

impl Outcome {
    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Error)
    }

    /// The document of a name.
    pub(super) fn document(&self, name: &str) -> Option<&Checked> {
        self.documents.iter().find(|document| document.source.name == name)
    }

    /// Its text.
    pub(super) fn source(&self, name: &str) -> Option<&Source> {
        self.document(name).map(|document| &document.source)
    }
}

/// Which of several members of one name a finding is about.
pub(super) fn occurrence(finding: &Finding) -> Occurrence {
    if finding.code == "PC002" { Occurrence::Last } else { Occurrence::First }
}
