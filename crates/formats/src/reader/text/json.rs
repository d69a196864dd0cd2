//! JSON Lines: one object per line, whose members are columns.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use stocktake_core::column::{Column, ColumnType};

use super::super::batch::ColumnBuilder;
use super::super::file_schema::known;
use super::super::{FileSchema, ReadError};
use super::values;

/// Takes lines apart.
#[derive(Debug)]
pub(super) struct Objects {
    columns: Vec<&'static Column>,
    /// Which of them the line has had.
    given: Vec<bool>,
}

/// What a member holds.
enum Value<'a> {
    Null,
    Flag(bool),
    Number(i64),
    Text(Cow<'a, str>),
}

impl Objects {
    pub(super) fn new(schema: &FileSchema, columns: &[&'static Column]) -> Result<Self, ReadError> {
        columns.iter().try_for_each(|column| schema.place(column).map(drop))?;
        Ok(Self { columns: columns.to_vec(), given: Vec::new() })
    }

    /// Appends the members of a line; `false` for an empty line, which is no row.
    pub(super) fn append(
        &mut self,
        line: &[u8],
        builders: &mut [ColumnBuilder],
    ) -> Result<bool, ReadError> {
        if line.trim_ascii().is_empty() {
            return Ok(false);
        }
        self.given.clear();
        self.given.resize(self.columns.len(), false);
        let mut problem = None;
        let members = Members { objects: self, builders, problem: &mut problem };
        let mut json = serde_json::Deserializer::from_slice(line);
        let read = json.deserialize_map(members).and_then(|()| json.end());
        match (problem, read) {
            (Some(problem), _) => return Err(problem),
            (None, Err(error)) => {
                return Err(ReadError::malformed(format!("no JSON object: {error}")));
            }
            (None, Ok(())) => {}
        }
        // Others leave nulls away.
        for ((given, column), builder) in self.given.iter().zip(&self.columns).zip(builders) {
            if !given {
                builder.null().map_err(|error| error.in_column(column.name))?;
            }
        }
        Ok(true)
    }
}

/// Appends members as they come.
struct Members<'a> {
    objects: &'a mut Objects,
    builders: &'a mut [ColumnBuilder],
    /// What is wrong with a value, which the parser's own errors have no room for.
    problem: &'a mut Option<ReadError>,
}

impl Members<'_> {
    /// Where among the wanted columns a member belongs.
    fn place(&self, name: &str) -> Option<usize> {
        let columns = &self.objects.columns;
        let same = columns.iter().position(|column| column.name == name);
        same.or_else(|| {
            let known = known(name)?;
            columns.iter().position(|column| *column == known)
        })
    }

    fn append(&mut self, place: usize, value: &Value<'_>) -> Result<(), ReadError> {
        let (Some(given), Some(builder)) =
            (self.objects.given.get_mut(place), self.builders.get_mut(place))
        else {
            return Ok(());
        };
        let column = builder.column();
        let appended = if std::mem::replace(given, true) {
            Err(ReadError::malformed("a member that is given twice"))
        } else {
            append(value, builder)
        };
        appended.map_err(|error| error.in_column(column.name))
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a row's columns")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            match self.place(&name) {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(place) => {
                    let value = map.next_value()?;
                    if let Err(error) = self.append(place, &value) {
                        *self.problem = Some(error);
                        return Err(serde::de::Error::custom("a value that is not the column's"));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Appends a value of the column's type, or in the text form of it.
fn append(value: &Value<'_>, builder: &mut ColumnBuilder) -> Result<(), ReadError> {
    match (value, builder.column().kind) {
        (Value::Null, _) => builder.null(),
        (Value::Text(text), _) => values::append(text.as_bytes(), builder),
        (Value::Flag(flag), ColumnType::Boolean) => builder.flag(*flag),
        (Value::Number(number), ColumnType::Int32 | ColumnType::Int64) => builder.number(*number),
        (Value::Flag(flag), _) => values::append(flag.to_string().as_bytes(), builder),
        (Value::Number(number), _) => values::append(number.to_string().as_bytes(), builder),
    }
}

/// A member's name, without a copy unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, an integer of 64 bits, `true`, `false` or `null`")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(Value::Flag(flag))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Value::Number(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                let large = |_| E::custom(format!("{number} does not fit 64 bits"));
                i64::try_from(number).map(Value::Number).map_err(large)
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Value::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Value::Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// The length of a text's first line with its end; none where the text has no whole line.
pub(super) fn line(text: &[u8], is_end: bool) -> Option<usize> {
    let end = text.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    end.or_else(|| (is_end && !text.is_empty()).then_some(text.len()))
}
