//! What judging a document costs: a document of twice the size about twice as much, and none more than is allowed.

use std::fmt::Write as _;

use stocktake_core::finding::Dialect;

use super::super::work::{Index, STEPS_MAX, Work};
use super::super::{DocumentKind, Options, judged};
use crate::parse::parse;
use crate::patch::at;
use crate::tree::{Node, child};

/// So many items with commas between them.
fn list(count: usize, mut item: impl FnMut(usize) -> String) -> String {
    let mut text = String::new();
    for i in 0..count {
        let comma = if i == 0 { "" } else { "," };
        write!(text, "{comma}{}", item(i)).unwrap();
    }
    text
}

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn statement(rest: &str) -> String {
    policy(&format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},"Resource":"arn:aws:s3:::b/*","Action":"s3:GetObject",{rest}}}"#
    ))
}

/// The steps that a document takes, and whether they were enough.
fn steps(text: &str, dialect: Dialect) -> (usize, bool) {
    let kind = DocumentKind::BucketPolicy;
    let document = crate::Document { name: "p".to_owned(), kind, text: text.to_owned() };
    let (findings, steps) = judged(&parse(&document, dialect), &Options::default());
    let is_cut = findings.iter().any(|it| it.message.starts_with("judging the document takes"));
    (steps, is_cut)
}

/// A document with so many of something.
type Document = fn(usize) -> String;

/// Documents of many parts, by what there is many of.
fn many() -> Vec<(&'static str, Document)> {
    vec![
        ("keys", |n| {
            let keys = list(n, |i| format!(r#""aws:k{i}":"v""#));
            statement(&format!(r#""Condition":{{"StringEquals":{{{keys}}}}}"#))
        }),
        ("keys of sets", |n| {
            let keys = list(n, |i| format!(r#""x:k{i}":"v""#));
            statement(&format!(r#""Condition":{{"ForAllValues:StringEquals":{{{keys}}}}}"#))
        }),
        ("values with variables", |n| {
            let values = list(n, |i| format!(r#""${{aws:k{i}}}""#));
            statement(&format!(r#""Condition":{{"StringLike":{{"aws:username":[{values}]}}}}"#))
        }),
        ("operators", |n| {
            let operators = list(n, |i| format!(r#""Op{i}":{{"aws:k":"v"}}"#));
            statement(&format!(r#""Condition":{{{operators}}}"#))
        }),
        ("members and actions", |n| {
            let members = list(n, |i| format!(r#""Member{i}":0"#));
            let actions = list(n, |i| format!(r#""s3:GetObject{i}""#));
            policy(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::b/*",{members},"Action":[{actions}]}}"#
            ))
        }),
        ("kinds of principals", |n| {
            let kinds = list(n, |i| format!(r#""K{i}":"x""#));
            policy(&format!(
                r#"{{"Effect":"Allow","Principal":{{{kinds}}},"Resource":"arn:aws:s3:::b/*","Action":"s3:GetObject"}}"#
            ))
        }),
        ("actions and resources", |n| {
            let actions = list(n, |_| r#""s3:ListObjects""#.to_owned());
            let resources = list(n, |i| format!(r#""arn:aws:s3:::b/{i}""#));
            policy(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Resource":[{resources}],"Action":[{actions}]}}"#
            ))
        }),
        ("keys and actions", |n| {
            let actions = list(n, |_| r#""s3:ListBucket""#.to_owned());
            let keys = list(n, |_| r#""s3:prefix":"v""#.to_owned());
            policy(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::b","Action":[{actions}],"Condition":{{"StringEquals":{{{keys}}}}}}}"#
            ))
        }),
    ]
}

#[test]
fn twice_the_document_takes_twice_the_steps() {
    for (what, document) in many() {
        for dialect in [Dialect::Aws, Dialect::Coreweave] {
            let [few, more] = [1000, 2000].map(|n| steps(&document(n), dialect));
            assert!(!few.1 && !more.1, "{what} {dialect:?}: cut at {more:?}");
            let limit = few.0 * 5 / 2 + 1000;
            assert!(more.0 <= limit, "{what} {dialect:?}: {} steps, then {}", few.0, more.0);
        }
    }
}

#[test]
fn what_takes_more_steps_than_allowed_is_cut_and_told() {
    // Each pattern is tried on each text, and fails at its last character.
    let slow = format!("*{}b", "a".repeat(500));
    let patterns = list(32, |i| format!(r#""arn:aws:s3:::b/{slow}{i}""#));
    let texts = list(64, |i| format!(r#""arn:aws:s3:::b/{}{i}""#, "a".repeat(1900)));
    let resources = policy(&format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":[{patterns},{texts}]}}"#
    ));
    assert_eq!(steps(&resources, Dialect::Aws), (STEPS_MAX, true));
    // Each denial is compared with each grant.
    let long = |c: char| format!("arn:aws:s3:::b/{}{c}", "?*".repeat(250));
    let grant = format!(
        r#"{{"Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"s3:PutObject","Resource":"{}"}}"#,
        long('a')
    );
    let denial = format!(
        r#"{{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"{}","Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"o"}}}}}}"#,
        long('b')
    );
    let both = [list(100, |_| grant.clone()), list(100, |_| denial.clone())].join(",");
    let (taken, _) = steps(&policy(&both), Dialect::Aws);
    assert!(taken <= STEPS_MAX);
}

#[test]
fn an_index_finds_what_a_search_finds() {
    let wide = list(40, |i| format!(r#""m{}":{{"a/b~":[{i},{{"x":1,"x":2}}]}}"#, i % 30));
    let root = Node::read(&format!("{{{wide}}}"), 8).unwrap();
    let (index, work) = (Index::new(&root), Work::new());
    let mut pointers = vec![String::new(), "/none".to_owned(), "/m1/a~1b~0/9".to_owned()];
    for i in 0..31 {
        let place = child(&format!("/m{i}"), "a/b~");
        pointers.extend([format!("{place}/0"), format!("{place}/1/x"), format!("/m{i}/y"), place]);
    }
    for pointer in pointers {
        let [found, expected] =
            [index.at(&pointer, &work), at(&root, &pointer)].map(|it| it.map(std::ptr::from_ref));
        assert_eq!(found, expected, "{pointer}");
    }
}
