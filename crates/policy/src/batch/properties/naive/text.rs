//! Patterns, compared by trying everything.

use super::{Question, Truth, condition};

/// A character, and whether it stands for itself.
pub(super) type Pattern = Vec<(char, bool)>;

pub(super) fn plain(text: &str) -> Pattern {
    text.chars().map(|c| (c, true)).collect()
}

pub(super) fn glob(pattern: &[(char, bool)], text: &str) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((('*', false), rest)) => {
            glob(rest, text)
                || text.chars().next().is_some_and(|c| glob(pattern, &text[c.len_utf8()..]))
        }
        Some((symbol, rest)) => text.chars().next().is_some_and(|c| {
            (*symbol == ('?', false) || symbol.0 == c) && glob(rest, &text[c.len_utf8()..])
        }),
    }
}

/// A text with its wildcards and, behind a place, with values for its variables; else what comes of it instead.
pub(super) fn expanded(
    question: &Question<'_>,
    text: &str,
    has_wildcards: bool,
    variables_from: Option<usize>,
) -> Result<Pattern, Truth> {
    let mut pattern = Pattern::new();
    let mut is_unknown = false;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let reference = variables_from.filter(|from| at > *from || *from == 0 && at == 0);
        if let Some(inner) = reference.and(rest.strip_prefix("${"))
            && let Some((name, _)) = inner.split_once('}')
        {
            at += name.len() + 3;
            let (key, default) = match name.split_once(',') {
                Some((key, default)) => (key, Some(default.trim().trim_matches('\''))),
                None => (name, None),
            };
            match (key, condition::known(question, key)) {
                ("*" | "?" | "$", _) => pattern.extend(plain(key)),
                (_, None) => is_unknown = true,
                (_, Some(values)) => match (values.as_slice(), default) {
                    ([one], _) => pattern.extend(plain(one)),
                    (_, Some(default)) => pattern.extend(plain(default)),
                    (_, None) => return Err(Some(false)),
                },
            }
            continue;
        }
        pattern.push((c, !has_wildcards || !matches!(c, '*' | '?')));
        at += c.len_utf8();
    }
    if is_unknown { Err(None) } else { Ok(pattern) }
}

pub(super) fn bare_action<'t>(dialect: &str, text: &'t str) -> &'t str {
    if dialect == "cos" { text.strip_prefix("name/").unwrap_or(text) } else { text }
}

pub(super) fn matches_action(dialect: &str, entry: &str, asked: &str) -> bool {
    let entry = bare_action(dialect, entry);
    if entry == "*" {
        return true;
    }
    let fold = |text: &str| if dialect == "cos" { text.to_owned() } else { text.to_lowercase() };
    let (entry, asked) = (fold(entry), fold(asked));
    let (Some((service, name)), Some((of, what))) = (entry.split_once(':'), asked.split_once(':'))
    else {
        return false;
    };
    let name: Pattern = name.chars().map(|c| (c, !matches!(c, '*' | '?'))).collect();
    service == of && glob(&name, what)
}
