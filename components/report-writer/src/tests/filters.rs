//! Which entries a report has.

use stocktake_capabilities::ObjectDetail;

use super::asking::Asking;
use super::*;

/// A marker over two versions of one key, and objects of several sizes, times, classes and tags.
fn bench() -> Bench {
    let bench = Bench::new();
    let time = |seconds| Some(Instant { seconds, nanoseconds: 0 });
    let insert = |key: &str, size_bytes, seconds, class: &str, tags: &[(&str, &str)]| {
        let entry = Entry {
            size_bytes,
            last_modified: time(seconds),
            storage_class: Some(class.to_owned()),
            ..entry(key, None)
        };
        bench.store.insert("orbit-raw", entry);
        tag(&bench, key, None, tags);
    };
    insert("docs/a.log", 10, 1_000, "STANDARD", &[("team", "a"), ("x", "1")]);
    insert("docs/b.txt", 20, 2_000, "GLACIER", &[("team", "a")]);
    insert("logs/c.log", 30, 3_000, "STANDARD", &[("team", "b")]);
    insert("logs/d.log", 40, 4_000, "DEEP_ARCHIVE", &[]);
    let marker = entry("old.log", Some(("v3", true)));
    let marker =
        Entry { is_delete_marker: true, last_modified: time(2_500), size_bytes: 0, ..marker };
    bench.store.insert("orbit-raw", Entry { etag: None, storage_class: None, ..marker });
    for (version, size_bytes, seconds) in [("v2", 20, 2_000), ("v1", 10, 1_000)] {
        let last_modified = time(seconds);
        let entry = Entry { size_bytes, last_modified, ..entry("old.log", Some((version, false))) };
        bench.store.insert("orbit-raw", entry);
    }
    tag(&bench, "old.log", Some("v1"), &[("team", "a")]);
    bench
}

fn tag(bench: &Bench, key: &str, version: Option<&str>, tags: &[(&str, &str)]) {
    let object = ObjectRef { key: key.to_owned(), version_id: version.map(str::to_owned) };
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let detail = ObjectDetail { tags: Some(tags.collect()), ..ObjectDetail::default() };
    bench.store.describe("orbit-raw", &object, detail).unwrap();
}

/// Names of the rows, as in `a`, or in `old@v1` with a version; whatever pages and files there are.
#[track_caller]
fn check(filter: &Value, expected: &[&str]) {
    for (rows_max, page) in [(100, 100), (1, 1), (2, 3)] {
        let bench = bench();
        let document = document(Form::Aws, "All", filter, &["Size"]);
        let record = bench.run(&plan_of(&document, limits(rows_max, page)), true);
        let rows = bench.rows(&record);
        let names = rows.iter().map(|row| {
            let values: Vec<_> = row.trim_matches('"').split("\",\"").collect();
            let version = if values[2].is_empty() { "" } else { "@" };
            [values[1], version, values[2]].concat()
        });
        let names: Vec<String> = names.collect();
        assert_eq!(names, expected, "{filter} with {rows_max} rows and pages of {page}");
        assert_eq!(record.counts.objects, expected.len() as u64);
        let sizes = rows.iter().map(|row| row.trim_matches('"').rsplit('"').next().unwrap());
        assert_eq!(
            record.counts.bytes,
            sizes.filter_map(|size| size.parse::<u64>().ok()).sum::<u64>()
        );
        bench.assert_tidy();
    }
}

