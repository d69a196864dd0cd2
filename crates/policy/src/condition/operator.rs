//! Names of operators.

use std::cmp::Ordering;

use stocktake_core::finding::Dialect;

use crate::pattern::{Pattern, Variables, Wildcards};

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) test: Test,
    negated: bool,
    pub(crate) set: Set,
    /// Whether an absent key passes.
    pub(crate) if_exists: bool,
}

/// Which values of a key must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// The only one.
    None,
    All,
    Any,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Text,
    TextIgnoringCase,
    TextLike,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// How a value must stand to that of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    /// Holds where the values are equal, and is negated by the operator.
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal | Self::Unequal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Test {
    pub(crate) fn is_unequal(self) -> bool {
        matches!(self, Self::Number(Order::Unequal) | Self::Date(Order::Unequal))
    }
}

/// The kinds of comparison, as the guides group them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    Number,
    Date,
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// AWS's names, and whether what they say is negated.
const AWS: &[(&str, Test, bool)] = &[
    ("StringEquals", Test::Text, false),
    ("StringNotEquals", Test::Text, true),
    ("StringEqualsIgnoreCase", Test::TextIgnoringCase, false),
    ("StringNotEqualsIgnoreCase", Test::TextIgnoringCase, true),
    ("StringLike", Test::TextLike, false),
    ("StringNotLike", Test::TextLike, true),
    ("NumericEquals", Test::Number(Order::Equal), false),
    ("NumericNotEquals", Test::Number(Order::Unequal), true),
    ("NumericLessThan", Test::Number(Order::Less), false),
    ("NumericLessThanEquals", Test::Number(Order::LessOrEqual), false),
    ("NumericGreaterThan", Test::Number(Order::Greater), false),
    ("NumericGreaterThanEquals", Test::Number(Order::GreaterOrEqual), false),
    ("DateEquals", Test::Date(Order::Equal), false),
    ("DateNotEquals", Test::Date(Order::Unequal), true),
    ("DateLessThan", Test::Date(Order::Less), false),
    ("DateLessThanEquals", Test::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Test::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Test::Date(Order::GreaterOrEqual), false),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::Binary, false),
    ("IpAddress", Test::Ip, false),
    ("NotIpAddress", Test::Ip, true),
    ("ArnEquals", Test::Arn, false),
    ("ArnLike", Test::Arn, false),
    ("ArnNotEquals", Test::Arn, true),
    ("ArnNotLike", Test::Arn, true),
    ("Null", Test::Null, false),
];

/// Those of Tencent Cloud.
const COS: &[(&str, Test, bool)] = &[
    ("string_equal", Test::Text, false),
    ("string_not_equal", Test::Text, true),
    ("string_equal_ignore_case", Test::TextIgnoringCase, false),
    ("string_not_equal_ignore_case", Test::TextIgnoringCase, true),
    ("numeric_equal", Test::Number(Order::Equal), false),
    ("numeric_not_equal", Test::Number(Order::Unequal), true),
    ("numeric_less_than", Test::Number(Order::Less), false),
    ("numeric_less_than_equal", Test::Number(Order::LessOrEqual), false),
    ("numeric_greater_than", Test::Number(Order::Greater), false),
    ("numeric_greater_than_equal", Test::Number(Order::GreaterOrEqual), false),
    ("date_equal", Test::Date(Order::Equal), false),
    ("date_not_equal", Test::Date(Order::Unequal), true),
    ("date_less_than", Test::Date(Order::Less), false),
    ("date_less_than_equal", Test::Date(Order::LessOrEqual), false),
    ("date_greater_than", Test::Date(Order::Greater), false),
    ("date_greater_than_equal", Test::Date(Order::GreaterOrEqual), false),
    ("bool_equal", Test::Bool, false),
    ("binary_equal", Test::Binary, false),
    ("ip_equal", Test::Ip, false),
    ("ip_not_equal", Test::Ip, true),
    ("null_equal", Test::Null, false),
];

/// What stands before and behind the names of a dialect's operators.
struct Affixes {
    all: &'static str,
    any: &'static str,
    if_exists: &'static str,
}

