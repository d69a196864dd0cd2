//! Findings for people, as a compiler shows them.

use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, Style};
use annotate_snippets::{AnnotationKind, Group, Level as Shown, Patch, Renderer, Snippet};
use stocktake_core::finding::{Dialect, Finding, Level};

use super::super::excerpt::{Edit, Position, Source, Window, visible};
use super::outcome::{Outcome, occurrence};
use crate::counted;

/// The most characters that a patch adds and that are shown; a longer one is for machines.
const PATCH_CHARS_MAX: usize = 2_000;

/// Everything that was found, and one line that counts it.
pub(super) fn render(outcome: &Outcome, is_coloured: bool) -> String {
    let page = Page { names_rules: names_rules(outcome), is_coloured };
    let mut shown = String::new();
    for finding in &outcome.findings {
        let source = outcome.source(&finding.document);
        shown.push_str(&page.one(finding, source));
        shown.push_str("\n\n");
    }
    shown.push_str(&summary(outcome));
    shown.push('\n');
    shown
}

/// How findings are shown.
struct Page {
    /// Whether it is said of each finding whose rules it is by.
    names_rules: bool,
    is_coloured: bool,
}

impl Page {
    /// One finding: what is wrong, where, and what to do.
    fn one(&self, finding: &Finding, source: Option<&Source>) -> String {
        let level = match finding.level {
            Level::Error => Shown::ERROR,
            Level::Warning => Shown::WARNING,
            Level::Security => Shown::WARNING.with_name("security"),
            Level::Info => Shown::INFO,
        };
        let title = level.clone().primary_title(visible(&finding.message));
        let title = Group::with_title(title.id(visible(&finding.code)));
        let group = Group::with_level(level);
        let Some(source) = source else {
            let group = self.notes(group, finding, shown_patch(finding, false));
            let below = if group.is_empty() { Vec::new() } else { vec![group] };
            return self.lines(title, &visible(&finding.document), &below);
        };
        let located = source.locate(&finding.pointer, occurrence(finding));
        let Window { text, first_line, span, .. } = source.window(&located.span);
        let label = match (finding.pointer.as_str(), located.is_exact) {
            ("", _) => String::new(),
            (pointer, true) => visible(pointer),
            (pointer, false) => format!("{} is missing", visible(pointer)),
        };
        let mark = AnnotationKind::Primary.span(span).label(label);
        let snippet = Snippet::source(text).line_start(first_line).fold(false).annotation(mark);
        let edits = finding.patch.as_deref().and_then(|patch| shown_edits(source, patch));
        let patch = shown_patch(finding, edits.is_some());
        let mut below = vec![self.notes(group.element(snippet), finding, patch)];
        if let Some((window, patches)) = edits {
            let changed = Snippet::source(window.text).line_start(window.first_line).fold(true);
            let help = Group::with_title(Shown::HELP.secondary_title("write it so"));
            below.push(help.element(changed.patches(patches)));
        }
        let Position { line, column, .. } = source.position(located.span.start);
        self.lines(title, &format!("{}:{line}:{column}", visible(&source.name)), &below)
    }

