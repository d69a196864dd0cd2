//! Rows of separated values: quoted or not, with line feeds inside quotes, ended by LF or CR LF.

use stocktake_core::column::{Column, ColumnId};

use super::super::batch::ColumnBuilder;
use super::super::{FileSchema, ReadError};
use super::values;
use crate::schema::is_required;

/// Takes rows apart.
#[derive(Debug)]
pub(super) struct Values {
    separator: u8,
    /// How many values a row has.
    count: usize,
    /// Which of them are wanted, and what for.
    wanted: Vec<(usize, &'static Column)>,
    /// The values of the row, without quotes, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    key: Vec<u8>,
}

impl Values {
    pub(super) fn new(
        separator: char,
        schema: &FileSchema,
        columns: &[&'static Column],
    ) -> Result<Self, ReadError> {
        let wanted = columns.iter().map(|column| Ok((schema.place(column)?, *column)));
        Ok(Self {
            separator: u8::try_from(separator).unwrap_or(b','),
            count: schema.len(),
            wanted: wanted.collect::<Result<_, ReadError>>()?,
            text: Vec::new(),
            ends: Vec::new(),
            key: Vec::new(),
        })
    }

    /// Takes the first row of a text apart and answers its length; none where the text has no whole row.
    pub(super) fn row(&mut self, text: &[u8], is_end: bool) -> Result<Option<usize>, ReadError> {
        self.text.clear();
        self.ends.clear();
        let mut rest = text;
        if rest.is_empty() {
            return Ok(None);
        }
        loop {
            let value = match rest {
                [b'"', quoted @ ..] => self.quoted(quoted),
                _ => self.plain(rest),
            };
            let Some(after) = value else {
                // Behind a value that the text's end cuts there may be more of it.
                return if is_end { Err(no_end()) } else { Ok(None) };
            };
            self.ends.push(self.text.len());
            rest = match after {
                [first, after @ ..] if *first == self.separator => after,
                [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => {
                    return Ok(Some(text.len() - after.len()));
                }
                [] if is_end => return Ok(Some(text.len())),
                [] | [b'\r'] if !is_end => return Ok(None),
                _ => return Err(ReadError::malformed("text behind a closing quote")),
            };
        }
    }

    /// Appends the values of the row; `false` for an empty line, which is no row.
    pub(super) fn append(&mut self, builders: &mut [ColumnBuilder]) -> Result<bool, ReadError> {
        if self.ends.len() != self.count {
            if self.text.is_empty() && self.ends.len() == 1 {
                return Ok(false);
            }
            let (given, count) = (self.ends.len(), self.count);
            let problem = format!("a row of {given} values, the manifest names {count} columns");
            return Err(ReadError::malformed(problem));
        }
        for ((place, column), builder) in self.wanted.iter().zip(builders) {
            let begin = place.checked_sub(1).and_then(|at| self.ends.get(at)).copied();
            let end = self.ends.get(*place).copied().unwrap_or_default();
            let value = self.text.get(begin.unwrap_or_default()..end).unwrap_or_default();
            let appended = if column.id == ColumnId::Key {
                values::percent_decode(value, &mut self.key).and_then(|()| builder.text(&self.key))
            } else if value.is_empty() && !is_required(column) {
                builder.null()
            } else {
                values::append(value, builder)
            };
            appended.map_err(|error| error.in_column(column.name))?;
        }
        Ok(true)
    }

    /// Takes a value whose opening quote has been passed; answers what stands behind the closing one.
    fn quoted<'a>(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        loop {
            let at = rest.iter().position(|byte| *byte == b'"')?;
            let (value, after) = rest.split_at_checked(at)?;
            self.text.extend_from_slice(value);
            match after {
                [_, b'"', after @ ..] => {
                    self.text.push(b'"');
                    rest = after;
                }
                _ => return after.get(1..),
            }
        }
    }

    /// Takes a value without quotes; answers the separator or the end of line, and what stands behind it.
    fn plain<'a>(&mut self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let is_end = |byte: &u8| *byte == self.separator || *byte == b'\n';
        let at = rest.iter().position(is_end).unwrap_or(rest.len());
        let is_line_end = rest.get(at) == Some(&b'\n');
        let is_return = at > 0 && rest.get(at - 1) == Some(&b'\r');
        let at = if is_line_end && is_return { at - 1 } else { at };
        let (value, after) = rest.split_at_checked(at)?;
        self.text.extend_from_slice(value);
        Some(after)
    }
}

fn no_end() -> ReadError {
    ReadError::malformed("a value whose quotes are not closed")
}

#[cfg(test)]
mod tests {
    use stocktake_core::configuration::ReportFormat;

    use super::*;

    /// All rows of a text, however it is cut.
    #[track_caller]
    fn rows(text: &str) -> Vec<Vec<String>> {
        let whole = rows_in(text, text.len()).expect("rows");
        for portion in 1..text.len() {
            assert_eq!(rows_in(text, portion).expect("rows"), whole, "in portions of {portion}");
        }
        whole
    }

    fn rows_in(text: &str, portion: usize) -> Result<Vec<Vec<String>>, ReadError> {
        let schema = FileSchema::parse(ReportFormat::Csv, "Key, Size")?;
        let mut values = Values::new(',', &schema, &[])?;
        let (mut from, mut to, mut rows) = (0, 0, Vec::new());
        loop {
            let Some(length) = values.row(&text.as_bytes()[from..to], to == text.len())? else {
                if to == text.len() {
                    return Ok(rows);
                }
                to = text.len().min(to + portion);
                continue;
            };
            from += length;
            let mut begin = 0;
            let value = |end: &usize| {
                let value = values.text[begin..*end].to_vec();
                begin = *end;
                String::from_utf8(value).expect("UTF-8")
            };
            rows.push(values.ends.iter().map(value).collect());
        }
    }

    #[test]
    fn rows_are_taken_apart_however_the_text_comes() {
        assert_eq!(rows("\"a\",\"b\"\n\"c\",\"\"\n"), [["a", "b"], ["c", ""]]);
        assert_eq!(rows("\"a\"\"\n,\"\"\",\"\"\"\"\n"), [["a\"\n,\"", "\""]]);
        assert_eq!(rows("a,b\r\n\"c\",d\r\n"), [["a", "b"], ["c", "d"]]);
        assert_eq!(rows("a,\"b\"\r\n\"c\",\"d\"\r\n"), [["a", "b"], ["c", "d"]]);
        assert_eq!(rows("a,b"), [["a", "b"]]);
        assert_eq!(rows("a,\"b\""), [["a", "b"]]);
        assert_eq!(rows(",\n,\n"), [["", ""], ["", ""]]);
        assert_eq!(rows("a\rb,c\"d\n"), [["a\rb", "c\"d"]]);
        assert_eq!(rows("\"\r\n\",\r\n"), [["\r\n", ""]]);
        assert_eq!(rows("a,b\n\n"), [vec!["a", "b"], vec![""]]);
        assert!(rows("").is_empty());
    }

    #[test]
    fn quotes_that_make_no_sense_are_refused() {
        for text in ["\"a", "\"a\"b,c\n", "a,\"\"\"", "\"a\"\rb\n", "\"a\"\r"] {
            for portion in [1, text.len()] {
                let refused = rows_in(text, portion);
                assert!(matches!(refused, Err(ReadError::Malformed { .. })), "{text}");
            }
        }
    }
}
