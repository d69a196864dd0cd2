//! `put`, `get`, `list`, `delete`, also while others write.

use std::cell::{Cell, RefCell};

use expect_test::{Expect, expect};
use stocktake_capabilities::ItemPage;
use stocktake_capabilities::memory::MemoryState;

use super::*;

mod forms;

fn document(id: &str, format: &str) -> String {
    format!(
        r#"{{"Destination":{{"S3BucketDestination":{{"Bucket":"arn:aws:s3:::orbit-reports","Format":"{format}"}}}},"IsEnabled":true,"Id":"{id}","IncludedObjectVersions":"All","Schedule":{{"Frequency":"Daily"}}}}"#
    )
}

fn stored(state: &impl State, bucket: &str, id: &str, format: &str) -> PutOutcome {
    put(state, bucket, id, document(id, format).as_bytes(), Syntax::Json, Dialect::Aws, &[])
        .unwrap()
}

fn full() -> MemoryState {
    let state = MemoryState::default();
    for i in 0..CONFIGURATIONS_MAX {
        let id = format!("c{i}");
        let key = configuration_key("orbit-raw", &id);
        state.put(&key, document(&id, "CSV").as_bytes(), Condition::Always).unwrap();
    }
    state
}

#[test]
fn what_is_put_is_there_until_it_is_deleted() {
    let state = MemoryState::default();
    assert_eq!(get(&state, "orbit-raw", "daily"), Ok(None));
    assert_eq!(stored(&state, "orbit-raw", "daily", "CSV"), PutOutcome::Stored(Vec::new()));
    assert_eq!(get(&state, "orbit-raw", "daily"), Ok(Some(document("daily", "CSV"))));
    assert_eq!(stored(&state, "orbit-raw", "daily", "ORC"), PutOutcome::Stored(Vec::new()));
    assert_eq!(get(&state, "orbit-raw", "daily"), Ok(Some(document("daily", "ORC"))));
    assert_eq!(get(&state, "orbit", "daily"), Ok(None));
    assert_eq!(delete(&state, "orbit-raw", "daily", &[]), Ok(DeleteOutcome::Deleted));
    assert_eq!(delete(&state, "orbit-raw", "daily", &[]), Ok(DeleteOutcome::NoSuchConfiguration));
    assert_eq!(get(&state, "orbit-raw", "daily"), Ok(None));
}

#[test]
fn what_is_remembered_of_a_configuration_goes_with_it() {
    let state = MemoryState::default();
    for id in ["daily", "weekly"] {
        stored(&state, "orbit-raw", id, "CSV");
        state.put(&stretches_key("orbit-raw", id), b"[]", Condition::Always).unwrap();
    }
    assert_eq!(delete(&state, "orbit-raw", "daily", &[]), Ok(DeleteOutcome::Deleted));
    let left = state.list("", None).unwrap().items.into_iter().map(|item| item.key);
    let left: Vec<_> = left.collect();
    assert_eq!(left, ["inventory/orbit-raw/weekly", "stretches/orbit-raw/weekly"]);
    // One that a run left behind after that goes with the next request.
    state.put(&stretches_key("orbit-raw", "daily"), b"[]", Condition::Always).unwrap();
    assert_eq!(delete(&state, "orbit-raw", "daily", &[]), Ok(DeleteOutcome::NoSuchConfiguration));
    assert_eq!(state.list("", None).unwrap().items.len(), 2);
}

