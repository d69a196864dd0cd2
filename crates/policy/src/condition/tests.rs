use std::collections::BTreeMap;
use std::sync::Arc;

use stocktake_core::finding::Dialect;

use super::*;

struct Context(BTreeMap<String, Vec<String>>);

impl Circumstances for Context {
    fn known(&self, key: &str) -> Known<'_> {
        match self.0.iter().find(|(name, _)| fold::same(name, key)) {
            _ if key == "unknown" => Known::Unknown,
            Some((_, values)) if !values.is_empty() => Known::Set(values),
            _ => Known::Absent,
        }
    }
}

/// Whether `operator: {"k": wanted}` holds where `k` has the values `found`.
fn judge_in(dialect: Dialect, operator: &str, wanted: &[&str], found: &[&str]) -> Truth {
    let parsed = Operator::parse(operator, dialect);
    let value = |text: &&str| ConditionValue {
        text: (*text).to_owned(),
        pattern: Operator::pattern(parsed, text, true),
    };
    let condition = Condition {
        operator_text: operator.into(),
        operator: parsed,
        key: "k".to_owned(),
        pointer: Arc::from(""),
        values: wanted.iter().map(value).collect(),
    };
    let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let context = Context(BTreeMap::from([
        ("k".to_owned(), texts(found)),
        ("star".to_owned(), texts(&["*"])),
        ("two".to_owned(), texts(&["a", "b"])),
        ("arn".to_owned(), texts(&["arn:aws:s3:::b"])),
    ]));
    holds(&condition, &context, &mut Vec::new())
}

#[track_caller]
fn check(cases: &str) {
    for case in cases.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = case.split('|').map(str::trim).collect();
        let [operator, wanted, found, expected] = fields.as_slice() else { panic!("{case}") };
        let wanted: Vec<&str> = wanted.split_whitespace().collect();
        let found: Vec<&str> = found.split_whitespace().collect();
        let dialect = if operator.contains('_') { Dialect::Cos } else { Dialect::Aws };
        let truth = judge_in(dialect, operator, &wanted, &found);
        assert_eq!(format!("{truth:?}").to_lowercase(), *expected, "{case}");
    }
}

#[test]
fn every_operator_compares_as_documented() {
    check(
        "StringEquals | a | a | yes
         StringEquals | a | A | no
         StringEquals | b a | a | yes
         StringEquals | * | a | no
         StringEquals | * | * | yes
         stringequals | a | a | yes
         StringNotEquals | a b | c | yes
         StringNotEquals | a b | b | no
         StringEqualsIgnoreCase | ÄB | äb | yes
         StringNotEqualsIgnoreCase | ab | AB | no
         StringLike | a*/? | a/x/y | yes
         StringLike | a* | A | no
         StringNotLike | a* b* | c | yes
         StringNotLike | a* b* | b1 | no
         NumericEquals | 10 | 10.0 | yes
         NumericNotEquals | 10 | 10.0 | no
         NumericNotEquals | 10 | 11 | yes
         NumericNotEquals | 10 x | 11 | no
         NumericNotEquals | 10 | x | no
         NumericEquals | x 10 | 10 | yes
         NumericLessThan | 10 | 9.99 | yes
         NumericLessThan | 10 | 10 | no
         NumericLessThanEquals | 10 | 10 | yes
         NumericGreaterThan | 10 | 10 | no
         NumericGreaterThan | 10 5 | 7 | yes
         NumericGreaterThanEquals | 10 | 10 | yes
         NumericGreaterThanEquals | 10 | x | no
         DateEquals | 2026-11-08T01:00:00Z | 1794099600 | yes
         DateNotEquals | 2026-11-08 | 2026-11-09 | yes
         DateNotEquals | tomorrow | 2026-11-09 | no
         DateLessThan | 2026-11-08 | 2026-11-07T23:59:59Z | yes
         DateGreaterThan | 2026-11-08 | 2026-11-08 | no
         DateGreaterThanEquals | 2026-11-08 | 2026-11-08 | yes
         DateLessThanEquals | 2026 | 2026-01-01 | yes
         Bool | true | TRUE | yes
         Bool | True | false | no
         Bool | x | x | no
         BinaryEquals | QmluYXJ5 | QmluYXJ5 | yes
         BinaryEquals | QmluYXJ5 | QmluYXJ6 | no
         BinaryEquals | ??? | ??? | no
         IpAddress | 203.0.113.0/24 | 203.0.113.9 | yes
         IpAddress | 203.0.113.77/24 | 203.0.113.9 | yes
         IpAddress | 203.0.113.0/24 | 203.0.114.9 | no
         IpAddress | 203.0.113.9 | 203.0.113.9 | yes
         IpAddress | 0.0.0.0/0 | 1.2.3.4 | yes
         IpAddress | 0.0.0.0/0 | ::1 | no
         IpAddress | ::/0 | 1.2.3.4 | no
         IpAddress | 2001:db8::/32 | 2001:db8:1::5 | yes
         IpAddress | 10.0.0.0/33 | 10.0.0.1 | no
         IpAddress | 10.0.0.0/+8 | 10.0.0.1 | no
         NotIpAddress | 10.0.0.0/33 | 10.0.0.1 | yes
         NotIpAddress | 10.0.0.0/8 | 10.0.0.1 | no
         ArnLike | arn:aws:s3:::b* | arn:aws:s3:::bucket | yes
         ArnEquals | arn:aws:s3:::b* | arn:aws:s3:::bucket | yes
         ArnLike | arn:aws:*:::b | arn:aws:s3:::b | yes
         ArnLike | arn:*:b | arn:aws:s3:::b | no
         ArnLike | arn:aws:sns:*:1:* | arn:aws:sns:r:1:t:u | yes
         ArnLike | arn:aws:sns:*:* | arn:aws:sns:r:1:t | no
         ArnLike | * | arn:aws:s3:::b | no
         ArnNotLike | arn:aws:s3:::b | arn:aws:s3:::c | yes
         ArnNotEquals | arn:aws:s3:::b* | arn:aws:s3:::bc | no
         ArnNotLike | * | arn:aws:s3:::b | yes
         Null | true | | yes
         Null | false | | no
         Null | false | x | yes
         Null | True | x | no
         Null | false | x y | yes",
    );
}

