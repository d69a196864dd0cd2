//! A document as a tree that keeps what maps lose: the order of members, and members that are given twice.

use std::fmt::{self, Write};

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
pub(crate) use stocktake_core::quote::inline;
use stocktake_core::quote::{cut, write_text};

/// The most levels of lists and objects in a document. Policies have six; deeper values are not kept.
pub const DEPTH_MAX: usize = 32;

/// One value of a document. Members stand in document order, each as often as it is given.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(String, Node)>),
    /// A list or object below as many levels as were to be read.
    TooDeep,
}

impl Node {
    /// Reads JSON text. Lists and objects below so many levels become [`Node::TooDeep`].
    ///
    /// # Errors
    /// What is wrong, in the parser's words.
    pub fn read(text: &str, depth_max: usize) -> Result<Self, String> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Seed { levels_left: depth_max }
            .deserialize(&mut deserializer)
            .and_then(|node| deserializer.end().map(|()| node))
            .map_err(|error| error.to_string())
    }

    /// The first member of this name; none where there is no such member, or this is no object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    /// A text, or what JSON writes without quotes, as text.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(value) => Some(value.to_string()),
            Self::Null | Self::List(_) | Self::Object(_) | Self::TooDeep => None,
        }
    }

    /// How many levels of lists and objects there are.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or_default(),
            Self::Object(members) => {
                1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or_default()
            }
            Self::TooDeep => DEPTH_MAX + 1,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => 0,
        }
    }

    /// What it is, with its article.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::TooDeep => "nested too deep",
        }
    }

    /// The value as JSON text without white space, cut behind so many characters with a `…`.
    pub(crate) fn quote(&self, chars_max: usize) -> String {
        cut(chars_max, |out| write!(out, "{self}"))
    }
}

/// The pointer of a member or item.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// JSON without white space.
impl fmt::Display for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null | Self::TooDeep => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(value) => write!(out, "{value}"),
            Self::Text(value) => write_text(out, value),
            Self::List(items) => {
                out.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    out.write_str(if i == 0 { "" } else { "," })?;
                    write!(out, "{item}")?;
                }
                out.write_char(']')
            }
            Self::Object(members) => {
                out.write_char('{')?;
                for (i, (name, member)) in members.iter().enumerate() {
                    out.write_str(if i == 0 { "" } else { "," })?;
                    write_text(out, name)?;
                    write!(out, ":{member}")?;
                }
                out.write_char('}')
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Seed {
    levels_left: usize,
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Node;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        // JSON has neither infinities nor NaN.
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let Some(levels_left) = self.levels_left.checked_sub(1) else {
            // serde_json skips a value without recursion.
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Node::TooDeep);
        };
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self { levels_left })? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let Some(levels_left) = self.levels_left.checked_sub(1) else {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Node::TooDeep);
        };
        let mut members = Vec::new();
        while let Some(name) = entries.next_key()? {
            members.push((name, entries.next_value_seed(Self { levels_left })?));
        }
        Ok(Node::Object(members))
    }
}
