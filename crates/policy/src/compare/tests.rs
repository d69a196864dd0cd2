use serde_json::{Value as Json, json};
use stocktake_core::finding::Dialect::{Aws, Coreweave};
use stocktake_core::finding::{Finding, Level};
use stocktake_core::policy::BucketRole;

use super::*;
use crate::guides::{P1, USER, compared};
use crate::patch::tests::apply;

/// One that lets the writer in, and nobody else.
const WRITER: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Write", "Effect": "Allow",
    "Principal": {"CW": "arn:aws:iam::static:role/static/inventory"}, "Action": "s3:PutObject",
    "Resource": ["arn:aws:s3:::harbor-data/*"]}]}"#;

fn source(before: Option<&str>, after: Option<&str>) -> Comparison {
    compared(Coreweave, "harbor-data", BucketRole::Source, [before, after], &[USER])
}

fn of(comparison: &Comparison, code: &str) -> Vec<Finding> {
    comparison.findings.iter().filter(|it| it.code == code).cloned().collect()
}

fn changes_of(comparison: &Comparison, who: &str, change: Change) -> Vec<String> {
    let changes = comparison.changes.iter().filter(|it| it.who == who && it.change == change);
    changes.map(|it| it.action.clone()).collect()
}

#[test]
fn to_let_the_writer_in_locks_the_owner_out() {
    let comparison = source(Some(P1), Some(WRITER));
    assert!(comparison.locks_out);
    let [lost] = of(&comparison, "PC301").try_into().unwrap();
    assert!(lost.level == Level::Error && lost.message.contains(USER), "{lost:?}");
    assert!(lost.message.contains("`s3:PutBucketPolicy` stays"), "{lost:?}");
    assert_eq!(changes_of(&comparison, USER, Change::Lost), ["s3:GetObject", "s3:PutObject"]);
    let [dropped] = of(&comparison, "PC303").try_into().unwrap();
    for action in
        ["GetObject", "PutObject", "PutInventoryConfiguration", "ListInventoryConfigurations"]
    {
        assert!(dropped.message.contains(action), "{dropped:?}");
    }
    let managed = of(&comparison, "PC305");
    assert!(
        managed.iter().all(|it| it.level == Level::Error && it.message.contains("gate `bucket`"))
    );
    assert_eq!(managed.len(), 4);
    let kept = apply(WRITER, dropped.patch.as_deref().unwrap());
    let again = source(Some(P1), Some(&kept));
    assert!(!again.locks_out && of(&again, "PC303").is_empty(), "{again:#?}");
    assert!(changes_of(&again, USER, Change::Lost).is_empty());
}

#[test]
fn the_first_policy_takes_what_everybody_had() {
    let comparison = source(None, Some(WRITER));
    let [lost] = of(&comparison, "PC301").try_into().unwrap();
    assert!(lost.message.contains("all of 0f3a9c"), "{lost:?}");
    assert!(of(&comparison, "PC303").is_empty());
    let comparison = source(None, Some(P1));
    assert!(comparison.locks_out);
    let [lost] = of(&comparison, "PC301").try_into().unwrap();
    assert!(lost.message.contains("all of 0f3a9c"), "{lost:?}");
    let kept = changes_of(&comparison, USER, Change::Kept);
    assert!(
        ["s3:GetObject", "s3:PutObject", "s3:PutBucketPolicy"]
            .iter()
            .all(|it| kept.contains(&(*it).to_owned()))
    );
    assert!(of(&comparison, "PC303").is_empty());
}

#[test]
fn a_policy_for_the_audit_writer_alone_is_read_by_nobody() {
    let audit = r#"{"Statement": [{"Sid": "Audit", "Action": ["s3:ListBucket", "s3:PutObject"], "Effect": "Allow",
        "Principal": {"CW": ["arn:aws:iam::coreweave:static/audit-logs"]},
        "Resource": ["arn:aws:s3:::cw-0f3a9c-audit-logs", "arn:aws:s3:::cw-0f3a9c-audit-logs/*"]}],
        "Version": "2012-10-17"}"#;
    for people in [&[USER][..], &[]] {
        let bucket = "cw-0f3a9c-audit-logs";
        let comparison =
            compared(Coreweave, bucket, BucketRole::Audit, [None, Some(audit)], people);
        assert!(comparison.locks_out);
        assert_eq!(of(&comparison, "PC301").len(), 1, "{people:?}");
        assert_eq!(of(&comparison, "PC302").len(), 1, "{people:?}");
    }
    let mut open: Json = serde_json::from_str(audit).unwrap();
    let reader = json!({"Effect": "Allow", "Principal": {"CW": USER}, "Action": ["s3:ListBucket", "s3:GetObject"],
        "Resource": ["arn:aws:s3:::cw-0f3a9c-audit-logs", "arn:aws:s3:::cw-0f3a9c-audit-logs/*"]});
    open["Statement"].as_array_mut().unwrap().push(reader);
    let open = open.to_string();
    let states = [None, Some(open.as_str())];
    let comparison =
        compared(Coreweave, "cw-0f3a9c-audit-logs", BucketRole::Audit, states, &[USER]);
    assert!(!comparison.locks_out, "{comparison:#?}");
    assert!(of(&comparison, "PC302").is_empty());
}

#[test]
fn nothing_changes_where_nothing_is_changed() {
    for text in [None, Some(P1), Some(WRITER)] {
        let comparison = source(text, text);
        assert!(!comparison.locks_out && of(&comparison, "PC303").is_empty());
        let is_same = |it: &PermissionChange| matches!(it.change, Change::Kept | Change::Uncertain);
        assert!(comparison.changes.iter().all(is_same), "{comparison:#?}");
    }
}

#[test]
fn what_is_excepted_is_kept_with_its_statement() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"},
        "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::harbor-data/x", "Condition": {"Bool": {"k": "true"}}}]}"#;
    let told = |after: &str| {
        let states = [Some(policy), Some(after)];
        of(&compared(Aws, "harbor-data", BucketRole::Source, states, &[]), "PC303").len()
    };
    assert_eq!(told(policy), 0);
    assert_eq!(told(&policy.replace("s3:Put*", "s3:Get*")), 1);
    assert_eq!(told(&policy.replace("true", "false")), 1);
}

#[test]
fn what_one_way_takes_the_other_gives() {
    let there = source(Some(P1), Some(WRITER));
    let back = source(Some(WRITER), Some(P1));
    for (there, back) in there.changes.iter().zip(&back.changes) {
        assert_eq!((&there.who, &there.action), (&back.who, &back.action));
        let expected = match there.change {
            Change::Lost => Change::Gained,
            Change::Gained => Change::Lost,
            same => same,
        };
        assert_eq!(back.change, expected, "{there:?}");
    }
}

#[test]
fn a_denial_of_the_owner_is_told() {
    let policy = |principal: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": {{"AWS": "{principal}"}},
            "Action": "s3:*", "Resource": ["arn:aws:s3:::harbor-data", "arn:aws:s3:::harbor-data/*"]}}]}}"#
        )
    };
    let user = "arn:aws:iam::111122223333:user/admin";
    let told = |text: &str| {
        let states = [None, Some(text)];
        let comparison = compared(Aws, "harbor-data", BucketRole::Source, states, &[user]);
        of(&comparison, "PC304").into_iter().map(|it| it.pointer).collect::<Vec<_>>()
    };
    let found = told(&policy("111122223333"));
    assert!(!found.is_empty() && found.iter().all(|it| it == "/Statement/0"), "{found:?}");
    assert!(told(&policy("444455556666")).is_empty());
}
