//! Whole reports of buckets behind a gateway, also when the process is killed.

use std::time::Instant;

use stocktake_tests::harness::bench::Wanted;
use stocktake_tests::harness::random::Random;

use super::behind::{Behind, fill};
use super::*;

/// How often a process is killed in all.
const KILLS: u32 = 100;

/// The objects of the bucket whose reports are disturbed.
const OBJECTS: usize = 1_500;

fn csv(versions: &str) -> Wanted<'_> {
    Wanted { versions, fields: &["Size", "ETag"], ..Wanted::default() }
}

#[test]
fn every_version_is_in_the_report() {
    let Some(ceph) = ceph() else { return };
    let source = ceph.bucket();
    let behind = Behind::new(ceph, &source);
    put(&behind.store, &source, "null", b"before versions");
    keep_versions(&behind.store, &source);
    for key in ["a", "//odd/../key", "tab\tline\n", "plus+é"] {
        put(&behind.store, &source, key, b"1");
        put(&behind.store, &source, key, b"22");
    }
    let delete = behind.store.client().delete_object().bucket(&source).key("a");
    runtime().block_on(delete.send()).unwrap();
    let ended = behind.start(&csv("All")).ended().success();
    assert_eq!(ended.json()["objects"], 10);
    let rows = behind.rows().unwrap();
    let options = ListOptions { versions: true, ..everything() };
    let (mut entries, _) = listed(&behind.store, &source, &options);
    entries.sort_by(|a, b| (&a.key, &a.version_id).cmp(&(&b.key, &b.version_id)));
    let encode = |key: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        };
        key.bytes().map(byte).collect::<String>()
    };
    let row = |entry: &Entry| {
        let size =
            if entry.is_delete_marker { String::new() } else { entry.size_bytes.to_string() };
        let values = [
            source.clone(),
            encode(&entry.key),
            entry.version_id.clone().unwrap_or_default(),
            entry.is_latest.to_string(),
            entry.is_delete_marker.to_string(),
            size,
            entry.etag.clone().unwrap_or_default(),
        ];
        values.map(|value| format!("\"{value}\"")).join(",")
    };
    assert_eq!(rows, entries.iter().map(row).collect::<Vec<_>>());
    assert_eq!(rows.iter().filter(|row| row.contains("\"true\",\"true\"")).count(), 1, "a marker");
}

#[test]
fn a_report_behind_a_gateway_survives_a_hundred_kills() {
    let Some(ceph) = ceph() else { return };
    let source = ceph.bucket();
    let keys: Vec<String> =
        (0..OBJECTS).map(|number| format!("{:02}/k{number:05}", number % 37)).collect();
    fill(&ceph.open(), &source, &keys);
    let undisturbed = Behind::new(ceph, &source);
    let begun = Instant::now();
    undisturbed.start(&csv("Current")).ended().success();
    let usual = begun.elapsed();
    let expected = undisturbed.rows().unwrap();
    assert_eq!(expected.len(), OBJECTS);
    let (mut kills, mut rounds, mut random) = (0, 0, Random::new(0x5eed));
    while kills < KILLS {
        let round = Behind::new(ceph, &source);
        while round.rows().is_none() && kills < KILLS {
            let running = round.start(&csv("Current"));
            std::thread::sleep(usual.mul_f64(random.fraction()));
            // Dropping it kills it, unless it has ended by itself.
            drop(running);
            kills += 1;
        }
        if round.rows().is_none() {
            round.start(&csv("Current")).ended().success();
        }
        assert!(round.rows().unwrap() == expected, "undisturbed and killed");
        assert_eq!(round.unfinished_uploads(), 0);
        rounds += 1;
    }
    assert!(rounds > 1, "{kills} kills over {rounds} reports");
}
