//! A document, element by element.
//!
//! Documents are read in one pass and borrow from the bytes that came. A document type is refused, so there are no
//! entities but those of XML itself, and a document cannot grow while it is read.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use super::{Flaw, Response, errors, shown, shown_end};

/// How many bytes before the place of a mistake an error shows; as many behind it are shown as well.
const AROUND_BYTES: usize = 100;

/// The root element of errors.
const ERROR: &str = "Error";

/// A document whose root element has begun.
pub(super) struct Document<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    root: &'static str,
}

impl<'a> Document<'a> {
    /// Begins to read the body of an answer, whose root element has this name.
    ///
    /// # Errors
    /// [`Flaw::Refused`] where the document is an error although its status is that of success.
    pub(super) fn of(response: &Response<'a>, root: &'static str) -> Result<Self, Flaw> {
        let body = response.body()?;
        let text = std::str::from_utf8(body).map_err(|error| {
            let begin = error.valid_up_to().saturating_sub(AROUND_BYTES);
            let around = shown(body.get(begin..).map_or(body, first));
            match error.error_len() {
                None => cut(root, body),
                Some(_) => Flaw::Wrong(format!("the document is not UTF-8 at \"{around}\"")),
            }
        })?;
        // Stores send white space to keep a connection open, also before the declaration.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii_start();
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut document = Self { reader, text, root };
        let found = document.begin()?;
        if found == root {
            return Ok(document);
        }
        if found == ERROR && root != ERROR {
            return Err(errors::within_success(document));
        }
        Err(document.wrong(&format!("the document is `{found}`")))
    }

    /// Reads up to the start of the root element, and returns its name.
    fn begin(&mut self) -> Result<String, Flaw> {
        loop {
            match self.event()? {
                Event::Start(start) => return Ok(start.local_name().as_ref().to_owned()),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                Event::Eof => return Err(cut(self.root, self.text.as_bytes())),
                _ => return Err(self.wrong("the document does not begin with an element")),
            }
        }
    }

    /// The next of these members of the element that is open, whose start has been read; none at the element's end.
    ///
    /// Other members are passed over.
    pub(super) fn next<M: Copy>(&mut self, known: &[(&str, M)]) -> Result<Option<M>, Flaw> {
        loop {
            match self.event()? {
                Event::Start(start) => {
                    let name = start.local_name();
                    let found = known.iter().find(|(known, _)| *known == name.as_ref());
                    if let Some((_, member)) = found {
                        return Ok(Some(*member));
                    }
                    self.pass_over(&start)?;
                }
                Event::End(_) => return Ok(None),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                Event::Eof => return Err(cut(self.root, self.text.as_bytes())),
                _ => return Err(self.wrong("there is text between members")),
            }
        }
    }

    fn pass_over(&mut self, start: &BytesStart<'_>) -> Result<(), Flaw> {
        let passed = self.reader.read_to_end(start.name()).map(drop);
        passed.map_err(|error| self.malformed(&error))
    }

    /// The text of the element whose start has been read, up to its end.
    pub(super) fn text(&mut self, name: &str) -> Result<Cow<'a, str>, Flaw> {
        let mut whole: Option<Cow<'a, str>> = None;
        loop {
            let piece = match self.event()? {
                Event::Text(text) => text.xml10_content(),
                Event::CData(text) => text.xml10_content(),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(character)) => Cow::Owned(character.to_string()),
                    Ok(None) => match resolve_xml_entity(&reference) {
                        Some(text) => Cow::Borrowed(text),
                        None => return Err(self.wrong(&format!("`{name}` has an unknown entity"))),
                    },
                    Err(error) => return Err(self.malformed(&error)),
                },
                Event::Comment(_) | Event::PI(_) => continue,
                Event::End(_) => return Ok(whole.unwrap_or_default()),
                Event::Eof => return Err(cut(self.root, self.text.as_bytes())),
                _ => return Err(self.wrong(&format!("`{name}` is not text"))),
            };
            whole = Some(match whole {
                None => piece,
                Some(before) => Cow::Owned(before.into_owned() + piece.as_ref()),
            });
        }
    }

    /// The text of a member, of which there is one at most.
    pub(super) fn once(
        &mut self,
        value: &mut Option<Cow<'a, str>>,
        name: &str,
    ) -> Result<(), Flaw> {
        if value.is_some() {
            return Err(self.wrong(&format!("`{name}` is there twice")));
        }
        *value = Some(self.text(name)?);
        Ok(())
    }

    /// Reads to the end of the document, whose root element has ended.
    pub(super) fn finish(mut self) -> Result<(), Flaw> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                _ => return Err(self.wrong("something follows the document")),
            }
        }
    }

    /// What is wrong, with the document around the place that has been read to.
    pub(super) fn wrong(&self, what: &str) -> Flaw {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len());
        Flaw::Wrong(format!("{what}, in `{}` at \"{}\"", self.root, around(self.text, at)))
    }

    /// That a member is not there.
    pub(super) fn missing(&self, name: &str) -> Flaw {
        self.wrong(&format!("`{name}` is missing"))
    }

    /// The same flaw with the place in the document.
    pub(super) fn here(&self, flaw: Flaw) -> Flaw {
        match flaw {
            Flaw::Wrong(what) => self.wrong(&what),
            flaw => flaw,
        }
    }

    fn event(&mut self) -> Result<Event<'a>, Flaw> {
        self.reader.read_event().map_err(|error| self.malformed(&error))
    }

    /// A document that breaks off breaks the grammar at its very end.
    fn malformed(&self, error: &quick_xml::Error) -> Flaw {
        let end = format!("</{}>", self.root);
        if !self.text.trim_ascii_end().ends_with(&end) {
            return cut(self.root, self.text.as_bytes());
        }
        self.wrong(&format!("the document is not well-formed: {error}"))
    }
}

fn cut(root: &str, body: &[u8]) -> Flaw {
    if body.is_empty() {
        return Flaw::Cut(format!("an empty answer in place of the document `{root}`"));
    }
    let end = shown_end(body);
    Flaw::Cut(format!("the answer is cut: `{root}` does not end; the last of it is \"{end}\""))
}

fn first(bytes: &[u8]) -> &[u8] {
    bytes.get(..2 * AROUND_BYTES).unwrap_or(bytes)
}

/// The bytes around a place, printable.
fn around(text: &str, at: usize) -> String {
    let begin = at.saturating_sub(AROUND_BYTES);
    shown(text.as_bytes().get(begin..).map_or(&[], first))
}
