//! Questions at random, of few words, so that statements often match.

use proptest::prelude::*;
use serde_json::{Value, json};

pub(super) const KEYS: &[&str] = &["k", "cw:PrincipalOrgID", "n"];
pub(super) const NAMES: [&str; 3] = ["identity", "resource", "organization"];
pub(super) const COS_ROOT: &str = "qcs::cam::uin/1:uin/1";

/// The words of one dialect.
struct Words {
    principals: &'static [&'static str],
    named: &'static [&'static str],
    key: &'static str,
    actions: &'static [&'static str],
    asked: &'static [&'static str],
    resources: &'static [&'static str],
    targets: &'static [&'static str],
    operators: &'static [&'static str],
    accounts: [&'static str; 2],
}

const AWS: Words = Words {
    principals: &[
        "arn:aws:iam::111111111111:user/u",
        "arn:aws:sts::111111111111:assumed-role/r/s",
        "arn:aws:iam::222222222222:user/u",
        "s3.amazonaws.com",
        "*",
    ],
    named: &[
        "*",
        "111111111111",
        "arn:aws:iam::111111111111:user/u",
        "arn:aws:iam::111111111111:role/p/r",
        "arn:aws:iam::222222222222:root",
        "arn:aws:iam::111111111111:user/*",
    ],
    key: "AWS",
    actions: &["s3:GetObject", "s3:Get*", "*", "s3:PutObject", "s3:ListBucket"],
    asked: &["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
    resources: &[
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b",
        "*",
        "arn:aws:s3:::b/${k}",
        "arn:aws:s3:::b/${n,'x'}",
    ],
    targets: &["arn:aws:s3:::b/x", "arn:aws:s3:::b"],
    operators: &[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
        "StringNotEqualsIfExists",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "ForAllValues:StringNotLike",
        "ForAnyValue:StringLikeIfExists",
        "Null",
        "NumericEquals",
        "NumericLessThan",
        "NumericGreaterThanEquals",
        "NumericNotEquals",
        "ForAllValues:NumericLessThanEquals",
        "DateLessThan",
        "DateGreaterThan",
        "DateNotEquals",
        "Bool",
        "BoolIfExists",
        "BinaryEquals",
        "IpAddress",
        "NotIpAddress",
        "NotIpAddressIfExists",
        "ArnEquals",
        "ArnLike",
        "ArnNotLike",
        "Unheard",
    ],
    accounts: ["111111111111", "222222222222"],
};

const COREWEAVE: Words = Words {
    principals: &[
        "arn:aws:iam::0f:coreweave/u",
        "arn:aws:iam::0f:saml/g",
        "arn:aws:iam::static:role/static/inventory",
        "arn:aws:iam::aa:coreweave/u",
        "role/Object Storage Admin",
        "*",
    ],
    named: &[
        "*",
        "arn:aws:iam::0f:coreweave/u",
        "arn:aws:iam::static:role/static/inventory",
        "arn:aws:iam::0f:saml/g",
    ],
    key: "CW",
    actions: &["s3:*", "s3:GetObject", "s3:ListBucket", "cwobject:*", "s3:PutBucketPolicy", "*"],
    asked: &[
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutBucketPolicy",
        "s3:ListAllMyBuckets",
        "cwobject:CreateAccessKey",
    ],
    resources: &["*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${k}"],
    accounts: ["0f", "aa"],
    ..AWS
};

const COS: Words = Words {
    principals: &[
        COS_ROOT,
        "qcs::cam::uin/1:uin/11",
        "qcs::cam::uin/2:uin/22",
        "qcs::cam::uin/2:uin/2",
        "*",
    ],
    named: &[
        "*",
        "qcs::cam::anonymous:anonymous",
        COS_ROOT,
        "qcs::cam::uin/1:uin/11",
        "qcs::cam::uin/2:uin/2",
    ],
    key: "qcs",
    actions: &["name/cos:GetObject", "cos:*", "*", "name/cos:PutObject", "cos:GetBucket"],
    asked: &["name/cos:GetObject", "cos:PutObject", "name/cos:GetBucket"],
    resources: &["qcs::cos:r:uid/1:b/*", "*", "qcs::cos:r:uid/1:b"],
    targets: &["qcs::cos:r:uid/1:b/x", "qcs::cos:r:uid/1:b"],
    operators: &[
        "string_equal",
        "string_not_equal",
        "string_like",
        "string_equal_if_exist",
        "for_all_value:string_equal",
        "for_any_value:string_not_equal",
        "string_not_equal_if_exist",
        "string_equal_ignore_case",
        "null_equal",
        "numeric_less_than",
        "numeric_not_equal",
        "bool_equal",
        "ip_equal",
        "ip_not_equal",
        "date_equal",
    ],
    accounts: ["1", "2"],
};

/// Texts that are something to one operator or another.
const VALUES: &[&str] = &[
    "1",
    "2",
    "1.0",
    "x",
    "X",
    "x*",
    "*",
    "?",
    "true",
    "false",
    "0f",
    "YQ==",
    "1970-01-02",
    "86400",
    "10.0.0.1",
    "10.0.0.0/8",
    "11.0.0.0/8",
    "arn:aws:s3:::b",
    "arn:aws:s3:::*",
    "arn:*:s3:::b",
    "${k}",
    "${n, 'x'}",
    "a${*}",
];

/// Values of a key.
pub(super) fn values() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(VALUES).prop_map(str::to_owned), 1..3)
}

