//! A document as a tree that keeps what maps lose: the order of members, and members that are given twice.
//!
//! What a syntax alone can get wrong, such as an attribute in XML, hangs at the node as a [`Problem`]. What
//! configurations are made of is known to the rules, and to [`xml`] as far as XML has no types of its own.

mod json;
mod xml;

use std::fmt::Write as _;

use stocktake_core::configuration::DOCUMENT_BYTES_MAX;
use stocktake_core::finding::Dialect;

use crate::check::Syntax;
use crate::quote;

/// The most levels of a document. Configurations have five; deeper values are not kept.
pub const DEPTH_MAX: usize = 32;

/// One value of a document.
#[derive(Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// What is wrong with the way it is written.
    pub(crate) problems: Vec<Problem>,
}

/// What a value is. Members stand in document order, each as often as it is given.
#[derive(Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Something wrong, before a rule and a place give it a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) value: Option<String>,
    pub(crate) allowed: Option<String>,
    pub(crate) suggestion: Option<String>,
    pub(crate) remedy: Remedy,
}

/// What a patch can do about a problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Nothing that is mechanical.
    #[default]
    None,
    /// Put the suggestion in place of the value.
    Replace,
    /// Give the member this name.
    Rename(&'static str),
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// The wrong value, as JSON text.
    pub(crate) fn value(mut self, json: String) -> Self {
        self.value = Some(json);
        self
    }

    pub(crate) fn allowed(mut self, words: impl Into<String>) -> Self {
        self.allowed = Some(words.into());
        self
    }

    /// JSON text to put in place of the value.
    pub(crate) fn replace(mut self, json: Option<String>) -> Self {
        if json.is_some() {
            self.remedy = Remedy::Replace;
            self.suggestion = json;
        }
        self
    }
}

impl Value {
    /// What it is, with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { value, problems: Vec::new() }
    }
}

impl Node {
    /// What stands for a value that lies below [`DEPTH_MAX`] levels.
    fn too_deep() -> Self {
        let message = format!("the document is nested deeper than {DEPTH_MAX} levels");
        let problem = Problem::new(message).allowed("the five levels of a configuration");
        Self { value: Value::Null, problems: vec![problem] }
    }
}

/// Reads a document. XML gets the shape that the same document has in the JSON of the dialect.
///
/// The problem is one that leaves nothing to judge.
pub(crate) fn read(document: &[u8], syntax: Syntax, dialect: Dialect) -> Result<Node, Problem> {
    let found = document.len();
    if found > DOCUMENT_BYTES_MAX {
        return Err(Problem::new(format!("the document has {found} bytes"))
            .allowed(format!("at most {DOCUMENT_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(document).map_err(|error| {
        let place = error.valid_up_to();
        let byte = document.get(place).copied().unwrap_or_default();
        Problem::new(format!("the document is not UTF-8: byte {place} is 0x{byte:02x}"))
            .allowed("UTF-8 text")
    })?;
    let (bare, has_mark) = match text.strip_prefix('\u{feff}') {
        Some(bare) => (bare, true),
        None => (text, false),
    };
    if bare.trim_ascii().is_empty() {
        return Err(Problem::new("the document is empty").allowed("one configuration"));
    }
    match syntax {
        Syntax::Json => {
            let mut root = json::read(bare)?;
            if has_mark {
                // RFC 8259, section 8.1: JSON begins without one, and the AWS CLI refuses it.
                let message = "the document begins with a byte order mark";
                root.problems.push(Problem::new(message).allowed("UTF-8 text without a mark"));
            }
            Ok(root)
        }
        Syntax::Xml => xml::read(bare, dialect),
    }
}

/// A document that breaks the grammar of its syntax.
fn ill_formed(syntax: &str, reason: &str, text: &str, place: usize) -> Problem {
    // The parsers' own words for what the sentence begins with.
    let reason = reason.trim_start_matches("ill-formed document: ");
    let reason = reason.trim_start_matches("syntax error: ");
    let before = text.get(..place).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let mut message = format!("the document is not well-formed {syntax}: ");
    // Writing to a string always succeeds.
    let _ = write!(message, "{} at line {line} column {column}", quote::inline(reason));
    Problem::new(message).allowed(format!("one {syntax} document"))
}
