//! Case folders: the same input natively and through the component gives the same bytes, and those that stand in the
//! folder.
//!
//! `UPDATE_EXPECT=1 cargo test --package stocktake-tests` writes what is expected anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use serde::Deserialize;
use stocktake_core::run::{RunLimits, RunRecord};
use stocktake_core::timestamp::Millis;
use stocktake_host::capabilities::Capabilities;
use stocktake_host::engine::Dialect;
use stocktake_tests::harness::artefacts::{component, root};
use stocktake_tests::harness::files::{assert_same, snapshot};
use stocktake_tests::harness::report::describe;
use stocktake_tests::harness::runs::{hosted, native, plan, runtime, store, timeless};
use stocktake_tests::harness::{DESTINATION, tree};

mod policy_calls;

use policy_calls::check_calls;

type Files = BTreeMap<Vec<u8>, Vec<u8>>;

/// One `#[test]` for each case folder of a component, and one that misses none.
macro_rules! cases {
    ($component:literal, $check:ident: $($case:ident),+ $(,)?) => {
        $(
            #[test]
            fn $case() {
                super::$check(&super::folder($component).join(stringify!($case)));
            }
        )+

        #[test]
        fn every_folder_is_listed() {
            super::assert_listed(&super::folder($component), &[$(stringify!($case)),+]);
        }
    };
}

mod report_writer {
    cases!("report-writer", check_report:
        a_later_minute_where_the_folder_is_taken,
        a_prefix_within_a_name,
        a_prefix_that_no_key_has,
        an_empty_bucket,
        every_optional_field,
        hostile_keys,
        many_keys_in_ranges,
        names_that_are_no_text_among_ranges,
        one_object,
        several_data_files,
    );
}

mod inventory_config {
    cases!("inventory-config", check_document:
        every_field_of_json,
        every_field_of_xml,
        every_part_of_cos_in_json,
        every_part_of_cos_in_xml,
        every_part_of_cos_in_xml_as_any,
        latest_and_a_bare_name_of_coreweave,
        no_json,
        no_xml,
        our_filters_as_any,
        tabs_as_any,
        the_dialect_any,
        the_guide_of_coreweave,
        the_least_of_json,
        the_least_of_xml,
        what_is_missing,
        wrong_filters_as_any,
        wrong_words_of_coreweave,
        wrong_words_of_cos,
        wrong_words_of_json,
        wrong_words_of_xml,
    );
}

mod policy_check {
    cases!("policy-check", check_calls:
        beyond_the_bounds,
        every_function_in_aws,
        every_function_in_coreweave,
        every_function_in_cos,
        hostile_documents,
    );
}

/// `run.json`: how a report is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    /// Milliseconds since the epoch.
    now: i64,
    /// Words for `Format`; each one is a run of its own.
    formats: Vec<String>,
    #[serde(default)]
    limits: RunLimits,
    /// How many earlier runs there are at the same time, whose reports stay.
    #[serde(default)]
    earlier_runs: u8,
}

#[track_caller]
fn check_report(case: &Path) {
    let texts = texts(case, &["configuration.json", "run.json", "tree.txt", "expected.txt"]);
    let run: Run = serde_json::from_str(&texts["run.json"]).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let source = scratch.path().join("source");
    tree::write(&source, &tree::parse(&texts["tree.txt"]));
    let mut described = String::new();
    for format in &run.formats {
        let document = texts["configuration.json"].replace("FORMAT", format);
        let (record, files) = both(&source, &document, &run);
        described.extend(["# ", format, "\n", &describe(&record, &files), "\n"]);
    }
    expect_file![case.join("expected.txt")].assert_eq(&described);
}