    /// The title, the place, and what is below.
    ///
    /// The renderer would count the column of a place in what it is given, which is not all of a long line.
    fn lines(&self, title: Group<'_>, place: &str, below: &[Group<'_>]) -> String {
        let title = self.renderer().render(&[title]);
        let below = if below.is_empty() { String::new() } else { self.renderer().render(below) };
        // It begins with as many spaces as its line numbers have digits, and one.
        let indent = (below.len() - below.trim_start_matches(' ').len()).saturating_sub(1);
        let style = if self.is_coloured { DEFAULT_LINE_NUM_STYLE } else { Style::new() };
        let place = format!("{:indent$}{style}-->{style:#} {place}", "");
        [title, place, below].join("\n").trim_end().to_owned()
    }

    fn renderer(&self) -> Renderer {
        if self.is_coloured { Renderer::styled() } else { Renderer::plain() }
    }

    fn notes<'a>(&self, mut group: Group<'a>, finding: &Finding, patch: PatchShown) -> Group<'a> {
        if let Some(allowed) = &finding.allowed {
            group = group.element(Shown::NOTE.message(format!("allowed: {}", visible(allowed))));
        }
        if self.names_rules && finding.dialect != Dialect::Any {
            let whose = format!("by the rules of {}", provider(finding.dialect));
            group = group.element(Shown::NOTE.message(whose));
        }
        match (patch, &finding.suggestion, &finding.patch) {
            (PatchShown::None | PatchShown::Words, Some(suggestion), _) => {
                group.element(Shown::HELP.message(format!("try `{}`", visible(suggestion))))
            }
            (PatchShown::Words, None, Some(patch)) if patch.chars().count() <= PATCH_CHARS_MAX => {
                group.element(Shown::HELP.message(format!("apply the patch {}", visible(patch))))
            }
            (PatchShown::Words, ..) => {
                let help = "a patch for this is in what `--format json` prints";
                group.element(Shown::HELP.message(help))
            }
            (PatchShown::None | PatchShown::Lines, ..) => group,
        }
    }
}

/// What a patch changes, with the lines around; none where that would be long, or cannot be shown as it stands.
fn shown_edits(source: &Source, patch: &str) -> Option<(Window, Vec<Patch<'static>>)> {
    let edits = source.edits(patch)?;
    let start = edits.first()?.range.start;
    let window = source.window(&(start..edits.last()?.range.end));
    let chars: usize = edits.iter().map(|edit| edit.text.chars().count()).sum();
    if !window.is_whole || chars > PATCH_CHARS_MAX {
        return None;
    }
    // Between the first and the last change, what is shown is what there is.
    let moved = |at: usize| at - start + window.span.start;
    let patch = |edit: Edit| Patch::new(moved(edit.range.start)..moved(edit.range.end), edit.text);
    let patches = edits.into_iter().map(patch).collect();
    Some((window, patches))
}

fn shown_patch(finding: &Finding, has_lines: bool) -> PatchShown {
    match (&finding.patch, has_lines) {
        (None, _) => PatchShown::None,
        (Some(_), true) => PatchShown::Lines,
        (Some(_), false) => PatchShown::Words,
    }
}

/// How a patch is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PatchShown {
    None,
    Lines,
    Words,
}

/// Whether there are findings by the rules of several providers, and nobody was asked for.
fn names_rules(outcome: &Outcome) -> bool {
    let mut dialects = outcome.findings.iter().map(|finding| finding.dialect);
    let first = dialects.next();
    outcome.dialect == Dialect::Any && dialects.any(|dialect| Some(dialect) != first)
}

fn provider(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Any | Dialect::Aws => "Amazon S3",
        Dialect::Coreweave => "CoreWeave",
        Dialect::Cos => "Tencent COS",
    }
}

/// How many findings there are of each level, and in how many files.
fn summary(outcome: &Outcome) -> String {
    let of = |level| outcome.findings.iter().filter(|finding| finding.level == level).count();
    let counts = [
        (of(Level::Error), "error"),
        (of(Level::Warning), "warning"),
        (of(Level::Security), "security finding"),
        (of(Level::Info), "info"),
    ];
    let some = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = some.map(|(count, noun)| counted(count as u64, noun)).collect();
    let files = counted(outcome.documents.len() as u64, "file");
    let dialect = outcome.findings.first().map_or(Dialect::Any, |finding| finding.dialect);
    let is_chosen = outcome.dialect != Dialect::Any || dialect == Dialect::Any;
    let whose = match provider(dialect) {
        _ if is_chosen || names_rules(outcome) => String::new(),
        provider => format!(", by the rules of {provider}"),
    };
    if counts.is_empty() {
        format!("nothing found in {files}")
    } else {
        format!("{} in {files}{whose}", counts.join(", "))
    }
}

#[cfg(test)]
mod tests;
