//! Going through the members of a configuration.

use stocktake_core::finding::Dialect;

use crate::lint::SEARCHES_MAX;
use crate::nearest::nearest;
use crate::rules::CF100;
use crate::sink::{Draft, FINDINGS_MAX};
use crate::tree::{Node, child, inline};

/// Whether a member may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// What is found on the way.
pub(super) struct Walk {
    pub(super) dialect: Dialect,
    /// Whether the document will be applied by Terraform's provider for AWS.
    pub(super) is_terraform: bool,
    pub(super) drafts: Vec<Draft>,
    searches_left: usize,
}

/// The most findings that are kept: as many as are told, and one that tells that there are more.
const DRAFTS_MAX: usize = FINDINGS_MAX + 1;

impl Walk {
    pub(super) fn new(dialect: Dialect, is_terraform: bool) -> Self {
        Self { dialect, is_terraform, drafts: Vec::new(), searches_left: SEARCHES_MAX }
    }

    pub(super) fn add(&mut self, draft: Draft) {
        if self.drafts.len() < DRAFTS_MAX {
            self.drafts.push(draft);
        }
    }

    /// The known name that was probably meant.
    pub(super) fn meant<'a>(
        &mut self,
        text: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Option<&'a str> {
        self.searches_left = self.searches_left.checked_sub(1)?;
        nearest(text, names)
    }

    /// A value that its place does not take.
    pub(super) fn wrong(
        &mut self,
        pointer: &str,
        node: &Node,
        message: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        self.add(Draft::new(CF100, pointer, message).value(node).allowed(allowed));
    }

    /// The members of an object, of which the required ones are there. Others are told, unless any may be there.
    pub(super) fn members<'n>(
        &mut self,
        node: &'n Node,
        pointer: &str,
        known: &[(&str, Need)],
        is_open: bool,
    ) -> Vec<(&'n str, String, &'n Node)> {
        let Node::Object(members) = node else {
            let message = format!("an object is expected, this is {}", node.kind());
            self.wrong(pointer, node, message, "an object");
            return Vec::new();
        };
        for (name, _) in known.iter().filter(|(name, need)| {
            *need == Need::Required && !members.iter().any(|(member, _)| member == name)
        }) {
            self.add(Draft::new(CF100, pointer, format!("`{name}` is missing")));
        }
        let mut found = Vec::new();
        for (name, value) in members {
            let place = child(pointer, name);
            if known.iter().any(|(known, _)| known == name) {
                found.push((name.as_str(), place, value));
            } else if !is_open {
                let message = format!("there is no member `{}`", inline(name));
                let draft = Draft::new(CF100, &place, message).value(value);
                let meant = self.meant(name, known.iter().map(|(known, _)| *known));
                self.add(match meant {
                    Some(meant) => draft.suggest(&meant.into()),
                    None => draft,
                });
            }
        }
        found
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, pointer: &str) -> Option<&'n str> {
        if let Node::Text(text) = node {
            return Some(text);
        }
        let message = format!("text is expected, this is {}", node.kind());
        self.wrong(pointer, node, message, "text");
        None
    }

    /// One of a list of words.
    pub(super) fn word(&mut self, node: &Node, pointer: &str, words: &[&'static str]) -> bool {
        let Some(text) = self.text(node, pointer) else { return false };
        if words.contains(&text) {
            return true;
        }
        let allowed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let message = format!("`{}` is not among the values of the dialect", inline(text));
        let meant = words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
        let meant = meant.or_else(|| self.meant(text, words.iter().copied()));
        let draft = Draft::new(CF100, pointer, message).value(node).allowed(allowed.join(", "));
        self.add(match meant {
            Some(meant) => {
                draft.suggest(&meant.into()).patch(vec![crate::patch::replace(pointer, meant)])
            }
            None => draft,
        });
        false
    }

    pub(super) fn flag(&mut self, node: &Node, pointer: &str) -> Option<bool> {
        // Tencent COS writes them as texts.
        let may_be_text = matches!(self.dialect, Dialect::Any | Dialect::Cos);
        match node {
            Node::Bool(flag) => return Some(*flag),
            Node::Text(text) if may_be_text && matches!(text.as_str(), "True" | "true") => {
                return Some(true);
            }
            Node::Text(text) if may_be_text && matches!(text.as_str(), "False" | "false") => {
                return Some(false);
            }
            _ => {}
        }
        let message = format!("a boolean is expected, this is {}", node.kind());
        self.wrong(pointer, node, message, "`true` or `false`");
        None
    }
}
