//! Patterns with wildcards and variables.
//!
//! Sources: "IAM JSON policy elements: Resource", "... Action" and "IAM policy elements: Variables and tags" in the AWS
//! IAM user guide.

use std::borrow::Cow;
use std::str::Chars;

/// One character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// Itself.
    Char(char),
    /// `?`: any one Unicode scalar value.
    One,
    /// `*`: any run of characters, none among them.
    Any,
}

/// What `*` and `?` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Active,
    Plain,
}

/// Where `${key}` is a variable; elsewhere it is plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variables {
    Nowhere,
    Anywhere,
    /// In the last part of an ARN alone.
    BehindFifthColon,
}

/// A pattern, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Symbols(Vec<Symbol>),
    Variable { key: String, default: Option<String> },
}

/// What is known of a key's single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Single<'a> {
    Value(&'a str),
    /// There is none, or there are several.
    None,
    Unknown,
}

/// A pattern whose variables have their values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expanded<'p> {
    Symbols(Cow<'p, [Symbol]>),
    /// A variable has neither value nor default: nothing matches.
    Nothing,
    /// The value of this key is not known.
    Unknown(&'p str),
}

impl Pattern {
    pub(crate) fn new(text: &str, wildcards: Wildcards, variables: Variables) -> Self {
        let mut parts = Vec::new();
        let mut symbols = Vec::with_capacity(text.len());
        let mut colons = 0;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let is_open = match variables {
                Variables::Nowhere => false,
                Variables::Anywhere => true,
                Variables::BehindFifthColon => colons >= 5,
            };
            if let Some((reference, behind)) = is_open.then(|| reference(rest)).flatten() {
                match reference {
                    Reference::Literal(c) => symbols.push(Symbol::Char(c)),
                    Reference::Key { key, default } => {
                        parts.push(Part::Symbols(std::mem::take(&mut symbols)));
                        let default = default.map(str::to_owned);
                        parts.push(Part::Variable { key: key.to_owned(), default });
                    }
                }
                rest = behind;
                continue;
            }
            colons += usize::from(c == ':');
            symbols.push(match c {
                '*' if wildcards == Wildcards::Active => Symbol::Any,
                '?' if wildcards == Wildcards::Active => Symbol::One,
                c => Symbol::Char(c),
            });
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        parts.push(Part::Symbols(symbols));
        Self(parts)
    }

    /// Puts values in the place of variables. A value is data: no character of it is a wildcard.
    ///
    /// What comes to more than `chars_max` characters, wildcards not counted, is not written out and matches nothing:
    /// a short policy with many variables and a long value would take more memory than there is.
    pub(crate) fn expand<'p, 'v>(
        &'p self,
        chars_max: usize,
        value_of: impl Fn(&str) -> Single<'v>,
    ) -> Expanded<'p> {
        if let [Part::Symbols(symbols)] = self.0.as_slice() {
            return Expanded::Symbols(Cow::Borrowed(symbols));
        }
        let mut all = Vec::new();
        let mut chars_left = chars_max;
        let mut unknown = None;
        for part in &self.0 {
            let value = match part {
                Part::Symbols(symbols) => {
                    all.extend_from_slice(symbols);
                    continue;
                }
                Part::Variable { key, default } => match (value_of(key), default) {
                    (Single::Value(value), _) => value,
                    (Single::None, Some(default)) => default.as_str(),
                    (Single::None, None) => return Expanded::Nothing,
                    (Single::Unknown, _) => {
                        unknown.get_or_insert(key.as_str());
                        continue;
                    }
                },
            };
            let Some(left) = chars_left.checked_sub(value.chars().count()) else {
                return Expanded::Nothing;
            };
            chars_left = left;
            all.extend(value.chars().map(Symbol::Char));
        }
        match unknown {
            Some(key) => Expanded::Unknown(key),
            None => Expanded::Symbols(Cow::Owned(all)),
        }
    }

    /// The symbols of a pattern that has no variables, as those of actions.
    pub(crate) fn symbols(&self) -> &[Symbol] {
        match self.0.as_slice() {
            [Part::Symbols(symbols)] => symbols,
            _ => &[],
        }
    }
}

enum Reference<'t> {
    Literal(char),
    Key { key: &'t str, default: Option<&'t str> },
}

/// The variable that a text begins with, and what is behind it.
fn reference(text: &str) -> Option<(Reference<'_>, &str)> {
    let inner = text.strip_prefix("${")?;
    for c in ['*', '?', '$'] {
        if let Some(behind) = inner.strip_prefix(c).and_then(|rest| rest.strip_prefix('}')) {
            return Some((Reference::Literal(c), behind));
        }
    }
    let end = inner.find([',', '}', '{', '$'])?;
    let (key, rest) = inner.split_at(end);
    let key = key.trim();
    if key.is_empty() {
        return None;
    }
    if let Some(behind) = rest.strip_prefix('}') {
        return Some((Reference::Key { key, default: None }, behind));
    }
    let quoted = rest.strip_prefix(',')?.trim_start().strip_prefix('\'')?;
    let (default, rest) = quoted.split_once('\'')?;
    let behind = rest.trim_start().strip_prefix('}')?;
    Some((Reference::Key { key, default: Some(default) }, behind))
}

