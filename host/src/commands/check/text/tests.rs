use expect_test::{Expect, expect};

use super::super::outcome::Checked;
use super::*;
use crate::engine::policy::DocumentKind;

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "111111111111"},
      "Action": ["s3:ListBucket", "s3:ListObjects"],
      "Resource": "arn:aws:s3:::orbit/*"
    }
  ]
}
"#;

fn finding(level: Level, pointer: &str) -> Finding {
    Finding {
        code: "PC110".into(),
        level,
        dialect: Dialect::Aws,
        document: "policy.json".to_owned(),
        pointer: pointer.to_owned(),
        message: "the action is of buckets, and no resource is one".to_owned(),
        value: None,
        allowed: None,
        suggestion: None,
        patch: None,
    }
}

fn outcome(text: &str, findings: Vec<Finding>) -> Outcome {
    let source = Source::new("policy.json".to_owned(), text.to_owned());
    let kind = DocumentKind::BucketPolicy;
    let documents = vec![Checked { source, path: None, kind, dialect: Dialect::Aws }];
    Outcome { documents, findings, preflight: None, dialect: Dialect::Aws }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "what `expect!` makes")]
fn check(text: &str, findings: Vec<Finding>, expected: Expect) {
    expected.assert_eq(&render(&outcome(text, findings), false));
}