/// A question of any dialect.
pub(super) fn question() -> impl Strategy<Value = Value> {
    prop_oneof![
        of("aws", &AWS, "Effect"),
        of("coreweave", &COREWEAVE, "Effect"),
        of("cos", &COS, "effect")
    ]
}

fn of(
    dialect: &'static str,
    words: &'static Words,
    style: &'static str,
) -> impl Strategy<Value = Value> {
    let identity = prop::collection::vec(policy(words, style, false), 0..3);
    let resource = prop::option::weighted(0.8, policy(words, style, true));
    let organization = prop::collection::vec(organization(), 0..3);
    let documents = (
        prop::option::weighted(0.9, identity),
        prop::option::weighted(0.9, resource),
        prop::option::weighted(0.9, organization),
    );
    (documents, request(words)).prop_map(move |((identity, resource, organization), request)| {
        let mut policies = json!({});
        if let Some(identity) = identity {
            policies["identity"] = json!(identity);
        }
        if let Some(resource) = resource {
            policies["resource"] = json!(resource);
        }
        if let Some(organization) = organization {
            policies["organization"] = json!(organization);
        }
        json!({"dialect": dialect, "policies": policies, "request": request})
    })
}

fn request(words: &'static Words) -> impl Strategy<Value = Value> {
    let context = prop::collection::btree_map(prop::sample::select(KEYS), values(), 0..3);
    let account = prop::option::weighted(0.95, prop::sample::select(&words.accounts[..]));
    let select = prop::sample::select;
    let asked = (select(words.principals), select(words.asked), select(words.targets));
    (asked, account, context, any::<bool>()).prop_map(
        |((principal, action, resource), account, context, is_complete)| {
            json!({"principal": principal, "action": action, "resource": resource,
                "resource-account": account, "context": context, "context-complete": is_complete})
        },
    )
}

fn policy(
    words: &'static Words,
    style: &'static str,
    is_resource: bool,
) -> impl Strategy<Value = Value> {
    prop::collection::vec(statement(words, style, is_resource), 1..4).prop_map(move |statements| {
        if style == "effect" {
            json!({"version": "2.0", "statement": statements})
        } else {
            json!({"Version": "2012-10-17", "Statement": statements})
        }
    })
}