/// Whether every `${` of a text begins a variable.
pub(crate) fn are_variables_sound(text: &str) -> bool {
    let mut rest = text;
    while let Some(place) = rest.find("${") {
        match rest.get(place..).and_then(reference) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    true
}

/// Whether the whole text matches. Takes at most as many steps as the product of both lengths.
pub(crate) fn glob(pattern: &[Symbol], text: &str) -> bool {
    glob_while(pattern, text, || true)
}

/// Likewise, as long as `goes_on` says so, which is asked at every step; beyond, nothing matches.
pub(crate) fn glob_while(pattern: &[Symbol], text: &str, goes_on: impl FnMut() -> bool) -> bool {
    compare(pattern, text, |wanted, found| wanted == found, goes_on)
}

/// Likewise, where ASCII letters match in both cases.
pub(crate) fn glob_ignoring_case(pattern: &[Symbol], text: &str) -> bool {
    compare(pattern, text, |wanted, found| wanted.eq_ignore_ascii_case(&found), || true)
}

/// Whether some text matches both patterns. Takes as many steps as the product of both lengths.
pub(crate) fn meet(one: &[Symbol], other: &[Symbol]) -> bool {
    // For every place in `other`, whether it can be reached together with the place in `one`.
    let mut reached = vec![false; other.len() + 1];
    let mut below = vec![false; other.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for place in 0..=one.len() {
        let ours = one.get(place);
        below.fill(false);
        for i in 0..=other.len() {
            if reached.get(i) != Some(&true) {
                continue;
            }
            let theirs = other.get(i);
            let is_any = |symbol: Option<&Symbol>| symbol == Some(&Symbol::Any);
            let is_one = match (ours, theirs) {
                (Some(Symbol::Char(one)), Some(Symbol::Char(other))) => one == other,
                (Some(Symbol::One), Some(Symbol::Char(_) | Symbol::One))
                | (Some(Symbol::Char(_)), Some(Symbol::One)) => true,
                _ => false,
            };
            let reach = |list: &mut Vec<bool>, i: usize, is_reached: bool| {
                if let Some(place) = list.get_mut(i).filter(|_| is_reached) {
                    *place = true;
                }
            };
            reach(&mut below, i, is_any(ours) || (ours.is_some() && is_any(theirs)));
            reach(&mut below, i + 1, is_one);
            reach(&mut reached, i + 1, is_any(theirs) || (is_any(ours) && theirs.is_some()));
        }
        if ours.is_some() {
            std::mem::swap(&mut reached, &mut below);
        }
    }
    reached.last() == Some(&true)
}

/// Compares, and calls `step` for every character of the text that is looked at. Where it returns false, nothing matches.
///
/// Only the latest `*` is ever tried anew: what an earlier one could take instead, the latest can take as well.
fn compare(
    mut pattern: &[Symbol],
    text: &str,
    same: impl Fn(char, char) -> bool,
    mut step: impl FnMut() -> bool,
) -> bool {
    let mut text = text.chars();
    // Up to the first wildcard there is nothing to come back to.
    while let Some((Symbol::Char(wanted), behind)) = pattern.split_first() {
        if !step() {
            return false;
        }
        match text.next() {
            Some(found) if same(*wanted, found) => pattern = behind,
            _ => return false,
        }
    }
    // What follows the latest `*`, and the part of the text that it was tried on last.
    let mut resume: Option<(&[Symbol], Chars<'_>)> = None;
    loop {
        if !step() {
            return false;
        }
        let before = text.clone();
        let found = text.next();
        match (pattern.split_first(), found) {
            (Some((Symbol::Any, behind)), _) => {
                if behind.is_empty() {
                    return true;
                }
                pattern = behind;
                text = before;
                resume = Some((behind, text.clone()));
                continue;
            }
            (Some((Symbol::One, behind)), Some(_)) => {
                pattern = behind;
                continue;
            }
            (Some((Symbol::Char(wanted), behind)), Some(found)) if same(*wanted, found) => {
                pattern = behind;
                continue;
            }
            (None, None) => return true,
            // The text ends before the pattern does; a `*` that takes more would only make it end earlier.
            (Some(_), None) => return false,
            (_, Some(_)) => {}
        }
        let Some((behind_star, tried)) = &mut resume else { return false };
        tried.next();
        pattern = behind_star;
        text = tried.clone();
    }
}

#[cfg(test)]
mod tests;