/// Makes a report natively and through the component, and compares everything.
#[track_caller]
fn both(source: &Path, document: &str, run: &Run) -> (RunRecord, Files) {
    let now = Millis(run.now);
    let make = |report: &dyn Fn(stocktake_host::engines::DirectoryStore, &str) -> RunRecord| {
        let root = tempfile::tempdir().unwrap();
        let mut record = None;
        for number in 0..=run.earlier_runs {
            record = Some(report(store(root.path(), source), &format!("{number:032x}")));
        }
        (record.unwrap(), snapshot(&root.path().join(DESTINATION)))
    };
    let planned = |id: &str| {
        let mut plan = plan(document, run.limits);
        id.clone_into(&mut plan.run);
        plan
    };
    let (native, native_files) = make(&|store, id| native(&store, &planned(id), now));
    let (hosted, hosted_files) = make(&|store, id| hosted(store, &planned(id), now));
    assert_eq!(timeless(&native), timeless(&hosted), "the records of native and component");
    assert_same(&native_files, &hosted_files, "native and component");
    (native, native_files)
}

#[track_caller]
fn check_document(case: &Path) {
    let texts = texts(case, &["document.json", "document.xml", "dialect", "expected.txt"]);
    let json = texts.get("document.json").map(|text| (text, true));
    let (document, is_json) = json.or_else(|| Some((texts.get("document.xml")?, false))).unwrap();
    let dialect = match texts["dialect"].trim() {
        "any" => Dialect::Any,
        "aws" => Dialect::Aws,
        "coreweave" => Dialect::Coreweave,
        "cos" => Dialect::Cos,
        other => panic!("no dialect: {other}"),
    };
    let syntax =
        if is_json { ::inventory_config::Syntax::Json } else { ::inventory_config::Syntax::Xml };
    let native = ::inventory_config::check(document.as_bytes(), syntax, dialect);
    let configuration = native.configuration.map(|usable| usable.to_json());
    let native = shown(&native.findings, configuration.as_deref());

    let syntax = if is_json {
        stocktake_host::engine::Syntax::Json
    } else {
        stocktake_host::engine::Syntax::Xml
    };
    let (component, nothing) = (component("inventory-config"), Capabilities::default());
    let judging = component.call_validate(&nothing, document.as_bytes(), syntax, dialect);
    let judged = runtime().block_on(judging).unwrap().value;
    let judged = shown(&judged.findings, judged.configuration.as_deref());
    for (native, component) in native.lines().zip(judged.lines()) {
        assert_eq!(native, component, "native and component");
    }
    assert_eq!(native.lines().count(), judged.lines().count(), "native and component");
    expect_file![case.join("expected.txt")].assert_eq(&native);
}

fn shown(findings: &impl serde::Serialize, configuration: Option<&str>) -> String {
    let findings = serde_json::to_string_pretty(findings).unwrap();
    format!("findings: {findings}\nconfiguration: {}\n", configuration.unwrap_or("none"))
}

/// A hundred thousand objects, natively and through the component, in both formats.
#[test]
fn a_hundred_thousand_objects_give_the_same_bytes() {
    let fields = r#","OptionalFields":["Size","LastModifiedDate"]"#;
    for format in ["CSV", "Parquet"] {
        let document = format!(
            r#"{{"Destination":{{"S3BucketDestination":{{"Bucket":"arn:aws:s3:::{DESTINATION}","Format":"{format}"}}}},"IsEnabled":true,"Id":"large","IncludedObjectVersions":"Current","Schedule":{{"Frequency":"Daily"}}{fields}}}"#
        );
        let limits =
            RunLimits { file_rows_max: 20_000, first_file_rows: 1_000, ..RunLimits::default() };
        let run = Run { now: 1_794_099_600_000, formats: Vec::new(), limits, earlier_runs: 0 };
        let (record, _) = both(&tree::large(), &document, &run);
        assert_eq!((record.counts.objects, record.counts.unlisted), (tree::LARGE, 0));
        assert!(record.counts.files >= 5, "{record:?}");
    }
}

fn folder(component: &str) -> PathBuf {
    root().join("tests/cases").join(component)
}

/// The files of a case. One that is not known here is refused: it would test nothing.
#[track_caller]
fn texts(case: &Path, known: &[&str]) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(case).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(known.contains(&name.as_str()), "`{name}` is none of {known:?}");
        texts.insert(name, fs::read_to_string(entry.path()).unwrap());
    }
    texts
}

#[track_caller]
fn assert_listed(folder: &Path, listed: &[&str]) {
    let entries = fs::read_dir(folder).unwrap();
    let found: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let listed: BTreeSet<String> = listed.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, listed, "folders, and cases in the list");
}
