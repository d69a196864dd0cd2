//! Tests of context keys, with a third answer where a key is unknown.
//!
//! Sources: "IAM JSON policy elements: Condition operators" and "Multivalued context keys" in the AWS IAM user guide;
//! "Conditions" in the documentation of Tencent Cloud CAM.

mod arn;
mod date;
mod ip;
mod number;
mod operator;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) use operator::{Operator, Set, Test};

use crate::fold;
use crate::model::{Condition, ConditionValue};
use crate::pattern::{Expanded, Single, Symbol, glob};

/// A truth value with a third one between: `and` is the lesser, `or` the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    No,
    Unknown,
    Yes,
}

impl Truth {
    pub(crate) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// What is known of a context key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known<'r> {
    /// It has these values, at least one.
    Set(&'r [String]),
    Absent,
    Unknown,
}

/// The circumstances of a request.
pub(crate) trait Circumstances {
    /// What is known of a key.
    fn known(&self, key: &str) -> Known<'_>;

    /// The one value of a key, for use in a variable.
    fn single(&self, key: &str) -> Single<'_> {
        match self.known(key) {
            Known::Set([value]) => Single::Value(value),
            Known::Set(_) | Known::Absent => Single::None,
            Known::Unknown => Single::Unknown,
        }
    }
}

/// Whether a condition holds. Names what would have to be known into `missing`.
pub(crate) fn holds(
    condition: &Condition,
    circumstances: &impl Circumstances,
    missing: &mut Vec<String>,
) -> Truth {
    let before = missing.len();
    let truth = judge(condition, circumstances, missing);
    if truth != Truth::Unknown {
        // What is unknown of one value does not matter where another one decides.
        missing.truncate(before);
    }
    truth
}

fn judge(
    condition: &Condition,
    circumstances: &impl Circumstances,
    missing: &mut Vec<String>,
) -> Truth {
    let Some(operator) = condition.operator else {
        missing.push(format!("undocumented:operator-{}", condition.operator_text));
        return Truth::Unknown;
    };
    let values = match circumstances.known(&condition.key) {
        Known::Unknown => {
            missing.push(condition.key.clone());
            return Truth::Unknown;
        }
        Known::Absent => &[],
        Known::Set(values) => values,
    };
    if operator.test == Test::Null {
        let is_absent = if values.is_empty() { "true" } else { "false" };
        let mut texts = condition.values.iter().map(|value| &value.text);
        return texts.any(|text| text.eq_ignore_ascii_case(is_absent)).into();
    }
    let mut one = |value: &String| holds_for(operator, condition, value, circumstances, missing);
    match (operator.set, values) {
        (Set::All, []) => Truth::Yes,
        (Set::Any, []) => operator.if_exists.into(),
        (Set::None, []) => (operator.if_exists || operator.is_negated()).into(),
        (Set::None, [value]) => one(value),
        // A list does not fit an operator that expects one value.
        (Set::None, _) => Truth::No,
        (Set::All, values) => values.iter().map(one).min().unwrap_or(Truth::Yes),
        (Set::Any, values) => values.iter().map(one).max().unwrap_or(Truth::No),
    }
}

/// Whether one value of a context key passes the test.
fn holds_for(
    operator: Operator,
    condition: &Condition,
    found: &str,
    circumstances: &impl Circumstances,
    missing: &mut Vec<String>,
) -> Truth {
    let mut answer = Truth::No;
    for value in &condition.values {
        match compare(operator.test, value, found, circumstances) {
            // A number or date that is none passes no test, not even a negated one.
            Compared::Unfit => return Truth::No,
            Compared::Equal => answer = Truth::Yes,
            Compared::Different => {}
            Compared::Unknown(key) => {
                missing.push(key.to_owned());
                answer = answer.max(Truth::Unknown);
            }
        }
    }
    if operator.is_negated() { answer.not() } else { answer }
}

/// Whether a value of a policy is of its operator's type.
pub(crate) fn fits(operator: Operator, text: &str) -> bool {
    match operator.test {
        Test::Text | Test::TextIgnoringCase | Test::TextLike => true,
        Test::Arn => text == "*" || text.splitn(6, ':').count() == 6,
        Test::Bool | Test::Null => {
            text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
        }
        Test::Number(_) => number::compare(text, text).is_some(),
        Test::Date(_) => date::parse(text).is_some(),
        Test::Binary => STANDARD.decode(text).is_ok(),
        // A range holds the address that it is written with, if it is a range at all.
        Test::Ip => ip::contains(text, text.split('/').next().unwrap_or_default()),
    }
}

/// How one value of a policy compares with one value of a request.
enum Compared<'p> {
    Equal,
    Different,
    /// One of both is not of the operator's type, and the negated operator fails too.
    Unfit,
    /// A variable stands for the value of this key, which is not known.
    Unknown(&'p str),
}

impl From<bool> for Compared<'_> {
    fn from(value: bool) -> Self {
        if value { Self::Equal } else { Self::Different }
    }
}

fn compare<'p>(
    test: Test,
    value: &'p ConditionValue,
    found: &str,
    circumstances: &impl Circumstances,
) -> Compared<'p> {
    let on_text = |same: fn(&[Symbol], &str) -> bool| -> Compared<'p> {
        // Folding case makes at most three characters of one.
        let chars_max = found.len().saturating_mul(3);
        match value.pattern.expand(chars_max, |key| circumstances.single(key)) {
            Expanded::Symbols(symbols) => same(&symbols, found).into(),
            Expanded::Nothing => Compared::Different,
            Expanded::Unknown(key) => Compared::Unknown(key),
        }
    };
    match test {
        Test::Text | Test::TextLike => on_text(glob),
        Test::TextIgnoringCase => on_text(equals_ignoring_case),
        Test::Arn => on_text(arn::matches),
        Test::Bool => on_text(equals_as_bool),
        Test::Number(order) => match number::compare(found, &value.text) {
            Some(ordering) => order.holds(ordering).into(),
            None => unfit(test),
        },
        Test::Date(order) => match (date::parse(found), date::parse(&value.text)) {
            (Some(found), Some(wanted)) => order.holds(found.cmp(&wanted)).into(),
            _ => unfit(test),
        },
        Test::Binary => {
            let decoded = (STANDARD.decode(found), STANDARD.decode(&value.text));
            matches!(decoded, (Ok(found), Ok(wanted)) if found == wanted).into()
        }
        Test::Ip => ip::contains(&value.text, found).into(),
        // Answered by the caller.
        Test::Null => Compared::Different,
    }
}

/// A value that is no number or date fails the test that it is in; of a list of values, only a negated test needs all.
fn unfit<'p>(test: Test) -> Compared<'p> {
    if test.is_unequal() { Compared::Unfit } else { Compared::Different }
}

fn equals_ignoring_case(symbols: &[Symbol], text: &str) -> bool {
    literal(symbols).chars().flat_map(char::to_lowercase).eq(fold::lower(text))
}

fn equals_as_bool(symbols: &[Symbol], text: &str) -> bool {
    let wanted = literal(symbols);
    ["true", "false"]
        .iter()
        .any(|word| wanted.eq_ignore_ascii_case(word) && text.eq_ignore_ascii_case(word))
}

/// The text of a pattern without wildcards.
fn literal(symbols: &[Symbol]) -> String {
    let chars = symbols.iter().map(|symbol| match symbol {
        Symbol::Char(c) => *c,
        Symbol::One => '?',
        Symbol::Any => '*',
    });
    chars.collect()
}

#[cfg(test)]
mod tests;