#[test]
fn a_refused_document_changes_nothing() {
    let state = MemoryState::default();
    stored(&state, "orbit-raw", "daily", "CSV");
    let refuse = |id: &str, document: &str, expected: &Expect| {
        let outcome =
            put(&state, "orbit-raw", id, document.as_bytes(), Syntax::Json, Dialect::Aws, &[]);
        let Ok(PutOutcome::Refused(findings)) = outcome else { panic!("{outcome:?}") };
        expected.assert_eq(&crate::check::tests::lines(&findings));
        assert_eq!(get(&state, "orbit-raw", "daily"), Ok(Some(document_of_daily())));
        assert_eq!(state.list("", None).unwrap().items.len(), 1);
    };
    refuse(
        "daily",
        &document("daily", "csv"),
        &expect![[r#"
        CF100 /Destination/S3BucketDestination/Format: `Format` has no such choice
            value "csv"
            allowed one of `CSV`, `ORC`, `Parquet`
            instead "CSV"
    "#]],
    );
    refuse(
        "other",
        &document("daily", "CSV"),
        &expect![[r#"
        CF100 /Id: `Id` is not the id of the request (IdMismatch)
            value "daily"
            allowed `other`
            instead "other"
    "#]],
    );
    refuse(
        "no/id",
        &document("daily", "CSV"),
        &expect![[r#"
        CF100 /Id: `Id` is not the id of the request (IdMismatch)
            value "daily"
            allowed `no/id`
    "#]],
    );
    refuse(
        "no/id",
        &document("no/id", "CSV"),
        &expect![[r#"
        CF100 /Id: `Id` holds other characters
            value "no/id"
            allowed 1 to 64 characters of `A-Z a-z 0-9 . _ -`
    "#]],
    );
}

fn document_of_daily() -> String {
    document("daily", "CSV")
}

#[test]
fn arguments_that_break_the_rules_are_errors() {
    let state = MemoryState::default();
    let invalid = |error: Error, expected: &Expect| {
        assert!(matches!(error, Error::InvalidArgument(_)), "{error:?}");
        expected.assert_eq(&error.to_string());
    };
    let valid = document_of_daily();
    let put = put(&state, "Orbit/", "daily", valid.as_bytes(), Syntax::Json, Dialect::Aws, &[]);
    invalid(
        put.unwrap_err(),
        &expect![[
            r#"invalid argument: the bucket name "Orbit/": a bucket name holds a-z, 0-9, `.` and `-` only, not 'O'"#
        ]],
    );
    invalid(
        get(&state, "orbit-raw", "a\n").unwrap_err(),
        &expect![[r#"invalid argument: the id "a\n"; use 1 to 64 of `A-Z a-z 0-9 . _ -`"#]],
    );
    invalid(
        delete(&state, "", "a", &[]).unwrap_err(),
        &expect![[
            r#"invalid argument: the bucket name "": a bucket name has 3 to 63 characters, not 0"#
        ]],
    );
    for cursor in
        ["", "1", "1/orbit-raw", "1/orbit/a", "2/orbit-raw/a", "1/orbit-raw/", "1/orbit-raw/a/b"]
    {
        let error = list(&state, "orbit-raw", Some(cursor)).unwrap_err();
        let text = "the continuation is of another listing; begin without one";
        assert_eq!(error, Error::InvalidArgument(text.to_owned()), "{cursor}");
    }
}

#[test]
fn pages_come_in_order_and_end() {
    let state = full();
    stored(&state, "orbit-raw-2", "other", "CSV");
    stored(&state, "orbit", "other", "CSV");
    let (mut found, mut sizes, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = list(&state, "orbit-raw", cursor.as_deref()).unwrap();
        sizes.push(page.configurations.len());
        found.extend(page.configurations);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut ids: Vec<String> = (0..CONFIGURATIONS_MAX).map(|i| format!("c{i}")).collect();
    ids.sort();
    let expected: Vec<String> = ids.iter().map(|id| document(id, "CSV")).collect();
    assert_eq!(found, expected);
    assert_eq!(sizes, [PAGE_CONFIGURATIONS_MAX; 10]);
    assert_eq!(list(&state, "nobody", None), Ok(ConfigurationPage::default()));
}

#[test]
fn a_page_goes_on_where_its_last_one_was_deleted() {
    let state = full();
    let first = list(&state, "orbit-raw", None).unwrap();
    let next = first.next.unwrap();
    let last = next.rsplit_once('/').unwrap().1;
    let before = list(&state, "orbit-raw", Some(&next)).unwrap();
    assert_eq!(delete(&state, "orbit-raw", last, &[]), Ok(DeleteOutcome::Deleted));
    assert_eq!(list(&state, "orbit-raw", Some(&next)).unwrap(), before);
}

#[test]
fn a_full_bucket_takes_replacements_only() {
    let state = full();
    let other = RefCell::new(None::<fn(&MemoryState)>);
    let watched = Raced { state: &state, nth: 0, writes: Cell::new(0), other };
    assert_eq!(stored(&watched, "orbit-raw", "new", "CSV"), PutOutcome::TooMany);
    assert_eq!(watched.writes.get(), 0);
    assert_eq!(get(&state, "orbit-raw", "new"), Ok(None));
    assert_eq!(stored(&state, "orbit-raw", "c7", "ORC"), PutOutcome::Stored(Vec::new()));
    assert_eq!(stored(&state, "orbit-raw-2", "new", "CSV"), PutOutcome::Stored(Vec::new()));
    delete(&state, "orbit-raw", "c7", &[]).unwrap();
    assert_eq!(stored(&state, "orbit-raw", "new", "CSV"), PutOutcome::Stored(Vec::new()));
}

#[test]
fn cf130_reports_that_list_themselves_are_stored_with_a_warning() {
    let state = MemoryState::default();
    let warned = |bucket: &str, filter: &str, prefix: &str| {
        let text = document("daily", "CSV")
            .replace("\"CSV\"", &format!("\"CSV\"{prefix}"))
            .replace("\"Id\"", &format!("{filter}\"Id\""));
        let outcome =
            put(&state, bucket, "daily", text.as_bytes(), Syntax::Json, Dialect::Aws, &[]);
        let Ok(PutOutcome::Stored(findings)) = outcome else { panic!("{outcome:?}") };
        crate::check::tests::lines(&findings)
    };
    let inventory = r#","Prefix":"inventory/""#;
    let filter = |prefix: &str| format!(r#""Filter":{{"Prefix":"{prefix}"}},"#);
    expect![[r#"
        CF130 /Destination/S3BucketDestination/Prefix: reports go to `inventory/orbit-reports/daily/` of the bucket that they list
            value "inventory/"
            allowed a `Filter` that leaves out the report prefix, or another destination bucket
    "#]].assert_eq(&warned("orbit-reports", "", inventory));
    expect![[r#"
        CF130 /Destination/S3BucketDestination: reports go to `orbit-reports/daily/` of the bucket that they list
            allowed a `Filter` that leaves out the report prefix, or another destination bucket
    "#]].assert_eq(&warned("orbit-reports", "", ""));
    for overlapping in ["", "inv", "inventory/orbit-reports/daily/data/"] {
        assert_ne!(warned("orbit-reports", &filter(overlapping), inventory), "", "{overlapping}");
    }
    for apart in ["docs/", "inventory/orbit-reports/daily2", "inventory/orbit-raw/"] {
        assert_eq!(warned("orbit-reports", &filter(apart), inventory), "", "{apart}");
    }
    assert_eq!(warned("orbit-raw", "", inventory), "");
}

#[test]
fn a_warning_stands_at_its_place_between_errors() {
    let text = document("daily", "CSV")
        .replace("{\"Dest", "{\"a\":1,\"Dest")
        .replace("\"CSV\"", "\"CSV\",\"Prefix\":\"p\",\"b\":2");
    let state = MemoryState::default();
    let outcome =
        put(&state, "orbit-reports", "daily", text.as_bytes(), Syntax::Json, Dialect::Aws, &[]);
    let Ok(PutOutcome::Refused(findings)) = outcome else { panic!("{outcome:?}") };
    let pointers: Vec<&str> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
    let place = "/Destination/S3BucketDestination";
    assert_eq!(pointers, ["/a", &format!("{place}/Prefix"), &format!("{place}/b")]);
}

/// Lets somebody else act right before the `nth` write or deletion, counted from 1.
struct Raced<'a, F: FnOnce(&MemoryState)> {
    state: &'a MemoryState,
    nth: usize,
    writes: Cell<usize>,
    other: RefCell<Option<F>>,
}

impl<F: FnOnce(&MemoryState)> Raced<'_, F> {
    fn tick(&self) {
        self.writes.set(self.writes.get() + 1);
        if self.writes.get() == self.nth
            && let Some(other) = self.other.take()
        {
            other(self.state);
        }
    }
}

impl<F: FnOnce(&MemoryState)> State for Raced<'_, F> {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        self.state.get(key)
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        self.tick();
        self.state.put(key, value, condition)
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        self.tick();
        self.state.delete(key, condition)
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        self.state.list(prefix, cursor)
    }
}

#[track_caller]
fn raced(
    state: &MemoryState,
    nth: usize,
    id: &str,
    other: impl FnOnce(&MemoryState),
) -> PutOutcome {
    let writes = Cell::new(0);
    let raced = Raced { state, nth, writes, other: RefCell::new(Some(other)) };
    let outcome = stored(&raced, "orbit-raw", id, "CSV");
    assert!(raced.other.take().is_none(), "the race did not happen");
    outcome
}

fn configurations(state: &MemoryState) -> usize {
    count(state, &BucketName::parse("orbit-raw").unwrap()).unwrap()
}

#[test]
fn of_two_that_fill_the_last_place_the_later_withdraws() {
    let state = full();
    delete(&state, "orbit-raw", "c7", &[]).unwrap();
    let outcome = raced(&state, 1, "new", |state| {
        assert_eq!(stored(state, "orbit-raw", "other", "CSV"), PutOutcome::Stored(Vec::new()));
    });
    assert_eq!(outcome, PutOutcome::TooMany);
    assert_eq!(get(&state, "orbit-raw", "new"), Ok(None));
    assert_eq!(configurations(&state), CONFIGURATIONS_MAX);
}

#[test]
fn a_replacement_of_what_is_deleted_meanwhile_counts_as_new() {
    let state = full();
    let outcome = raced(&state, 1, "c7", |state| {
        assert_eq!(delete(state, "orbit-raw", "c7", &[]), Ok(DeleteOutcome::Deleted));
        assert_eq!(stored(state, "orbit-raw", "other", "CSV"), PutOutcome::Stored(Vec::new()));
    });
    assert_eq!(outcome, PutOutcome::TooMany);
    assert_eq!(configurations(&state), CONFIGURATIONS_MAX);
}

#[test]
fn the_later_of_two_writes_of_one_id_wins() {
    let state = MemoryState::default();
    let outcome = raced(&state, 1, "daily", |state| {
        stored(state, "orbit-raw", "daily", "ORC");
    });
    assert_eq!(outcome, PutOutcome::Stored(Vec::new()));
    assert_eq!(get(&state, "orbit-raw", "daily"), Ok(Some(document("daily", "CSV"))));
}

/// Changes a record before every write of it.
struct Restless(MemoryState);

impl State for Restless {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        self.0.get(key)
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        self.0.put(key, b"{}", Condition::Always)?;
        self.0.put(key, value, condition)
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        self.0.delete(key, condition)
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        self.0.list(prefix, cursor)
    }
}

#[test]
fn a_write_that_keeps_losing_gives_up_for_now() {
    let text = document_of_daily();
    let state = Restless(MemoryState::default());
    let error = put(&state, "orbit-raw", "daily", text.as_bytes(), Syntax::Json, Dialect::Aws, &[]);
    let error = error.unwrap_err();
    assert!(error.is_transient());
    expect!["the store is unavailable: `inventory/orbit-raw/daily` was changed 16 times meanwhile"]
        .assert_eq(&error.to_string());
}
