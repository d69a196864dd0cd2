//! The store that variables describe.

use stocktake_capabilities::{
    BucketCreation as _, Buckets as _, Condition, CreationOutcome, Error, Identities as _,
    Queue as _, State as _, Task,
};
use stocktake_core::run::configuration_key;

use crate::{Problem, Store, VARIABLE_BYTES_MAX};

#[track_caller]
fn store(variables: &[(&str, &str)]) -> Store {
    read(variables).unwrap()
}

fn read(variables: &[(&str, &str)]) -> Result<Store, Problem> {
    let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
    Store::read(|name| find(name).map(|(_, value)| (*value).to_owned()))
}

#[track_caller]
fn assert_unsupported<T: std::fmt::Debug>(answer: &Result<T, Error>) {
    assert!(matches!(answer, Err(Error::Unsupported(_))), "{answer:?}");
}

#[test]
fn nothing_describes_an_empty_store() {
    assert_eq!(store(&[]), Store::default());
    let blank = [" \n"; 3];
    let names = ["STOCKTAKE_RECORDS", "STOCKTAKE_BUCKETS", "STOCKTAKE_IDENTITIES"];
    let variables: Vec<(&str, &str)> = names.into_iter().zip(blank).collect();
    assert_eq!(store(&variables), Store::default());
    assert_eq!(Store::default().get("a"), Ok(None));
    assert_eq!(Store::default().find("AKID"), Ok(None));
}

