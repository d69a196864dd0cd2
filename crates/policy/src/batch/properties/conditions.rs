//! Questions that one condition decides: every operator with every prefix and suffix, and values of its type.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Names of operators in aws and in cos, and values of their type.
const FAMILIES: &[(&[&str], &[&str], &[&str])] = &[
    (
        &["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
        &[
            "string_equal",
            "string_not_equal",
            "string_equal_ignore_case",
            "string_not_equal_ignore_case",
        ],
        &["x", "X", "y", "*", "${n}", "${n,'x'}", "${*}", ""],
    ),
    (
        &["StringLike", "StringNotLike"],
        &["string_like"],
        &["x", "x*", "*", "?", "xy", "${n}", "${*}", "${m, 'x'}*", "x?"],
    ),
    (
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        &["numeric_equal", "numeric_not_equal", "numeric_less_than", "numeric_greater_than_equal"],
        &["1", "1.0", "2", "-1", "10", "x", "0.5"],
    ),
    (
        &["DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThan"],
        &["date_equal", "date_not_equal", "date_less_than"],
        &["1970-01-02", "1970-01-02T00:00Z", "86400", "86401", "x"],
    ),
    (&["Bool"], &["bool_equal"], &["true", "false", "x", "${n}"]),
    (&["BinaryEquals"], &["binary_equal"], &["YQ==", "YWI=", "?"]),
    (
        &["IpAddress", "NotIpAddress"],
        &["ip_equal", "ip_not_equal"],
        &[
            "10.0.0.1",
            "10.0.0.0/8",
            "11.0.0.1",
            "10.0.0.0/31",
            "10.0.0.2/31",
            "10.0.0.3",
            "0.0.0.0/0",
            "::1",
            "x",
        ],
    ),
    (
        &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        &["null_equal"],
        &[
            "arn:aws:s3:::b",
            "arn:aws:s3:::*",
            "arn:*:s3:::b",
            "arn:aws:*",
            "arn:aws:s3:::b:c",
            "x",
            "arn:aws:s3:::${n}",
        ],
    ),
    (&["Null"], &["null_equal"], &["true", "false", "x"]),
];

fn values(
    family: &'static [&'static str],
    most: usize,
) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(family), 0..=most)
}

/// A question about a statement that applies but for its one condition.
pub(super) fn one_test() -> impl Strategy<Value = Value> {
    let family = prop::sample::select(FAMILIES);
    let shape =
        (any::<bool>(), 0..3_usize, prop::bool::weighted(0.3), any::<bool>(), any::<bool>());
    (family, shape).prop_flat_map(|((aws, cos, words), (is_aws, set, if_exists, allows, is_complete))| {
        let operators = if is_aws { aws } else { cos };
        let wanted = values(words, 3);
        let found = prop::option::weighted(0.8, values(words, 2));
        let other = prop::option::of(prop::sample::select(words));
        (prop::sample::select(operators), wanted, found, other).prop_map(move |(operator, wanted, found, other)| {
            let (sets, suffix) = if is_aws {
                (["", "ForAllValues:", "ForAnyValue:"], "IfExists")
            } else {
                (["", "for_all_value:", "for_any_value:"], "_if_exist")
            };
            let is_null = operator.to_lowercase().starts_with("null");
            let suffix = if if_exists && !is_null { suffix } else { "" };
            let condition = json!({format!("{}{operator}{suffix}", sets[set]): {"k": wanted}});
            let mut context = json!({});
            if let Some(found) = found {
                context["k"] = json!(found);
            }
            if let Some(other) = other {
                context["n"] = json!(other);
            }
            let question = |dialect, policies: Value, principal: &str| {
                json!({"dialect": dialect, "policies": policies, "request": {"principal": principal,
                    "action": if is_aws { "s3:GetObject" } else { "cos:GetObject" }, "resource": "b",
                    "context": context, "context-complete": is_complete}})
            };
            if is_aws {
                let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
                let mut statement = allow.clone();
                statement["Effect"] = json!(if allows { "Allow" } else { "Deny" });
                statement["Condition"] = condition;
                let statements = if allows { json!([statement]) } else { json!([allow, statement]) };
                question("aws", json!({"resource": {"Version": "2012-10-17", "Statement": statements}}), "*")
            } else {
                let allow =
                    json!({"effect": "allow", "principal": {"qcs": ["*"]}, "action": "*", "resource": "*"});
                let mut statement = allow.clone();
                statement["effect"] = json!(if allows { "allow" } else { "deny" });
                statement["condition"] = condition;
                let statements = if allows { json!([statement]) } else { json!([allow, statement]) };
                question("cos", json!({"resource": {"version": "2.0", "statement": statements}}), "*")
            }
        })
    })
}
