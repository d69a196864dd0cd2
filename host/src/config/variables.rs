//! `[http.environment]` of `stocktake.toml`: further variables of the component that answers HTTP.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;

/// The most bytes of all names and values: each instance is given a copy. Linux passes no longer variable to a program.
pub const VARIABLES_BYTES_MAX: usize = 128 << 10;

/// The most characters of a name.
const NAME_CHARS_MAX: usize = 64;

/// Variables by name. Shows no values: they may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// The form in the file.
pub(super) type File = BTreeMap<Spanned<String>, Spanned<String>>;

/// Judges the variables; `own` are those that other settings of `[http]` are told by.
pub(super) fn variables(
    file: &File,
    own: &[(String, String)],
    wrong: &mut Vec<(Range<usize>, String)>,
) -> Variables {
    let mut variables = BTreeMap::new();
    let mut bytes = 0;
    for (name, value) in file {
        let (text, value, span) = (name.get_ref(), value.get_ref(), name.span());
        bytes += text.len() + value.len();
        if let Some(why) = why_wrong(text, value, bytes, own) {
            wrong.push((span, why));
        }
        variables.insert(text.clone(), value.clone());
    }
    Variables(variables)
}

fn why_wrong(name: &str, value: &str, bytes: usize, own: &[(String, String)]) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let shown = name.escape_debug();
    if !(1..=NAME_CHARS_MAX).contains(&name.len()) || !name.bytes().all(fits) {
        return Some(format!(
            "`{shown}` is no name of a variable; use 1 to {NAME_CHARS_MAX} of A-Z, 0-9 and `_`"
        ));
    }
    if own.iter().any(|(known, _)| known == name) {
        return Some(format!("`{shown}` is what another setting of [http] sets; use that one"));
    }
    if value.contains('\0') {
        return Some(format!("`{shown}` has a zero byte in it; leave it out"));
    }
    (bytes > VARIABLES_BYTES_MAX).then(|| {
        format!(
            "with `{shown}` the variables have more than {VARIABLES_BYTES_MAX} bytes; shorten them"
        )
    })
}