#[test]
fn every_condition_is_applied_and_to_each_version_on_its_own() {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    check(
        &json("{}"),
        &[
            "docs/a.log",
            "docs/b.txt",
            "logs/c.log",
            "logs/d.log",
            "old.log@v1",
            "old.log@v2",
            "old.log@v3",
        ],
    );
    check(&json(r#"{"Prefix":"docs/"}"#), &["docs/a.log", "docs/b.txt"]);
    check(
        &json(r#"{"NameGlob":"*d.log"}"#),
        &["logs/d.log", "old.log@v1", "old.log@v2", "old.log@v3"],
    );
    check(
        &json(r#"{"ObjectSizeGreaterThan":10}"#),
        &["docs/b.txt", "logs/c.log", "logs/d.log", "old.log@v2"],
    );
    check(&json(r#"{"ObjectSizeLessThan":20}"#), &["docs/a.log", "old.log@v1"]);
    check(
        &json(r#"{"Period":{"StartTime":2000,"EndTime":3000}}"#),
        &["docs/b.txt", "logs/c.log", "old.log@v2", "old.log@v3"],
    );
    check(&json(r#"{"StorageClass":["GLACIER","DEEP_ARCHIVE"]}"#), &["docs/b.txt", "logs/d.log"]);
    check(
        &json(r#"{"Tag":[{"Key":"team","Value":"a"}]}"#),
        &["docs/a.log", "docs/b.txt", "old.log@v1"],
    );
    check(
        &json(r#"{"Tag":[{"Key":"team","Value":"a"},{"Key":"x","Value":"1"}]}"#),
        &["docs/a.log"],
    );
    check(
        &json(
            r#"{"NameGlob":"*.log","ObjectSizeLessThan":40,"Tag":[{"Key":"team","Value":"a"}],"Period":{"EndTime":1999}}"#,
        ),
        &["docs/a.log", "old.log@v1"],
    );
    check(&json(r#"{"NameGlob":"none","ObjectSizeGreaterThan":1}"#), &[]);
}

#[test]
fn an_object_that_goes_before_its_tags_are_asked_for_is_left_out() {
    let bench = bench();
    let mut asking = Asking::new(&bench.store);
    asking.gone.insert("docs/a.log");
    let filter = serde_json::json!({ "Tag": [{ "Key": "team", "Value": "a" }] });
    let plan = plan_of(&document(Form::Aws, "Current", &filter, &["Size"]), limits(9, 9));
    let record = bench.run_over(&asking, &plan, false);
    assert_eq!(bench.rows(&record), ["\"orbit-raw\",\"docs/b.txt\",\"20\""]);
}

#[test]
fn a_rare_filter_ends_parts_by_what_they_list() {
    let keys: Vec<String> = (0..20_000).map(|i| format!("{i:05}.txt")).collect();
    for filter in [
        serde_json::json!({ "NameGlob": "*9999.txt" }),
        serde_json::json!({ "Tag": [{ "Key": "rare", "Value": "1" }] }),
    ] {
        let is_tag = filter.get("Tag").is_some();
        let bench = Bench::with_keys(&keys);
        for key in ["09999.txt", "19999.txt"] {
            tag(&bench, key, None, &[("rare", "1")]);
        }
        let asking = Asking::new(&bench.store);
        let limits = RunLimits {
            ranges: 4,
            file_rows_max: 200,
            first_file_rows: 100,
            page_entries: 50,
            ..RunLimits::default()
        };
        let plan = plan_of(&document(Form::Aws, "Current", &filter, &["Size"]), limits);
        let has = Capabilities {
            objects: &asking,
            uploads: &bench.store,
            state: &bench.state,
            elapsed: &unhurried,
        };
        let mut tasks = VecDeque::from([task::plan_task(&plan)]);
        let mut parts = 0;
        while let Some(task) = tasks.pop_front() {
            asking.pages.take();
            let follow_ups = handle(&task, NOW, has).unwrap();
            parts += u64::from(task.kind == "part");
            if parts == 1 {
                // It found nothing, and yet shows where keys go apart: at the 0 and the 1 in front.
                assert_eq!(follow_ups.len(), 2);
            }
            tasks.extend(follow_ups);
            let listed: u64 = asking.pages.take().into_iter().filter(|entries| *entries > 1).sum();
            let listed_max = if is_tag { 200 } else { 2_000 };
            assert!(listed < listed_max + 50, "`{}` listed {listed}", task.name);
        }
        assert!(parts >= 20_000 / if is_tag { 250 } else { 2_050 }, "{parts} parts");
        let record = bench.record(RUN);
        assert_eq!(
            bench.rows(&record),
            ["09999.txt", "19999.txt"].map(|key| format!("\"orbit-raw\",\"{key}\",\"9\""))
        );
        assert!(record.counts.files <= 2);
        let asked = asking.objects();
        assert_eq!(asked.len(), if is_tag { keys.len() } else { 0 });
        bench.assert_tidy();
    }
}

#[test]
fn a_page_that_is_filtered_is_listed_as_a_whole() {
    let bench = Bench::with_keys((0..100).map(|i| format!("{i:02}")));
    let asking = Asking::new(&bench.store);
    let filter = serde_json::json!({ "NameGlob": "*9" });
    let document = document(Form::Aws, "Current", &filter, &["Size"]);
    let limits = RunLimits { first_file_rows: 3, ..limits(3, 50) };
    let record = bench.run_over(&asking, &plan_of(&document, limits), false);
    assert_eq!((record.counts.objects, record.counts.files), (10, 2));
    let pages = asking.pages.take();
    assert_eq!(pages.iter().filter(|entries| **entries > 1).collect::<Vec<_>>(), [&50, &50]);
}

#[test]
fn a_key_with_more_versions_than_are_sorted_together_is_listed_once() {
    let bench = Bench::new();
    let versions = 21_500;
    for version in (0..versions).rev() {
        let id = format!("v{version:05}");
        bench.store.insert("orbit-raw", entry("k", Some((&id, version + 1 == versions))));
    }
    bench.store.insert("orbit-raw", entry("a", None));
    bench.store.insert("orbit-raw", entry("z", None));
    for filter in [serde_json::json!({}), serde_json::json!({ "NameGlob": "k" })] {
        let is_filtered = filter.get("NameGlob").is_some();
        let document = document(Form::Aws, "All", &filter, &[]);
        let mut plan =
            plan_of(&document, RunLimits { first_file_rows: 3_000, ..RunLimits::default() });
        plan.run = format!("{:032x}", u8::from(is_filtered));
        let mut rows = bench.rows(&bench.run(&plan, false));
        assert_eq!(rows.len(), if is_filtered { versions } else { versions + 2 });
        rows.sort();
        rows.dedup();
        assert_eq!(rows.len(), if is_filtered { versions } else { versions + 2 });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_filtered_report_is_the_whole_one_less_what_is_not_admitted(
        keys in proptest::collection::btree_map("[a-d]{1,3}", 1_usize..4, 0..40),
        rows_max in 1_u64..12,
        page in 1_u32..9,
        bound in 0_u64..5,
        all: bool,
        twice: bool,
    ) {
        let bench = Bench::new();
        let mut expected = Vec::new();
        for (key, versions) in &keys {
            // Sizes are the lengths of keys, so versions get keys' lengths and numbers for sizes.
            for version in (0..*versions).rev() {
                let (id, is_latest) = (format!("v{version}"), version + 1 == *versions);
                let size_bytes = (key.len() + version) as u64;
                let entry = Entry { size_bytes, ..entry(key, Some((&id, is_latest))) };
                bench.store.insert("orbit-raw", entry);
            }
            for version in 0..*versions {
                let is_listed = all || version + 1 == *versions;
                if is_listed && (key.len() + version) as u64 > bound && key.contains('b') {
                    expected.push(format!("\"{key}\",{}\"{}\"", if all { format!("\"v{version}\",\"{}\",\"false\",", version + 1 == *versions) } else { String::new() }, key.len() + version));
                }
            }
        }
        let filter = serde_json::json!({ "NameGlob": "*b*", "ObjectSizeGreaterThan": bound });
        let document = document(Form::Aws, if all { "All" } else { "Current" }, &filter, &["Size"]);
        let record = bench.run(&plan_of(&document, limits(rows_max, page)), twice);
        let rows = bench.rows(&record);
        let rows: Vec<&str> = rows.iter().map(|row| row.strip_prefix("\"orbit-raw\",").unwrap()).collect();
        prop_assert_eq!(rows, expected);
        bench.assert_tidy();
    }
}
