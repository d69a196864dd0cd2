//! Writing answers.

use stocktake_core::configuration::escape_xml_into;

use crate::http::Response;

/// What every document begins with.
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

const CONTENT_TYPE: &str = "application/xml";

/// Writes one document, without spaces between elements.
pub(super) struct Document {
    text: String,
    root: &'static str,
}

impl Document {
    pub(super) fn new(root: &'static str, namespace: Option<&str>) -> Self {
        let mut text = format!("{DECLARATION}<{root}");
        if let Some(namespace) = namespace {
            text.push_str(" xmlns=\"");
            escape_xml_into(&mut text, namespace);
            text.push('"');
        }
        text.push('>');
        Self { text, root }
    }

    pub(super) fn leaf(&mut self, name: &str, value: &str) {
        self.open(name);
        escape_xml_into(&mut self.text, value);
        self.close(name);
    }

    pub(super) fn open(&mut self, name: &str) {
        self.text.extend(["<", name, ">"]);
    }

    pub(super) fn close(&mut self, name: &str) {
        self.text.extend(["</", name, ">"]);
    }

    /// Appends elements that are written already.
    pub(super) fn raw(&mut self, elements: &str) {
        self.text.push_str(elements);
    }

    pub(super) fn finish(mut self) -> String {
        let root = self.root;
        self.close(root);
        self.text
    }

    pub(super) fn answer(self, status: u16) -> Response {
        Response::with_body(status, CONTENT_TYPE, self.finish())
    }
}

/// An answer whose root element is written already.
pub(super) fn answer(status: u16, root: &str) -> Response {
    Response::with_body(status, CONTENT_TYPE, format!("{DECLARATION}{root}"))
}