fn statement(
    words: &'static Words,
    style: &'static str,
    is_resource: bool,
) -> impl Strategy<Value = Value> {
    let select = prop::sample::select;
    let some =
        |all: &'static [&'static str]| prop::collection::vec(prop::sample::select(all), 1..3);
    let condition = (select(words.operators), select(KEYS), values());
    let elements = (some(words.named), some(words.actions), some(words.resources));
    let negated = prop::array::uniform3(prop::bool::weighted(0.1));
    (prop::bool::weighted(0.75), elements, prop::option::weighted(0.4, condition), negated, 0..6)
        .prop_map(move |(allows, (named, actions, resources), condition, negated, more)| {
            if style == "effect" {
                let mut statement = json!({"effect": if allows { "allow" } else { "deny" },
                    "action": actions, "resource": resources});
                if is_resource {
                    statement["principal"] = json!({words.key: named});
                }
                if let Some((operator, key, values)) = condition {
                    statement["condition"] = json!({operator: {key: values}});
                }
                return statement;
            }
            let name = |name: &str, is_negated: bool| {
                if is_negated { format!("Not{name}") } else { name.to_owned() }
            };
            let mut statement = json!({"Effect": if allows { "Allow" } else { "Deny" },
                name("Action", negated[0]): actions, name("Resource", negated[1]): resources});
            if is_resource {
                let mut who = json!({words.key: named});
                match more {
                    1 => who = json!("*"),
                    2 if words.key == "AWS" => who["Service"] = json!("s3.amazonaws.com"),
                    3 if words.key == "CW" => who["AWS"] = json!(["arn:aws:iam::0f:saml/g"]),
                    _ => {}
                }
                statement[name("Principal", negated[2])] = who;
            }
            if let Some((operator, key, values)) = condition {
                statement["Condition"] = json!({operator: {key: values}});
            }
            statement
        })
}

fn organization() -> impl Strategy<Value = Value> {
    let some =
        |all: &'static [&'static str]| prop::collection::vec(prop::sample::select(all), 1..3);
    let principals =
        some(&["*", "coreweave/u", "coreweave/*", "role/g", "arn:aws:iam::0f:coreweave/u"]);
    let statement = (
        prop::bool::weighted(0.8),
        some(COREWEAVE.actions),
        some(&["*", "b", "b/*"]),
        principals,
    )
        .prop_map(|(allows, actions, resources, principals)| {
            json!({"name": "n", "effect": if allows { "Allow" } else { "Deny" }, "actions": actions,
                "resources": resources, "principals": principals})
        });
    prop::collection::vec(statement, 1..3).prop_map(
        |statements| json!({"policy": {"version": "v1alpha1", "name": "n", "statements": statements}}),
    )
}

/// The lists of statements that count in the question's dialect.
pub(super) fn statements(question: &Value) -> Vec<Vec<Value>> {
    let mut copy = question.clone();
    statements_mut(&mut copy).into_iter().map(|list| list.clone()).collect()
}

pub(super) fn statements_mut(question: &mut Value) -> Vec<&mut Vec<Value>> {
    let ignored = if question["dialect"] == "coreweave" { "identity" } else { "organization" };
    let policies = question["policies"].as_object_mut().unwrap();
    let mut found = Vec::new();
    for (name, documents) in policies.iter_mut().filter(|(name, _)| *name != ignored) {
        let documents: Vec<&mut Value> = match (name.as_str(), documents) {
            (_, Value::Null) => Vec::new(),
            ("resource", document) => vec![document],
            (_, documents) => documents.as_array_mut().unwrap().iter_mut().collect(),
        };
        for document in documents {
            let is_wrapped = document.get("policy").is_some();
            let policy = if is_wrapped { &mut document["policy"] } else { document };
            let policy = policy.as_object_mut().unwrap();
            let list =
                policy.iter_mut().find(|(name, _)| name.to_lowercase().starts_with("statement"));
            found.push(list.unwrap().1.as_array_mut().unwrap());
        }
    }
    found
}

/// Makes a statement hold for everyone and everything, always.
pub(super) fn widen(statement: &mut Value) {
    let members = statement.as_object_mut().unwrap();
    members.retain(|name, _| !name.to_lowercase().starts_with("condition"));
    let names: Vec<String> = members.keys().cloned().collect();
    for name in names {
        let is_list = ["principal", "action", "resource"]
            .iter()
            .any(|word| name.to_lowercase().contains(word));
        if !is_list {
            continue;
        }
        members.remove(&name);
        let value = if name.ends_with('s') { json!(["*"]) } else { json!("*") };
        members.insert(name.trim_start_matches("Not").to_owned(), value);
    }
}

/// The document of a name that verdicts give it.
pub(super) fn document<'q>(question: &'q Value, name: &str) -> &'q Value {
    match name.rsplit_once('-') {
        Some(("bucket", "policy")) => &question["policies"]["resource"],
        Some((list, index)) => &question["policies"][list][index.parse::<usize>().unwrap()],
        None => panic!("{name}"),
    }
}
