//! Reports in the form of Tencent COS.

use super::*;

const BASE: &str = "inv/1259999999/orbit-raw/daily";
const DESTINATION: &str = "reports-1259999999";

fn bench() -> Bench {
    Bench::with_keys(["docs/a b", "docs/c", "other"])
}

fn cos_plan(run: &str) -> PlanInput {
    let filter = serde_json::json!({ "NameGlob": "docs/*" });
    let document = document(Form::Cos, "Current", &filter, &["Size", "LastModifiedDate"]);
    PlanInput { run: run.to_owned(), ..plan_of(&document, RunLimits::default()) }
}

#[test]
fn a_report_of_cos_has_all_files_of_its_layout() {
    let bench = bench();
    let record = bench.run(&cos_plan(RUN), true);
    let keys = bench.keys(DESTINATION);
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert_eq!(keys[0], format!("{BASE}/20261108/manifest.checksum"));
    assert_eq!(keys[1], format!("{BASE}/20261108/manifest.json"));
    assert!(keys[2].starts_with(BASE) && keys[2].ends_with(".csv.gz"), "{keys:?}");
    let json = bench.text_of(DESTINATION, &keys[1]);
    assert_eq!(bench.text_of(DESTINATION, &keys[0]), manifest::checksum(json.as_bytes()));
    let json: Value = serde_json::from_str(&json).unwrap();
    let counts = ["listObjectCount", "listStorageSize", "filterObjectCount", "filterStorageSize"];
    assert_eq!(counts.map(|name| json[name].as_str().unwrap()), ["3", "19", "2", "14"]);
    let names = ["sourceAppid", "sourceBucket", "destinationAppid", "destinationBucket"];
    let appid = "1259999999";
    assert_eq!(
        names.map(|name| json[name].as_str().unwrap()),
        [appid, "orbit-raw", appid, "reports"]
    );
    assert_eq!(json["fileSchema"], "Appid, Bucket, Key, Size, LastModifiedDate");
    assert_eq!(
        bench.rows(&record),
        [
            r#""1259999999","orbit-raw","docs/a%20b","8","2026-11-06T21:20:00.000Z""#,
            r#""1259999999","orbit-raw","docs/c","6","2026-11-06T21:20:00.000Z""#,
        ]
    );
    bench.assert_tidy();
}

#[test]
fn a_second_report_of_the_day_replaces_the_manifest() {
    let bench = bench();
    let first = bench.run(&cos_plan(RUN), false);
    let second = bench.run(&cos_plan(&"f".repeat(32)), false);
    assert_eq!(first.manifest, second.manifest);
    assert_eq!(first.report_millis, second.report_millis);
    let keys = bench.keys(DESTINATION);
    assert_eq!(keys.len(), 4, "two data files: {keys:?}");
    let json = bench.text_of(DESTINATION, &format!("{BASE}/20261108/manifest.json"));
    let checksum = bench.text_of(DESTINATION, &format!("{BASE}/20261108/manifest.checksum"));
    assert_eq!(checksum, manifest::checksum(json.as_bytes()));
    bench.assert_tidy();
}

#[test]
fn two_reports_of_a_day_do_not_mix_their_manifests() {
    let bench = bench();
    let other = "f".repeat(32);
    let folder = format!("{BASE}/20261108/");
    let key = plan::folder_key(DESTINATION, &folder);
    // The other run is writing its manifest.
    assert!(plan::claim(&bench.state, &key, &other).unwrap());
    let mut tasks = VecDeque::from([task::plan_task(&cos_plan(RUN))]);
    let failure = loop {
        match handle(&tasks.pop_front().unwrap(), NOW, bench.has()) {
            Ok(follow_ups) => tasks.extend(follow_ups),
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, Failure::Retry { after_ms: Some(_), .. }), "{failure:?}");
    assert!(!bench.keys(DESTINATION).iter().any(|key| key.contains("manifest")));
    // A run that ends gives back what is its own, and nothing else.
    give_up::tidy(RUN, bench.has()).unwrap();
    assert!(!plan::claim(&bench.state, &key, RUN).unwrap());
}

#[test]
fn a_destination_of_cos_that_is_missing_is_noticed_at_once() {
    let mut input = cos_plan(RUN);
    input.configuration = input.configuration.replace(DESTINATION, "absent-1259999999");
    let failure = handle(&task::plan_task(&input), NOW, bench().has()).unwrap_err();
    let expected =
        "looking into destination bucket `absent-1259999999`: the bucket does not exist".to_owned();
    assert_eq!(failure, Failure::Reject(expected));
}