impl Affixes {
    fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Cos => {
                Self { all: "for_all_value:", any: "for_any_value:", if_exists: "_if_exist" }
            }
            Dialect::Any | Dialect::Aws | Dialect::Coreweave => {
                Self { all: "ForAllValues:", any: "ForAnyValue:", if_exists: "IfExists" }
            }
        }
    }
}

/// A name taken apart, whatever its case.
struct Named {
    set: Set,
    base: &'static (&'static str, Test, bool),
    if_exists: bool,
}

impl Named {
    fn of(name: &str, dialect: Dialect) -> Option<Self> {
        let affixes = Affixes::of(dialect);
        let behind = |prefix: &str| {
            let start = name.get(..prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then(|| name.get(prefix.len()..))?
        };
        let (set, name) = match (behind(affixes.all), behind(affixes.any)) {
            (Some(rest), _) => (Set::All, rest),
            (_, Some(rest)) => (Set::Any, rest),
            (None, None) => (Set::None, name),
        };
        let before = name.len().checked_sub(affixes.if_exists.len()).and_then(|at| {
            let end = name.get(at..)?;
            end.eq_ignore_ascii_case(affixes.if_exists).then(|| name.get(..at))?
        });
        let (name, if_exists) = before.map_or((name, false), |name| (name, true));
        let names = if dialect == Dialect::Cos { COS } else { AWS };
        let base = names.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        let is_possible = !(base.1 == Test::Null && if_exists);
        is_possible.then_some(Self { set, base, if_exists })
    }
}

impl Operator {
    /// The operator of a name in any case; none where the dialect has no such.
    pub(crate) fn parse(name: &str, dialect: Dialect) -> Option<Self> {
        let Named { set, base: (_, test, negated), if_exists } = Named::of(name, dialect)?;
        Some(Self { test: *test, negated: *negated, set, if_exists })
    }

    /// The names of a dialect's operators, without prefixes and suffixes.
    pub(crate) fn names(dialect: Dialect) -> impl Iterator<Item = &'static str> {
        let names = if dialect == Dialect::Cos { COS } else { AWS };
        names.iter().map(|(name, ..)| *name)
    }

    /// How a dialect's reference writes a name; none where it has no such operator.
    pub(crate) fn canonical(name: &str, dialect: Dialect) -> Option<String> {
        let Named { set, base: (base, ..), if_exists } = Named::of(name, dialect)?;
        let affixes = Affixes::of(dialect);
        let prefix = match set {
            Set::None => "",
            Set::All => affixes.all,
            Set::Any => affixes.any,
        };
        Some(format!("{prefix}{base}{}", if if_exists { affixes.if_exists } else { "" }))
    }

    /// Whether no listed value may match.
    pub(crate) fn is_negated(self) -> bool {
        self.negated
    }

    /// Which group it is of.
    pub(crate) fn family(self) -> Family {
        match self.test {
            Test::Text | Test::TextIgnoringCase | Test::TextLike => Family::Text,
            Test::Number(_) => Family::Number,
            Test::Date(_) => Family::Date,
            Test::Bool => Family::Bool,
            Test::Binary => Family::Binary,
            Test::Ip => Family::Ip,
            Test::Arn => Family::Arn,
            Test::Null => Family::Null,
        }
    }

    /// Whether `${key}` may be a variable in its values.
    pub(crate) fn takes_variables(self) -> bool {
        matches!(self.family(), Family::Text | Family::Arn | Family::Bool)
    }

    /// A value as this operator, or an unknown one, reads it.
    pub(crate) fn pattern(this: Option<Self>, text: &str, has_variables: bool) -> Pattern {
        let wildcards = match this.map(|operator| operator.test) {
            Some(Test::TextLike | Test::Arn) => Wildcards::Active,
            _ => Wildcards::Plain,
        };
        let takes_variables = this.is_some_and(Self::takes_variables);
        let variables =
            if has_variables && takes_variables { Variables::Anywhere } else { Variables::Nowhere };
        Pattern::new(text, wildcards, variables)
    }
}
