//! The targets of `tests/fuzz` on the stable toolchain: their committed corpora, and input that is generated out of
//! these, the same each time.

#[path = "../fuzz/src/targets.rs"]
#[expect(
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "a target panics where it finds a bug; the file is a library for libFuzzer"
)]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use stocktake_tests::harness::artefacts::root;
use stocktake_tests::harness::random::Random;

use self::targets::{TARGETS, Target};

/// How many inputs are generated for each target: all targets together take about a minute.
const GENERATED: usize = 3000;

/// The most bytes of a generated input.
const INPUT_BYTES_MAX: usize = 64 << 10;

/// Pieces that mean something to one parser or another.
const WORDS: [&[u8]; 28] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"\\u0000",
    b"\\ud800",
    b"<",
    b">",
    b"</",
    b"/>",
    b"<!--",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"&amp;",
    b"&#x110000;",
    b"\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"%2F",
];

#[test]
fn every_target_has_a_corpus_and_a_program() {
    let names = |folder: &str| {
        let entries = fs::read_dir(root().join("tests/fuzz").join(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let mut targets: Vec<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    targets.sort();
    assert_eq!(names("corpus"), targets);
    let programs: Vec<_> = targets.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names("fuzz_targets"), programs);
}

#[test]
fn no_input_of_the_corpora_and_none_made_from_them_breaks_a_parser() {
    for target in TARGETS {
        let corpus = corpus(target);
        assert!(!corpus.is_empty(), "`{}` has nothing to begin with", target.name);
        for input in &corpus {
            hand(target, input);
        }
        let mut random = Random::new(0x5eed);
        for _ in 0..GENERATED {
            hand(target, &generated(&corpus, &mut random));
        }
    }
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = root().join("tests/fuzz/corpus").join(target.name);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Hands an input to a target, and keeps one that breaks it.
fn hand(target: &Target, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err() {
        let kept = root().join("target").join(format!("broken-{}", target.name));
        fs::write(&kept, input).unwrap();
        panic!("`{}` breaks on what is in {}", target.name, kept.display());
    }
}

/// One input of the corpus with a few changes.
fn generated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(5) {
        change(&mut input, corpus, random);
    }
    input.truncate(INPUT_BYTES_MAX);
    input
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let some = at + random.below(input.len() - at + 1).min(1 << random.below(9));
    match random.below(7) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = u8::try_from(random.below(256)).unwrap(),
        2 => drop(input.drain(at..some)),
        3 => {
            let copied = input[at..some].to_vec();
            input.splice(at..at, copied);
        }
        4 => {
            let word = WORDS[random.below(WORDS.len())];
            input.splice(at..at, word.iter().copied());
        }
        5 => {
            let other = &corpus[random.below(corpus.len())];
            let from = random.below(other.len() + 1);
            input.splice(at.., other[from..].iter().copied());
        }
        _ => {
            let piece = input[at..some].repeat(1 + random.below(200));
            input.splice(at..some, piece);
        }
    }
}