#[test]
fn a_record_is_found_by_its_key_and_another_value_has_another_revision() {
    let key = configuration_key("logs", "daily");
    let of = |value: &str| {
        let records = serde_json::json!({ key.as_str(): value, "policies/logs": "{}" });
        store(&[("STOCKTAKE_RECORDS", &records.to_string())])
    };
    let first = of(r#"{"Id":"daily"}"#);
    let item = first.get(&key).unwrap().unwrap();
    assert_eq!(
        (item.key.as_str(), item.value.as_slice()),
        (key.as_str(), &br#"{"Id":"daily"}"#[..])
    );
    assert_eq!(first.get("policies/lo"), Ok(None));
    assert!(matches!(first.get(""), Err(Error::InvalidArgument(_))));
    assert_eq!(of(r#"{"Id":"daily"}"#).get(&key).unwrap().unwrap().revision, item.revision);
    assert_ne!(of(r#"{"Id":"dailz"}"#).get(&key).unwrap().unwrap().revision, item.revision);
}

#[test]
fn records_are_listed_in_order_and_in_pages() {
    let records: serde_json::Map<String, serde_json::Value> =
        (0..1001).rev().map(|number| (format!("a/{number:04}"), "".into())).collect();
    let mut records = serde_json::Value::from(records);
    records["b"] = "".into();
    let store = store(&[("STOCKTAKE_RECORDS", &records.to_string())]);
    let first = store.list("a/", None).unwrap();
    let keys: Vec<&str> = first.items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!((keys.len(), keys[0], keys[999]), (1000, "a/0000", "a/0999"));
    let last = store.list("a/", first.next.as_deref()).unwrap();
    assert_eq!((last.items.len(), last.items[0].key.as_str()), (1, "a/1000"));
    assert_eq!(last.next, None);
    assert_eq!(store.list("b", None).unwrap().items.len(), 1);
    for foreign in ["", "a/", "2a/0999"] {
        let refused = store.list("a/", Some(foreign));
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{refused:?}");
    }
    assert!(store.list("b", first.next.as_deref()).is_err());
}

#[test]
fn what_would_change_the_store_is_refused() {
    let store = store(&[("STOCKTAKE_RECORDS", r#"{"a": "1"}"#), ("STOCKTAKE_BUCKETS", "logs")]);
    let before = store.clone();
    for condition in [Condition::Always, Condition::Absent, Condition::Unchanged(1)] {
        assert_unsupported(&store.put("a", b"2", condition));
        assert_unsupported(&store.delete("a", condition));
    }
    assert!(matches!(store.put("", b"", Condition::Always), Err(Error::InvalidArgument(_))));
    assert_unsupported(&store.create_bucket("new", None));
    assert_eq!(store.create_bucket("logs", None), Ok(CreationOutcome::AlreadyOwned));
    assert_unsupported(&store.enqueue(&[Task::default()]));
    assert_eq!(store.enqueue(&[]), Ok(()));
    assert_eq!(store, before);
}

#[test]
fn of_buckets_the_names_are_known() {
    let store = store(&[("STOCKTAKE_BUCKETS", "reports logs\nlogs ")]);
    let page = store.list_buckets(None).unwrap();
    let names: Vec<&str> = page.buckets.iter().map(|bucket| bucket.name.as_str()).collect();
    assert_eq!((names, page.next), (vec!["logs", "reports"], None));
    assert_eq!(store.head_bucket("logs").unwrap().name, "logs");
    assert_eq!(store.head_bucket("log"), Err(Error::NoSuchBucket));
    assert_eq!(store.bucket_policy("logs"), Ok(None));
    assert_eq!(store.bucket_policy("log"), Err(Error::NoSuchBucket));
    assert_unsupported(&store.objects("logs"));
    assert_eq!(store.objects("log"), Err(Error::NoSuchBucket));
}

#[test]
fn an_identity_is_found_by_its_whole_access_key() {
    let text = "AKID:s/e+c=:arn:aws:iam::123456789012:user/a:b\nOTHER:s:arn:aws:iam::1:root";
    let store = store(&[("STOCKTAKE_IDENTITIES", text)]);
    let found = store.find("AKID").unwrap().unwrap();
    assert_eq!((found.secret.as_str(), found.account.as_str()), ("s/e+c=", "123456789012"));
    assert_eq!(found.principal, "arn:aws:iam::123456789012:user/a:b");
    assert!(found.administrator && !found.suspended);
    assert_eq!(store.find("OTHER").unwrap().unwrap().account, "1");
    for other in ["", "AKI", "akid"] {
        assert_eq!(store.find(other), Ok(None));
    }
}

#[test]
fn what_describes_no_store_is_told_without_secrets() {
    let arn = "arn:aws:iam::1:user/u";
    let identities = [
        "K:hidden",
        "K::arn:aws:iam::1:user/u",
        ":hidden:arn:aws:iam::1:user/u",
        "K:hidden:user/u",
        "K:hidden:arn:aws:iam:::user/u",
    ];
    for text in identities {
        let refused = read(&[("STOCKTAKE_IDENTITIES", text)]).unwrap_err();
        assert_eq!(refused.variable, "STOCKTAKE_IDENTITIES");
        let refused = refused.to_string();
        assert!(refused.contains("ACCESS-KEY:SECRET:") && !refused.contains("hidden"), "{refused}");
    }
    let twice = format!("K:hidden:{arn} K:hidden:{arn}");
    let refused = read(&[("STOCKTAKE_IDENTITIES", &twice)]).unwrap_err().to_string();
    assert!(refused.contains("identity 2") && !refused.contains("hidden"), "{refused}");
    for (text, said) in [
        ("[]", "no JSON object"),
        (r#"{"a": 1}"#, "no JSON object"),
        (r#"{"a": "1"} {}"#, "trailing characters"),
        (r#"{"a": "1", "a": "2"}"#, "`a` is there twice"),
        (r#"{"": "1"}"#, "a key of 0 bytes"),
    ] {
        let refused = read(&[("STOCKTAKE_RECORDS", text)]).unwrap_err().to_string();
        assert!(refused.starts_with("STOCKTAKE_RECORDS: ") && refused.contains(said), "{refused}");
    }
    let long = " ".repeat(VARIABLE_BYTES_MAX + 1);
    for variable in ["STOCKTAKE_RECORDS", "STOCKTAKE_BUCKETS", "STOCKTAKE_IDENTITIES"] {
        let refused = read(&[(variable, &long)]).unwrap_err().to_string();
        assert!(refused.contains("has 131073 bytes"), "{refused}");
        assert!(read(&[(variable, &long[1..])]).is_ok());
    }
}