#[test]
fn absent_keys_and_many_values_follow_the_table() {
    check(
        "StringEquals | a | | no
         StringNotEquals | a | | yes
         NumericNotEquals | 1 | | yes
         NotIpAddress | 10.0.0.0/8 | | yes
         StringEqualsIfExists | a | | yes
         StringNotEqualsIfExists | a | | yes
         StringEqualsIfExists | a | b | no
         BoolIfExists | true | false | no
         ForAllValues:StringEquals | a | | yes
         ForAnyValue:StringEquals | a | | no
         ForAnyValue:StringNotEquals | a | | no
         ForAnyValue:StringEqualsIfExists | a | | yes
         ForAllValues:StringEquals | a b | b a | yes
         ForAllValues:StringEquals | a b | a c | no
         ForAllValues:StringNotEquals | a b | c d | yes
         ForAllValues:StringNotEquals | a b | c a | no
         ForAnyValue:StringEquals | a b | c a | yes
         ForAnyValue:StringNotEquals | a b | a c | yes
         ForAnyValue:StringNotEquals | a b | a b | no
         StringEquals | a b | a b | no
         StringNotEquals | c | a b | no
         StringEqualsIfExists | a | a b | no
         StringEquals | | a | no
         StringNotEquals | | a | yes
         StringLikeX | a | a | unknown
         NullIfExists | true | | unknown",
    );
}

#[test]
fn variables_in_values_are_data() {
    check(
        "StringLike | ${star} | a | no
         StringLike | ${star} | * | yes
         StringLike | ${*}* | *a | yes
         StringEquals | ${none} | x | no
         StringNotEquals | ${none} | x | yes
         StringEquals | ${none,'x'} | x | yes
         StringEquals | ${two} | a | no
         StringEquals | ${unknown} | a | unknown
         StringNotEquals | ${unknown} | a | unknown
         StringEquals | ${unknown} a | a | yes
         StringNotEquals | ${unknown} a | a | no
         ArnLike | ${arn} | arn:aws:s3:::b | yes
         NumericEquals | ${star} | 1 | no",
    );
}

#[test]
fn tencent_names_mean_the_same() {
    check(
        "string_equal | a | a | yes
         string_not_equal | a | | yes
         string_equal_if_exist | a | | yes
         string_like | a | a | unknown
         numeric_less_than_equal | 5 | 5.0 | yes
         date_greater_than | 2026 | 2027 | yes
         ip_not_equal | 10.0.0.0/8 | 11.0.0.1 | yes
         bool_equal | true | true | yes
         null_equal | true | | yes
         null_equal_if_exist | true | | unknown
         for_all_value:string_equal | a | | yes
         for_any_value:string_equal | a | b a | yes",
    );
}
