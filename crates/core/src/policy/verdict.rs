//! What is decided, and why.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::finding::Finding;

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
    /// A document cannot be read, or the request is beyond a bound; the findings say why.
    InvalidDocument,
}

impl Decision {
    /// The word for it, in JSON too.
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

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Whether a statement applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchOutcome {
    /// It does.
    Match,
    /// It does not.
    No,
    /// Something unknown decides.
    Unknown,
}

/// How one statement was judged.
///
/// As JSON, `effect` is `Allow` or `Deny` in place of `allows`, and `via` is `account` or `direct` in place of
/// `via_account`. Texts of a document are shared, since one that is parsed once answers many requests.
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
    pub element: Option<Cow<'static, str>>,
    /// Where that element is: a JSON pointer (RFC 6901) into the document, to the statement if it lacks the element.
    pub pointer: Option<Arc<str>>,
}

impl TraceStep {
    /// What the statement has as its effect, as AWS writes it: `Allow` or `Deny`.
    #[must_use]
    pub fn effect(&self) -> &'static str {
        if self.allows { "Allow" } else { "Deny" }
    }
}

impl Serialize for TraceStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Step<'a> {
            document: &'a str,
            index: u32,
            sid: Option<&'a str>,
            effect: &'static str,
            outcome: MatchOutcome,
            via: &'static str,
            element: Option<&'a str>,
            pointer: Option<&'a str>,
        }
        let step = Step {
            document: &self.document,
            index: self.index,
            sid: self.sid.as_deref(),
            effect: self.effect(),
            outcome: self.outcome,
            via: if self.via_account { "account" } else { "direct" },
            element: self.element.as_deref(),
            pointer: self.pointer.as_deref(),
        };
        step.serialize(serializer)
    }
}

/// A decision with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What is decided.
    pub decision: Decision,
    /// The gate that decides: `organization`, `bucket`, `identity`, `role` or `key`.
    pub gate: Option<Cow<'static, str>>,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> TraceStep {
        TraceStep {
            document: "policy".into(),
            index: 1,
            sid: Some("One".into()),
            allows: true,
            outcome: MatchOutcome::Match,
            via_account: true,
            element: None,
            pointer: None,
        }
    }

    #[test]
    fn a_step_is_written_with_words_for_its_effect_and_its_way() {
        let json = |step: &TraceStep| serde_json::to_string(step).unwrap();
        let written = r#"{"document":"policy","index":1,"sid":"One","effect":"Allow","outcome":"match","via":"account","element":null,"pointer":null}"#;
        assert_eq!(json(&step()), written);
        let denies = TraceStep {
            sid: None,
            allows: false,
            outcome: MatchOutcome::No,
            via_account: false,
            element: Some("Action".into()),
            pointer: Some("/Statement/1/Action".into()),
            ..step()
        };
        let written = r#"{"document":"policy","index":1,"sid":null,"effect":"Deny","outcome":"no","via":"direct","element":"Action","pointer":"/Statement/1/Action"}"#;
        assert_eq!(json(&denies), written);
    }

    #[test]
    fn a_verdict_is_written_with_all_its_members() {
        let verdict = Verdict {
            decision: Decision::InvalidDocument,
            gate: Some("bucket".into()),
            because: None,
            missing: vec!["aws:SourceIp".to_owned()],
            assumed: Vec::new(),
            trace: Vec::new(),
            findings: Vec::new(),
        };
        let written = r#"{"decision":"invalid-document","gate":"bucket","because":null,"missing":["aws:SourceIp"],"assumed":[],"trace":[],"findings":[]}"#;
        assert_eq!(serde_json::to_string(&verdict).unwrap(), written);
    }
}
