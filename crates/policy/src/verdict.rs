//! What is decided, and why.

use std::sync::Arc;

use stocktake_core::finding::Finding;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Every gate lets the request pass.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
    /// Something unknown decides.
    Indeterminate,
    /// A document cannot be read; the findings say why.
    InvalidDocument,
}

impl Decision {
    /// The word for it in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ExplicitDeny => "explicit-deny",
            Self::ImplicitDeny => "implicit-deny",
            Self::Indeterminate => "indeterminate",
            Self::InvalidDocument => "invalid-document",
        }
    }
}

/// Whether a statement applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOutcome {
    /// It does.
    Match,
    /// It does not.
    No,
    /// Something unknown decides.
    Unknown,
}

impl MatchOutcome {
    /// The word for it in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// How one statement was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// The document it stands in.
    pub document: Arc<str>,
    /// Its place in the document.
    pub index: u32,
    /// Its id, where it has one.
    pub sid: Option<Arc<str>>,
    /// Whether it allows; otherwise it denies.
    pub allows: bool,
    /// Whether it applies.
    pub outcome: MatchOutcome,
    /// Whether only the account was named, not the principal itself.
    pub via_account: bool,
    /// The first element that does not hold, as AWS calls it: `Principal`, `NotPrincipal`, `Action` and so on.
    pub element: Option<&'static str>,
    /// Where that element is: a JSON pointer (RFC 6901) into the document, to the statement if it lacks the element.
    pub pointer: Option<Arc<str>>,
}

/// A decision with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is decided.
    pub decision: Decision,
    /// The gate that decides: `organization`, `bucket`, `identity`, `role` or `key`.
    pub gate: Option<&'static str>,
    /// The statement that decides, or comes closest.
    pub because: Option<TraceStep>,
    /// Context keys and documents that would settle an indeterminate verdict, sorted.
    pub missing: Vec<String>,
    /// Tags of our own decisions that it leans on, where the provider documents none.
    pub assumed: Vec<String>,
    /// How every statement was judged, in document order. The rest follows from it.
    pub trace: Vec<TraceStep>,
    /// What is wrong with the documents.
    pub findings: Vec<Finding>,
}
