use stocktake_core::policy::{BucketRole, Change, ContextEntry, Decision, DocumentKind};

use super::*;

fn document(name: &str, bytes: usize) -> Document {
    let text = " ".repeat(bytes);
    Document { name: name.to_owned(), kind: DocumentKind::IdentityPolicy, text }
}

fn request() -> Request {
    Request {
        principal: crate::principal_named("arn:aws:iam::111111111111:user/u1", Dialect::Aws),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::b/k".to_owned(),
        resource_account: None,
        context: Vec::new(),
        context_complete: true,
    }
}

fn long() -> String {
    "x".repeat(TEXT_BYTES_MAX + 1)
}

#[track_caller]
fn breaks(found: Result<(), Breach>, document: &str, pointer: &str, message: &str) {
    let breach = found.unwrap_err();
    let found = (breach.document.as_str(), breach.pointer.as_str(), breach.message.as_str());
    assert_eq!(found, (document, pointer, message));
}

#[test]
fn documents_are_bounded_in_number_and_together() {
    let many: Vec<Document> = (0..=DOCUMENTS_MAX).map(|i| document(&format!("d{i}"), 1)).collect();
    assert_eq!(documents(many.iter().take(DOCUMENTS_MAX)), Ok(()));
    breaks(documents(many.iter()), "d256", "", "this is document 257, at most 256 are read");
    let large: Vec<Document> =
        (0..5).map(|i| document(&format!("d{i}"), DOCUMENT_BYTES_MAX)).collect();
    assert_eq!(documents(large.iter().take(4)), Ok(()));
    breaks(
        documents(large.iter()),
        "d4",
        "",
        "the documents up to this one have 1310720 bytes, at most 1048576 are read",
    );
}

#[test]
fn questions_are_bounded() {
    let spaces = " ".repeat(QUESTION_BYTES_MAX);
    assert!(crate::explain(&spaces).contains("the line is not JSON"));
    assert_eq!(
        crate::explain(&(spaces + " ")),
        r#"{"error":{"message":"the question has 1048577 bytes, at most 1048576 are read","pointer":""}}"#
    );
}

#[test]
fn every_part_of_a_request_is_bounded() {
    let judged = |change: fn(&mut Request)| {
        let mut request = request();
        change(&mut request);
        evaluate(&request, &Policies::default(), &Options::default())
    };
    assert_eq!(judged(|_| {}), Ok(()));
    let too_long = "8193 bytes, at most 8192 are read";
    breaks(judged(|it| it.action = long()), REQUEST, "/action", too_long);
    breaks(judged(|it| it.resource = long()), REQUEST, "/resource", too_long);
    breaks(judged(|it| it.resource_account = Some(long())), REQUEST, "/resource-account", too_long);
    breaks(judged(|it| it.principal.account = Some(long())), REQUEST, "/principal", too_long);
    breaks(judged(|it| it.principal.service = Some(long())), REQUEST, "/principal", too_long);
    breaks(judged(|it| it.principal.short_forms = vec![long()]), REQUEST, "/principal", too_long);
    breaks(
        judged(|it| it.principal.arns = vec![String::new(); NAMES_MAX + 1]),
        REQUEST,
        "/principal",
        "101 names, at most 100 are read",
    );
    let entry = |key: String, values: Vec<String>| ContextEntry { key, values };
    let judged = |context: Vec<ContextEntry>| {
        evaluate(&Request { context, ..request() }, &Policies::default(), &Options::default())
    };
    let most = vec![String::new(); CONTEXT_VALUES_MAX];
    assert_eq!(judged(vec![entry("k".to_owned(), most.clone()); 2]), Ok(()));
    breaks(
        judged(vec![entry("k".to_owned(), [most, vec![String::new()]].concat())]),
        REQUEST,
        "/context/0/values",
        "1001 values, at most 1000 are read",
    );
    breaks(judged(vec![entry(long(), vec![])]), REQUEST, "/context/0/key", too_long);
    let value = entry("k".to_owned(), vec![long()]);
    breaks(judged(vec![value]), REQUEST, "/context/0/values", too_long);
    breaks(
        judged(vec![entry("k".to_owned(), vec![]); CONTEXT_KEYS_MAX + 1]),
        REQUEST,
        "/context",
        "1001 keys, at most 1000 are read",
    );
}

