//! Reading a request: everything that is wrong with it is found at once.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use stocktake_core::finding::{Dialect, Finding, Level, VALUE_CHARS_MAX};
use stocktake_core::quote::{cut, inline};
use stocktake_policy::{DEPTH_MAX, Node, REQUEST_TEXT_BYTES_MAX};

/// How many levels there are above a document at most, and one more, so that a document that is too deep is seen to be.
const LEVELS_ABOVE: usize = 6;

/// The most findings of one request.
const FINDINGS_MAX: usize = 100;

/// Everything that is wrong with a request, in the order in which it is read.
pub(super) struct Refused(pub(super) Vec<Finding>);

/// Collects what is wrong while a request is read.
#[derive(Default)]
pub(super) struct Reader {
    findings: Vec<Finding>,
    /// What documents are called, which is unique within a request.
    pub(super) names: BTreeSet<String>,
}

/// One value of a request, and where it is.
#[derive(Clone)]
pub(super) struct Place<'n> {
    pub(super) node: &'n Node,
    pub(super) pointer: String,
}

impl Place<'_> {
    /// The first member of this name, whatever it is.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let node = self.node.member(name)?;
        Some(Self { node, pointer: child(&self.pointer, name) })
    }

    /// The first member of this name; one that is null counts as left out.
    pub(super) fn given(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|place| *place.node != Node::Null)
    }
}

impl Reader {
    /// Reads a whole body.
    pub(super) fn read<T>(
        body: &[u8],
        read: impl FnOnce(&mut Self, &Place<'_>) -> T,
    ) -> Result<T, Refused> {
        let mut reader = Self::default();
        let text = std::str::from_utf8(body).map_err(|error| error.to_string());
        let root = text.and_then(|text| Node::read(text, DEPTH_MAX + LEVELS_ABOVE));
        let read = match &root {
            Ok(node) => Some(read(&mut reader, &Place { node, pointer: String::new() })),
            Err(why) => {
                reader.report(
                    "",
                    format!("the request is not JSON: {}", inline(why)),
                    None,
                    "JSON",
                );
                None
            }
        };
        match read {
            Some(read) if reader.findings.is_empty() => Ok(read),
            _ => Err(Refused(reader.findings)),
        }
    }

    /// Tells that something is wrong.
    pub(super) fn report(
        &mut self,
        pointer: &str,
        message: impl Into<String>,
        value: Option<&Node>,
        allowed: &str,
    ) {
        if self.findings.len() >= FINDINGS_MAX {
            return;
        }
        self.findings.push(Finding {
            code: "CF100".into(),
            level: Level::Error,
            dialect: Dialect::Any,
            document: "request".to_owned(),
            pointer: pointer.to_owned(),
            message: message.into(),
            value: value.map(|node| cut(VALUE_CHARS_MAX, |out| write!(out, "{node}"))),
            allowed: Some(allowed.to_owned()),
            suggestion: None,
            patch: None,
        });
    }

    /// Tells that a value is none of those that are allowed.
    pub(super) fn wrong(&mut self, place: &Place<'_>, allowed: &str) {
        let message = format!("{allowed} is expected, this is {}", place.node.kind());
        self.report(&place.pointer, message, Some(place.node), allowed);
    }

    /// Makes sure of an object whose members are known, given once, and all there that must be. Where none is known, all
    /// are.
    pub(super) fn members(&mut self, place: &Place<'_>, known: &[&str], required: &[&str]) {
        let Node::Object(members) = place.node else { return self.wrong(place, "an object") };
        let mut seen = BTreeSet::new();
        for (name, value) in members {
            let pointer = child(&place.pointer, name);
            if !known.is_empty() && !known.contains(&name.as_str()) {
                let message = format!("there is no member `{}`", inline(name));
                self.report(&pointer, message, Some(value), &known.join(", "));
            } else if !seen.insert(name) {
                self.report(&pointer, "the member is given twice", Some(value), "one value");
            }
        }
        for name in required {
            if place.node.member(name).is_none() {
                let pointer = child(&place.pointer, name);
                self.report(&pointer, format!("`{name}` is missing"), None, "a value");
            }
        }
    }

    /// A text that is short enough for a request.
    pub(super) fn text(&mut self, place: &Place<'_>) -> String {
        let Node::Text(text) = place.node else {
            self.wrong(place, "text");
            return String::new();
        };
        self.short(place, text);
        text.clone()
    }

    /// A text, or what JSON writes without quotes, such as the number of an account.
    pub(super) fn scalar(&mut self, place: &Place<'_>) -> String {
        let Some(text) = place.node.scalar() else {
            self.wrong(place, "text");
            return String::new();
        };
        self.short(place, &text);
        text
    }

    fn short(&mut self, place: &Place<'_>, text: &str) {
        if text.len() > REQUEST_TEXT_BYTES_MAX {
            let message =
                format!("{} bytes, at most {REQUEST_TEXT_BYTES_MAX} are read", text.len());
            self.report(&place.pointer, message, Some(place.node), "a shorter text");
        }
    }

    /// The member of this name as text; none where it is left out.
    pub(super) fn maybe_text(&mut self, place: &Place<'_>, name: &str) -> Option<String> {
        place.given(name).map(|place| self.scalar(&place))
    }

    /// The member of this name, which must be there; that it is missing is told by [`Self::members`].
    pub(super) fn required_text(&mut self, place: &Place<'_>, name: &str) -> String {
        place.get(name).map(|place| self.text(&place)).unwrap_or_default()
    }

    /// The member of this name as `true` or `false`.
    pub(super) fn flag(&mut self, place: &Place<'_>, name: &str, otherwise: bool) -> bool {
        match place.given(name) {
            None => otherwise,
            Some(Place { node: Node::Bool(value), .. }) => *value,
            Some(place) => {
                self.wrong(&place, "true or false");
                otherwise
            }
        }
    }

    /// The member of this name as one of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        place: &Place<'_>,
        name: &str,
        words: &[(&str, T)],
        otherwise: T,
    ) -> T {
        let Some(place) = place.given(name) else { return otherwise };
        let known = match place.node {
            Node::Text(text) => words.iter().find(|(word, _)| word == text),
            _ => None,
        };
        if let Some((_, value)) = known {
            return *value;
        }
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let allowed = format!("one of {}", words.join(", "));
        match place.node {
            Node::Text(text) => {
                let message = format!("`{}` is no {name}", inline(text));
                self.report(&place.pointer, message, Some(place.node), &allowed);
            }
            _ => self.wrong(&place, &allowed),
        }
        otherwise
    }

    /// The items of a list of at most so many.
    pub(super) fn items<'n>(&mut self, place: &Place<'n>, max: usize) -> Vec<Place<'n>> {
        let Node::List(items) = place.node else {
            self.wrong(place, "a list");
            return Vec::new();
        };
        if items.len() > max {
            let message = format!("{} items, at most {max} are read", items.len());
            self.report(&place.pointer, message, None, "a shorter list");
        }
        let items = items.iter().take(max).enumerate();
        items
            .map(|(index, node)| Place { node, pointer: child(&place.pointer, &index.to_string()) })
            .collect()
    }
}

/// The pointer (RFC 6901) of a member or item.
pub(super) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