#[test]
fn a_patch_is_shown_as_the_lines_it_makes() {
    let patch = r#"[{"op":"replace","path":"/Statement/0/Resource","value":["arn:aws:s3:::orbit/*","arn:aws:s3:::orbit"]}]"#;
    let one =
        Finding { patch: Some(patch.to_owned()), ..finding(Level::Error, "/Statement/0/Action/0") };
    check(
        POLICY,
        vec![one],
        expect![[r#"
            error[PC110]: the action is of buckets, and no resource is one
             --> policy.json:7:18
              |
            6 |       "Principal": {"AWS": "111111111111"},
            7 |       "Action": ["s3:ListBucket", "s3:ListObjects"],
              |                  ^^^^^^^^^^^^^^^ /Statement/0/Action/0
            8 |       "Resource": "arn:aws:s3:::orbit/*"
              |
            help: write it so
              |
            8 -       "Resource": "arn:aws:s3:::orbit/*"
            8 +       "Resource": ["arn:aws:s3:::orbit/*", "arn:aws:s3:::orbit"]
              |

            1 error in 1 file
        "#]],
    );
}

#[test]
fn notes_say_what_is_allowed_and_what_to_try() {
    let one = Finding {
        allowed: Some("an action of buckets".to_owned()),
        suggestion: Some("\"s3:ListBucket\"".to_owned()),
        ..finding(Level::Warning, "/Statement/0/Action/1")
    };
    check(
        POLICY,
        vec![one, finding(Level::Security, "/Statement/0")],
        expect![[r#"
            warning[PC110]: the action is of buckets, and no resource is one
             --> policy.json:7:35
              |
            6 |       "Principal": {"AWS": "111111111111"},
            7 |       "Action": ["s3:ListBucket", "s3:ListObjects"],
              |                                   ^^^^^^^^^^^^^^^^ /Statement/0/Action/1
            8 |       "Resource": "arn:aws:s3:::orbit/*"
              |
              = note: allowed: an action of buckets
              = help: try `"s3:ListBucket"`

            security[PC110]: the action is of buckets, and no resource is one
             --> policy.json:4:5
              |
            3 |   "Statement": [
            4 |     {
              |     ^ /Statement/0
            5 |       "Effect": "Allow",
              |

            1 warning, 1 security finding in 1 file
        "#]],
    );
}

#[test]
fn what_is_missing_is_said_where_it_should_be() {
    let found = [finding(Level::Info, "/Statement/0/Sid"), finding(Level::Error, "")];
    check(
        POLICY,
        found.to_vec(),
        expect![[r#"
        info[PC110]: the action is of buckets, and no resource is one
         --> policy.json:4:5
          |
        3 |   "Statement": [
        4 |     {
          |     ^ /Statement/0/Sid is missing
        5 |       "Effect": "Allow",
          |

        error[PC110]: the action is of buckets, and no resource is one
         --> policy.json:1:1
          |
        1 | {
          | ^
        2 |   "Version": "2012-10-17",
          |

        1 error, 1 info in 1 file
    "#]],
    );
}

#[test]
fn whose_rules_they_are_is_said_where_any_was_asked() {
    let mut outcome = outcome(POLICY, vec![finding(Level::Error, "/Version")]);
    outcome.dialect = Dialect::Any;
    let shown = render(&outcome, false);
    assert!(shown.ends_with("\n1 error in 1 file, by the rules of Amazon S3\n"), "{shown}");
    let other = Finding { dialect: Dialect::Coreweave, ..finding(Level::Error, "/Version") };
    outcome.findings.push(other);
    let shown = render(&outcome, false);
    assert_eq!(shown.matches("= note: by the rules of Amazon S3").count(), 1, "{shown}");
    assert_eq!(shown.matches("= note: by the rules of CoreWeave").count(), 1, "{shown}");
    assert!(shown.ends_with("\n2 errors in 1 file\n"), "{shown}");
}

#[test]
fn several_changes_are_shown_where_they_are() {
    let patch = r#"[{"op":"replace","path":"/Statement/0/Action/1","value":"s3:ListBucket"},
        {"op":"replace","path":"/Version","value":"2008-10-17"}]"#;
    let one = Finding { patch: Some(patch.to_owned()), ..finding(Level::Error, "/Statement/0") };
    check(
        POLICY,
        vec![one],
        expect![[r#"
        error[PC110]: the action is of buckets, and no resource is one
         --> policy.json:4:5
          |
        3 |   "Statement": [
        4 |     {
          |     ^ /Statement/0
        5 |       "Effect": "Allow",
          |
        help: write it so
          |
        2 ~   "Version": "2008-10-17",
        3 |   "Statement": [
        ...
        6 |       "Principal": {"AWS": "111111111111"},
        7 ~       "Action": ["s3:ListBucket", "s3:ListBucket"],
          |

        1 error in 1 file
    "#]],
    );
}

#[test]
fn a_document_that_is_not_there_has_no_lines() {
    let one = Finding {
        document: "destination-policy".to_owned(),
        patch: Some("[]".to_owned()),
        ..finding(Level::Error, "")
    };
    check(
        POLICY,
        vec![one],
        expect![[r"
            error[PC110]: the action is of buckets, and no resource is one
            --> destination-policy
             = help: apply the patch []

            1 error in 1 file
        "]],
    );
}

#[test]
fn a_clean_document_has_one_line() {
    check(
        POLICY,
        Vec::new(),
        expect![[r"
        nothing found in 1 file
    "]],
    );
}

#[test]
fn nothing_of_others_steers_the_terminal() {
    let text = "{\"Version\u{202e}\": \"\u{1b}[31m\"}\u{1b}[2J";
    let mut one = finding(Level::Error, "/Version\u{1b}[2J\u{202e}");
    one.message = "a \u{1b}]0;title\u{7}\u{202e}".to_owned();
    one.suggestion = Some("\u{1b}[2J\n\u{9b}".to_owned());
    one.allowed = Some("\u{200f}\u{1b}c".to_owned());
    let mut outcome = outcome(text, vec![one]);
    outcome.documents[0].source.name = "\u{1b}[2J\npolicy.json".to_owned();
    outcome.findings[0].document = "\u{1b}[2J\npolicy.json".to_owned();
    let shown = render(&outcome, false);
    let obeyed = shown.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(obeyed, None, "{shown}");
    outcome.findings[0].document = "\u{1b}[2J\u{202e}".to_owned();
    let shown = render(&outcome, false);
    let obeyed = shown.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(obeyed, None, "{shown}");
}

#[test]
fn a_policy_on_one_line_is_cut_around_the_place() {
    let many: Vec<String> = (0..200).map(|i| format!("\"arn:aws:s3:::orbit-{i}/*\"")).collect();
    let text = format!("{{\"Statement\":[{{\"Resource\":[{}]}}]}}", many.join(","));
    check(
        &text,
        vec![finding(Level::Error, "/Statement/0/Resource/100")],
        expect![[r#"
        error[PC110]: the action is of buckets, and no resource is one
         --> policy.json:1:2618
          |
        1 | …::orbit-98/*","arn:aws:s3:::orbit-99/*","arn:aws:s3:::orbit-100/*","arn:aws:s3:::orbit-101/*","arn:aws:s3:::orbit-102/*"…
          |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^ /Statement/0/Resource/100

        1 error in 1 file
    "#]],
    );
}

#[test]
fn colour_is_only_there_where_it_is_asked_for() {
    let outcome = outcome(POLICY, vec![finding(Level::Error, "/Version")]);
    assert!(render(&outcome, true).contains("\u{1b}["));
    assert!(!render(&outcome, false).contains('\u{1b}'));
}

#[test]
fn thousands_of_findings_in_a_large_document_do_not_take_long() {
    let text = format!("{{\"a\": [{}0]}}", "0,".repeat(120_000));
    let findings = (0..5_000).map(|i| finding(Level::Error, &format!("/a/{}", i * 20)));
    let shown = render(&outcome(&text, findings.collect()), false);
    assert_eq!(shown.matches("error[PC110]").count(), 5_000);
}
