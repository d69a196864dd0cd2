//! Something wrong with an input.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Whose rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The union of all.
    Any,
    /// Amazon S3.
    Aws,
    /// `CoreWeave` AI Object Storage.
    Coreweave,
    /// Tencent Cloud Object Storage.
    Cos,
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The input cannot be used as it stands.
    Error,
    /// It can be used and is probably not what was meant.
    Warning,
    /// It works and is a risk.
    Security,
    /// Worth knowing.
    Info,
}

/// One thing that is wrong with an input, and where.
///
/// A finding is a value, never an error: a check reports all of them, in document order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which rule: a code that never changes its meaning.
    pub code: Cow<'static, str>,
    /// How serious.
    pub level: Level,
    /// Whose rules it breaks.
    pub dialect: Dialect,
    /// Which of the inputs it is in.
    pub document: String,
    /// A JSON pointer (RFC 6901) into that input.
    pub pointer: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The wrong value as JSON text, cut to [`VALUE_CHARS_MAX`]; none where something is missing.
    pub value: Option<String>,
    /// What is allowed instead, in words.
    pub allowed: Option<String>,
    /// A value that would do, as JSON text.
    pub suggestion: Option<String>,
    /// A JSON patch (RFC 6902) that clears the finding.
    pub patch: Option<String>,
}

/// The most characters of an input that a finding quotes: enough to recognise it, too few to flood a log.
pub const VALUE_CHARS_MAX: usize = 200;
