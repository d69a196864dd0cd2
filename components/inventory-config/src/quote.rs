//! Values of a document as they may stand in findings and logs.

use std::fmt::{self, Write};

use stocktake_core::finding::VALUE_CHARS_MAX;
use stocktake_core::quote::{cut, write_text};
pub(crate) use stocktake_core::quote::{inline, text, whole};

use crate::tree::{Node, Value};

/// A value as JSON text of at most [`VALUE_CHARS_MAX`] characters; the last one is `…` where it was cut.
pub(crate) fn value(node: &Node) -> String {
    cut(VALUE_CHARS_MAX, |out| write_value(out, node))
}

fn write_value(out: &mut impl Write, node: &Node) -> fmt::Result {
    match &node.value {
        Value::Null => out.write_str("null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Number(value) => write!(out, "{value}"),
        Value::Text(value) => write_text(out, value),
        Value::List(items) => {
            out.write_char('[')?;
            for (i, item) in items.iter().enumerate() {
                out.write_str(if i == 0 { "" } else { "," })?;
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Value::Object(members) => {
            out.write_char('{')?;
            for (i, (name, member)) in members.iter().enumerate() {
                out.write_str(if i == 0 { "" } else { "," })?;
                write_text(out, name)?;
                out.write_char(':')?;
                write_value(out, member)?;
            }
            out.write_char('}')
        }
    }
}