#[test]
fn deliveries_replacements_and_options_are_bounded() {
    let none = Options::default();
    let people = vec![Principal::default(); PRINCIPALS_MAX + 1];
    let too_many = "201 principals, at most 200 are read";
    let delivery = Delivery { managers: people.clone(), ..Delivery::default() };
    breaks(preflight(&delivery, &none), REQUEST, "/managers", too_many);
    let delivery = Delivery { readers: people.clone(), ..Delivery::default() };
    breaks(preflight(&delivery, &none), REQUEST, "/readers", too_many);
    let too_long = "8193 bytes, at most 8192 are read";
    let delivery = Delivery { source_region: Some(long()), ..Delivery::default() };
    breaks(preflight(&delivery, &none), REQUEST, "/source-region", too_long);
    let replacement = Replacement {
        bucket: "b".to_owned(),
        role: BucketRole::Source,
        before: None,
        after: None,
        organization: None,
        principals: people,
    };
    breaks(compare(&replacement, &none), REQUEST, "/principals", too_many);
    let options = Options { bucket: Some(long()), ..Options::default() };
    let too_long_for_a_name = "8193 bytes, at most 255 are read";
    breaks(lint(&document("d", 1), &options), REQUEST, "/options/bucket", too_long_for_a_name);
}

#[test]
fn a_breach_is_a_finding_and_nothing_is_judged() {
    let options = Options::default();
    let name = long();
    let findings = crate::lint(&document(&name, 1), Dialect::Cos, &options);
    let told = ("PC001", Level::Error, Dialect::Cos, REQUEST, "/name");
    let found: Vec<_> = findings
        .iter()
        .map(|it| {
            (it.code.as_ref(), it.level, it.dialect, it.document.as_str(), it.pointer.as_str())
        })
        .collect();
    assert_eq!(found, [told]);
    let asked = Request { action: long(), ..request() };
    let verdict = crate::evaluate(&asked, &Policies::default(), Dialect::Aws, &options);
    assert_eq!(verdict.decision, Decision::InvalidDocument);
    assert_eq!(verdict.findings.len(), 1);
    let bounded = Replacement {
        bucket: "b".to_owned(),
        role: BucketRole::Source,
        before: None,
        after: None,
        organization: None,
        principals: Vec::new(),
    };
    assert!(crate::compare(&bounded, Dialect::Aws, &options).changes.len() > 1);
    let replacement = Replacement { bucket: long(), ..bounded };
    let compared = crate::compare(&replacement, Dialect::Aws, &options);
    assert!(compared.changes.iter().all(|it| it.change == Change::Uncertain));
    assert_eq!((compared.changes.len(), compared.findings.len()), (0, 1));
}

/// A pattern of a document may meet each text character by character.
#[test]
fn what_a_question_may_cost_is_bounded() {
    let entry = |values: usize| ContextEntry {
        key: "aws:UserAgent".to_owned(),
        values: vec!["a".repeat(4096); values],
    };
    let asked = |values| Request { context: vec![entry(values)], ..request() };
    let policies = Policies {
        identity: Some(vec![document("d", DOCUMENT_BYTES_MAX / 4)]),
        ..Policies::default()
    };
    let options = Options::default();
    assert_eq!(evaluate(&asked(1), &policies, &options), Ok(()));
    breaks(
        evaluate(&asked(2), &policies, &options),
        REQUEST,
        "",
        "536870912 comparisons of policies with texts, at most 268435456 are read",
    );
    let verdict = crate::evaluate(&asked(2), &policies, Dialect::Aws, &options);
    assert_eq!(verdict.decision, Decision::InvalidDocument);
}
