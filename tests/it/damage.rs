//! A database that was damaged: an error that names the file, never a panic.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use stocktake_tests::harness::SOURCE;
use stocktake_tests::harness::bench::{Bench, NOW, Wanted, text};
use stocktake_tests::harness::process::Ended;

/// A page of the database.
const PAGE: usize = 4096;

/// A store with a configuration and a run in its database, and the bytes of that.
fn bench() -> (Bench, PathBuf, Vec<u8>) {
    let bench = Bench::new("1 1700000000 a\n");
    let config = bench.beside("configuration.json", &Wanted::default().document().to_string());
    bench
        .start(&["inventory", "put", "--bucket", SOURCE, "--config", text(&config)])
        .ended()
        .success();
    bench.start_run(&Wanted::default().document(), &["--now", NOW]).ended().success();
    let path = bench.store().join(".stocktake/stocktake.redb");
    let intact = fs::read(&path).unwrap();
    (bench, path, intact)
}

/// Commands that open the database; each reads something else in it.
fn used(bench: &Bench) -> Vec<Ended> {
    let list = bench.start(&["inventory", "list", "--bucket", SOURCE]).ended();
    let runs = bench.start(&["runs", "list", "--bucket", SOURCE, "--id", "daily"]).ended();
    // One attempt: a record that cannot be read would be tried again for minutes.
    let more = ["--now", NOW, "--attempts", "1"];
    let run = bench.start_run(&Wanted::default().document(), &more).ended();
    vec![list, runs, run]
}

/// It works, or fails with the name of the file and what to do. Returns whether it failed.
#[track_caller]
fn assert_told(ended: &Ended, path: &Path, damage: &str) -> bool {
    if ended.code() == Some(0) {
        return false;
    }
    let said = format!("{}{}", ended.stdout, ended.stderr.join("\n"));
    assert_eq!(ended.code(), Some(1), "{damage}: {said}");
    assert!(said.contains(text(path)), "{damage}: {said}");
    assert!(said.contains("restore it from a backup, or move it away"), "{damage}: {said}");
    assert!(!said.contains("panicked at"), "{damage}: {said}");
    true
}

#[test]
fn a_file_that_is_no_database_any_more_is_told_by_its_name() {
    let (bench, path, intact) = bench();
    let overwritten = |bytes: usize| [&vec![0xaa; bytes][..], &intact[bytes..]].concat();
    let damages: [(&str, Vec<u8>); 9] = [
        ("empty", Vec::new()),
        ("a text", b"# What Stocktake keeps\n".repeat(500)),
        ("cut within its header", intact[..100].to_vec()),
        ("cut behind its header", intact[..PAGE].to_vec()),
        ("cut in the middle", intact[..intact.len() / 2].to_vec()),
        ("without its first bytes", overwritten(64)),
        ("without its header", overwritten(320)),
        ("without its first page", overwritten(PAGE)),
        ("zeros", vec![0; intact.len()]),
    ];
    for (damage, bytes) in damages {
        fs::write(&path, &bytes).unwrap();
        for ended in used(&bench) {
            assert!(assert_told(&ended, &path, damage), "{damage}: {ended:?}");
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{damage}: it is left alone");
    }
}

#[test]
fn pages_that_were_overwritten_are_told_by_the_name_of_the_file() {
    let (bench, path, intact) = bench();
    let mut failed = 0;
    let pages = intact.len() / PAGE;
    // Of each page that holds something, and of all together.
    let mut damages: Vec<Vec<usize>> = (1..pages).map(|page| vec![page]).collect();
    damages.retain(|pages| {
        pages
            .iter()
            .all(|page| intact[page * PAGE..(page + 1) * PAGE].iter().any(|byte| *byte != 0))
    });
    damages.push((1..pages).collect());
    for (byte, damaged) in damages.iter().flat_map(|pages| [(0, pages), (0xff, pages)]) {
        let mut bytes = intact.clone();
        for page in damaged {
            bytes[page * PAGE..(page + 1) * PAGE].fill(byte);
        }
        fs::write(&path, &bytes).unwrap();
        let damage = format!("pages {damaged:?} full of {byte}");
        for ended in used(&bench) {
            failed += usize::from(assert_told(&ended, &path, &damage));
        }
    }
    assert!(failed > 0, "no damage was found");
}

#[test]
fn serve_names_the_file_that_was_damaged() {
    let (bench, path, intact) = bench();
    let mut bytes = intact.clone();
    bytes[PAGE..].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let serving = bench.start(&["serve", "--now", NOW]);
    serving.signal(Signal::CONT);
    assert!(assert_told(&serving.ended(), &path, "all pages"));
}
