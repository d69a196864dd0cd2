//! From XML to the tree: what the elements say, in the shape that the same document has in JSON.
//!
//! No document type and so no entities of its own: a document cannot grow while it is read.

mod shape;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use stocktake_core::finding::Dialect;

use super::{DEPTH_MAX, Node, Problem, Value, ill_formed};
use crate::quote;
use shape::{name_fields, shape};

/// The namespace of S3's API. Elements in it and elements without one mean the same.
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The element that a document is.
const ROOT: &str = "InventoryConfiguration";

/// The most attributes of one element that are looked at: there is one that is allowed.
const ATTRIBUTES_MAX: usize = 16;

/// What XML counts as white space.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

pub(super) fn read(text: &str, dialect: Dialect) -> Result<Node, Problem> {
    let mut root = read_root(text)?;
    if dialect == Dialect::Cos
        && let Value::Object(members) = &mut root.value
    {
        let fields = members.iter_mut().filter(|(name, _)| name == "OptionalFields");
        fields.for_each(|(_, node)| name_fields(node));
    }
    Ok(root)
}

fn read_root(text: &str) -> Result<Node, Problem> {
    let mut reader = Reader::from_str(text);
    let mut builder = Builder::default();
    loop {
        let result = match reader.read_event() {
            Ok(Event::Eof) => {
                return builder.finish().map_err(|why| ill_formed("XML", why, text, text.len()));
            }
            Ok(event) => builder.take(&event).map_err(|broken| (broken, reader.buffer_position())),
            Err(error) => Err((Broken::Grammar(error.to_string()), reader.error_position())),
        };
        result.map_err(|(broken, place)| match broken {
            Broken::Refused(problem) => problem,
            Broken::Grammar(why) => {
                ill_formed("XML", &why, text, usize::try_from(place).unwrap_or(text.len()))
            }
        })?;
    }
}

/// Why reading ends before the document does.
enum Broken {
    /// It breaks the grammar.
    Grammar(String),
    /// It is XML of a kind that is not read.
    Refused(Problem),
}

/// An element whose end has not come yet.
#[derive(Default)]
struct Element {
    name: String,
    children: Vec<(String, Node)>,
    text: String,
    problems: Vec<Problem>,
}

#[derive(Default)]
struct Builder {
    /// From the root to the innermost.
    open: Vec<Element>,
    /// How many elements are open below [`DEPTH_MAX`].
    skipped: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Broken> {
        match event {
            Event::Start(start) => self.begin(start),
            Event::Empty(start) => {
                self.begin(start)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(reference),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => {
                    let message =
                        format!("the document declares the encoding `{}`", quote::inline(&name));
                    Err(Broken::Refused(Problem::new(message).allowed("UTF-8")))
                }
                Some(Err(error)) => Err(Broken::Grammar(error.to_string())),
                _ => Ok(()),
            },
            Event::DocType(_) => {
                let message = "the document has a document type declaration";
                let problem = Problem::new(message).allowed("elements, text and comments");
                Err(Broken::Refused(problem))
            }
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), Broken> {
        if self.skipped > 0 {
            self.skipped += 1;
            return Ok(());
        }
        let name = start.name().as_ref().to_owned();
        if self.open.is_empty() {
            if self.root.is_some() {
                return Err(Broken::Grammar("there is a second root element".to_owned()));
            }
            if name != ROOT {
                let message = format!("the root element is `{}`", quote::inline(&name));
                let problem = Problem::new(message).allowed(format!("`{ROOT}`"));
                return Err(Broken::Refused(problem));
            }
        }
        if self.open.len() == DEPTH_MAX
            && let Some(parent) = self.open.last_mut()
        {
            parent.children.push((name, Node::too_deep()));
            self.skipped = 1;
            return Ok(());
        }
        let problems = attributes(start)?;
        self.open.push(Element { name, problems, ..Element::default() });
        Ok(())
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let Some(element) = self.open.pop() else { return };
        let (name, node) = shape(element);
        match self.open.last_mut() {
            Some(parent) => parent.children.push((name, node)),
            None => self.root = Some(node),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Broken> {
        if self.skipped > 0 {
            return Ok(());
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if is_space(text) => {}
            None => {
                return Err(Broken::Grammar("there is text outside of the root element".into()));
            }
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Broken> {
        let name: &str = reference;
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.text(character.encode_utf8(&mut [0; 4])),
            Ok(None) => match resolve_xml_entity(name) {
                Some(text) => self.text(text),
                None => Err(Broken::Grammar(format!("the entity `&{name};` is not declared"))),
            },
            Err(error) => Err(Broken::Grammar(error.to_string())),
        }
    }

    fn finish(self) -> Result<Node, &'static str> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            None if self.open.is_empty() => Err("there is no root element"),
            Some(_) | None => Err("the root element does not end"),
        }
    }
}

fn is_space(text: &str) -> bool {
    text.trim_matches(SPACE).is_empty()
}

/// What is wrong with the attributes: all but the namespace of S3.
fn attributes(start: &BytesStart<'_>) -> Result<Vec<Problem>, Broken> {
    let mut problems = Vec::new();
    for attribute in start.attributes().take(ATTRIBUTES_MAX) {
        let attribute = attribute.map_err(|_| {
            let element = quote::inline(start.name().as_ref());
            let rule = "are not `name=\"value\"` with different names";
            Broken::Grammar(format!("the attributes of `{element}` {rule}"))
        })?;
        let name = attribute.key.as_ref();
        let problem = match (name, attribute.value.as_ref()) {
            ("xmlns", NAMESPACE) => continue,
            ("xmlns", other) => {
                Problem::new("the element is of another namespace").value(quote::text(other))
            }
            (name, _) => Problem::new(format!("unknown attribute `{}`", quote::inline(name)))
                .value(quote::text(name)),
        };
        problems.push(problem.allowed(format!("no attribute but `xmlns=\"{NAMESPACE}\"`")));
    }
    Ok(problems)
}
