//! One question on the command line.

use expect_test::expect;

use super::*;

const ASKED: [&str; 8] = [
    "--principal",
    "arn:aws:iam::111122223333:user/ann",
    "--action",
    "s3:GetObject",
    "--resource",
    "arn:aws:s3:::reports/secret/plan.csv",
    "--resource-account",
    "111122223333",
];

fn ask(desk: &Desk, more: &[&str]) -> Ended {
    desk.explain(&[&ASKED[..], more].concat())
}

#[test]
fn an_answer_names_the_statement_that_decides() {
    let desk = Desk::with(&[("bucket.json", BUCKET)]);
    let allowed = ask(&desk, &["identity=", "@bucket.json"]);
    assert_eq!(allowed.code(), Some(0), "{allowed:?}");
    expect![[r#"
        allowed: arn:aws:iam::111122223333:user/ann may s3:GetObject on arn:aws:s3:::reports/secret/plan.csv
          because   @bucket.json /Statement/0 `Read` Allow, gate bucket
                    it applies
                  1 | {"Version": "2012-10-17", "Statement": [
                  2 |     {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"},
                  3 |      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"},
                  4 |     {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/secret/*",
        other statements:
          @bucket.json /Statement/1 `Tls` Deny: `Condition` at /Statement/1/Condition/Bool/aws:SecureTransport does not match
    "#]].assert_eq(&desk.shown(&allowed));
    let denied = ask(&desk, &["@bucket.json", "--context", "aws:SecureTransport=false"]);
    assert_eq!(denied.code(), Some(1), "{denied:?}");
    expect![[r#"
        denied: a statement denies arn:aws:iam::111122223333:user/ann s3:GetObject on arn:aws:s3:::reports/secret/plan.csv
          because   @bucket.json /Statement/1 `Tls` Deny, gate bucket
                    it applies
                  3 |      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"},
                  4 |     {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/secret/*",
                  5 |      "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
        other statements:
          @bucket.json /Statement/0 `Read` Allow: it applies
    "#]].assert_eq(&desk.shown(&denied));
    let open = ask(&desk, &["identity=", "@bucket.json", "--context-incomplete"]);
    assert_eq!(open.code(), Some(1), "{open:?}");
    expect![[r#"
        indeterminate: whether arn:aws:iam::111122223333:user/ann may s3:GetObject on arn:aws:s3:::reports/secret/plan.csv hangs on what is missing
          because   @bucket.json /Statement/1 `Tls` Deny, gate bucket
                    whether `Condition` at /Statement/1/Condition/Bool/aws:SecureTransport matches is unknown
                  4 |     {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/secret/*",
                  5 |      "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
                    |                                                    ^^^^^^^
          missing   aws:SecureTransport
        other statements:
          @bucket.json /Statement/0 `Read` Allow: it applies
    "#]].assert_eq(&desk.shown(&open));
}

#[test]
fn as_json_a_verdict_is_whole() {
    let desk = Desk::with(&[("bucket.json", BUCKET)]);
    let ended = ask(&desk, &["identity=", "@bucket.json", "--json"]);
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let verdict: Value = serde_json::from_str(&desk.shown(&ended)).unwrap();
    let read = json!({"document": "@bucket.json", "index": 0, "sid": "Read", "effect": "Allow",
        "outcome": "match", "via": "direct", "element": null, "pointer": null});
    let tls = json!({"document": "@bucket.json", "index": 1, "sid": "Tls", "effect": "Deny",
        "outcome": "no", "via": "direct", "element": "Condition",
        "pointer": "/Statement/1/Condition/Bool/aws:SecureTransport"});
    let expected = json!({"decision": "allowed", "gate": "bucket", "because": read, "missing": [],
        "assumed": [], "trace": [read, tls], "findings": []});
    assert_eq!(verdict, expected);
    let ended = ask(&desk, &["missing.json", "--json"]);
    assert_eq!((ended.code(), &ended.json()["error"]["code"]), (Some(2), &json!("usage")));
}

#[test]
fn what_a_file_is_follows_from_what_is_in_it() {
    let identity = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    let organization = r#"{"version": "v1alpha1", "name": "all", "statements": [{"name": "all", "effect": "Allow",
        "actions": ["s3:*"], "resources": ["*"], "principals": ["*"]}]}"#;
    let coreweave = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"CW": "*"},
        "Action": "s3:*", "Resource": "arn:aws:s3:::reports/*"}]}"#;
    let cam = r#"{"version": "2.0", "statement": [{"effect": "allow", "action": "cos:*", "resource": "*"}]}"#;
    let cos = r#"{"version": "2.0", "principal": {"qcs": ["qcs::cam::anonymous:anonymous"]},
        "statement": [{"effect": "deny", "action": "cos:*", "resource": "*"}]}"#;
    let word = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::reports/*", "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "CW"}}}]}"#;
    let named = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*",
        "Principal": {"AWS": "arn:aws:iam::0f3a9c:coreweave/u"}, "Resource": "arn:aws:s3:::reports/*"}]}"#;
    let desk = Desk::with(&[
        ("word.json", word),
        ("named.json", named),
        ("identity.json", identity),
        ("organization.json", organization),
        ("coreweave.json", coreweave),
        ("cam.json", cam),
        ("cos.json", cos),
    ]);
    let user = "arn:aws:iam::111122223333:user/u";
    let on = "arn:aws:s3:::reports/k";
    let decided = |principal: &str, action: &str, files: &[&str]| {
        let words = ["--principal", principal, "--action", action, "--resource", on, "--json"];
        let owner = ["--resource-account", "111122223333"];
        let ended = desk.explain(&[&words[..], &owner, files].concat());
        let verdict = ended.json();
        let text = |member: &str| verdict[member].as_str().map(str::to_owned);
        let gate = text("gate").unwrap_or_default();
        format!("{} {gate} {:?}", text("decision").unwrap_or(verdict.to_string()), ended.code())
    };
    let get = "s3:GetObject";
    assert_eq!(decided(user, get, &["@identity.json", "bucket="]), "allowed identity Some(0)");
    let both = ["@organization.json", "@coreweave.json"];
    assert_eq!(decided("coreweave/u", get, &both), "allowed bucket Some(0)");
    assert_eq!(
        decided("coreweave/u", get, &["@organization.json", "bucket="]),
        "allowed organization Some(0)"
    );
    let sub = "qcs::cam::uin/111122223333:uin/2";
    assert_eq!(
        decided(sub, "cos:GetObject", &["@cam.json", "bucket="]),
        "allowed identity Some(0)"
    );
    assert_eq!(
        decided(sub, "cos:GetObject", &["@cam.json", "@cos.json"]),
        "explicit-deny bucket Some(1)"
    );
    // A condition that holds `"CW"` tells nothing, the name of a principal does.
    assert_eq!(decided(user, get, &["@word.json", "identity="]), "allowed bucket Some(0)");
    assert_eq!(decided("role/g", get, &["@named.json"]), "implicit-deny bucket Some(1)");
    // Said otherwise, it is otherwise.
    assert_eq!(
        decided(user, get, &["bucket=@identity.json", "identity="]),
        "invalid-document  Some(2)"
    );
}

#[test]
fn without_an_answer_the_exit_code_is_2() {
    let identity = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    let desk = Desk::with(&[
        ("bucket.json", BUCKET),
        ("again.json", BUCKET),
        ("identity.json", identity),
        ("other.json", "{}"),
        ("large.json", &" ".repeat((256 << 10) + 1)),
        ("huge.json", &" ".repeat((2 << 20) + 1)),
    ]);
    let told = |more: &[&str]| {
        let ended = ask(&desk, more);
        assert_eq!(ended.code(), Some(2), "{ended:?}");
        ended.stderr.last().unwrap().replace(&format!("{}/", desk.0.path().display()), "@")
    };
    let cases = [
        (&["@missing.json"][..], "there is no file `@missing.json`; name one, or `-` for stdin"),
        (
            &["key=missing.json"],
            "`key=missing.json`; the words before `=` are `bucket`, `identity`, `organization`",
        ),
        (&["@huge.json"], "`@huge.json` has more than 2 MiB"),
        (&["-", "bucket=-"], "stdin can be read once only"),
        (&["@other.json"], "write what it is: bucket=FILE, identity=FILE or organization=FILE"),
        (&["@bucket.json", "@again.json"], "`@again.json` is a second bucket policy"),
        (&["identity=@bucket.json", "@bucket.json"], "`@bucket.json` is given twice"),
        (&["organization=@other.json", "--dialect", "aws"], "which only --dialect coreweave has"),
        (&["organization=", "--dialect", "aws"], "`organization=` is a policy of an organization"),
        (
            &["identity=@identity.json", "--dialect", "coreweave"],
            "which only --dialect aws or cos has",
        ),
        (&["--context", "key"], "For more information, try '--help'."),
        (&["--batch", "-"], "For more information, try '--help'."),
    ];
    for (more, expected) in cases {
        let told = told(more);
        assert!(told.contains(expected), "{more:?}: {told}");
    }
    let ended = ask(&desk, &["bucket=@other.json"]);
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    expect![[r"
        no answer: a document is not valid, so whether arn:aws:iam::111122223333:user/ann may s3:GetObject on arn:aws:s3:::reports/secret/plan.csv is open
          PC004     @other.json: `Statement` is missing
    "]].assert_eq(&desk.shown(&ended));
    let ended = ask(&desk, &["bucket=@large.json"]);
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    assert!(
        ended.stdout.contains("the document has 262145 bytes, at most 262144 are read"),
        "{ended:?}"
    );
    let ended = desk.explain(&["--action", "s3:GetObject"]);
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    let ended = desk.explain(&["--batch", "@missing.jsonl"]);
    assert_eq!(ended.code(), Some(2), "{ended:?}");
}

#[test]
fn a_principal_has_the_account_of_its_arn_or_the_one_that_is_told() {
    let bucket = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny",
        "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}]}"#;
    let desk = Desk::with(&[("bucket.json", bucket)]);
    let ask = |principal: &str, more: &[&str]| {
        let words = [
            "--principal",
            principal,
            "--action",
            "s3:GetObject",
            "--resource",
            "arn:aws:s3:::b/k",
        ];
        let ended =
            desk.explain(&[&words[..], &["identity=", "@bucket.json", "--json"], more].concat());
        ended.json()["decision"].as_str().unwrap().to_owned()
    };
    assert_eq!(ask("arn:aws:iam::111122223333:user/u", &[]), "explicit-deny");
    assert_eq!(ask("AIDACKCEVSQ6C2EXAMPLE", &[]), "implicit-deny");
    assert_eq!(
        ask("AIDACKCEVSQ6C2EXAMPLE", &["--principal-account", "111122223333"]),
        "explicit-deny"
    );
}
