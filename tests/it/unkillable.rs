//! `kill -9` at random moments: a report is the undisturbed one, or it is not there yet.

use std::collections::BTreeMap;
use std::time::Instant;

use stocktake_tests::harness::bench::{Bench, Wanted, text};
use stocktake_tests::harness::files::{assert_same, names, snapshot};
use stocktake_tests::harness::process::Running;
use stocktake_tests::harness::random::Random;
use stocktake_tests::harness::report::finished;
use stocktake_tests::harness::{DESTINATION, SOURCE, tree};

/// How often a process is killed in all.
const KILLS: u32 = 100;

/// A time at which nothing falls due, and one at which a report does; the minute is nearly all left.
const EARLY: &str = "2026-11-08T00:30:00Z";
const IN_THE_SLOT: &str = "2026-11-08T01:00:01Z";

type Files = BTreeMap<Vec<u8>, Vec<u8>>;

#[test]
fn a_directory_report_survives_a_hundred_kills() {
    let formats = ["CSV", "ORC", "Parquet"];
    let undisturbed = formats.map(|format| {
        let round = Round::new(format);
        let begun = Instant::now();
        round.serve().until_complete(&round);
        (round.delivered(), begun.elapsed())
    });
    let mut random = Random::new(0x5eed);
    let (mut kills, mut rounds) = (0, 0);
    while kills < KILLS {
        let (expected, usual) = &undisturbed[rounds % formats.len()];
        let round = Round::new(formats[rounds % formats.len()]);
        while !round.is_complete() && kills < KILLS {
            let serving = round.serve();
            // From the first instruction of the program to a little after the usual end.
            std::thread::sleep(usual.mul_f64(random.fraction() * 1.1));
            serving.0.kill();
            kills += 1;
            round.assert_nothing_half_done();
        }
        round.serve().until_complete(&round);
        assert_same(expected, &round.delivered(), "undisturbed and killed");
        assert_eq!(round.left_behind(), [""; 0], "unfinished uploads");
        rounds += 1;
    }
    eprintln!("{kills} kills over {rounds} reports");
}

/// One report: a store, a schedule, and a process that is killed and started again.
struct Round {
    bench: Bench,
    map: String,
}

struct Serving(Running);

impl Round {
    fn new(format: &str) -> Self {
        let bench = Bench::new("");
        let wanted = Wanted { format, ..Wanted::default() };
        let config = bench.beside("configuration.json", &wanted.document().to_string());
        let words = ["inventory", "put", "--bucket", SOURCE, "--config", text(&config)];
        bench.start(&words).ended().success();
        let round = Self { bench, map: format!("{SOURCE}={}", text(&tree::large())) };
        let mut scheduling = round.serve_at(EARLY);
        scheduling.0.until_logged(|line| line.contains("nothing is due"));
        scheduling.0.kill();
        round
    }

    fn serve(&self) -> Serving {
        self.serve_at(IN_THE_SLOT)
    }

    fn serve_at(&self, now: &str) -> Serving {
        let log = ["--log", "warn,stocktake_host=debug", "--log-format", "json"];
        let serve = ["serve", "--now", now, "--map-read-only", &self.map, "--workers", "2"];
        Serving(self.bench.start(&[&serve[..], &log].concat()))
    }

    /// What the destination holds by now, without what only its store knows.
    fn delivered(&self) -> Files {
        let mut files = snapshot(&self.bench.bucket(DESTINATION));
        files.retain(|path, _| !path.starts_with(b".stocktake-uploads/"));
        files
    }

    /// What is in the reserved folder of the destination.
    fn left_behind(&self) -> Vec<String> {
        let mut files = snapshot(&self.bench.bucket(DESTINATION));
        files.retain(|path, _| path.starts_with(b".stocktake-uploads/"));
        names(&files)
    }

    fn is_complete(&self) -> bool {
        self.delivered().keys().any(|path| path.ends_with(b"manifest.checksum"))
    }

    /// A manifest.checksum is there only if it, the manifest and every data file fit together.
    #[track_caller]
    fn assert_nothing_half_done(&self) {
        let files = self.delivered();
        finished(names(&files).iter().map(String::as_str), |key| files[key.as_bytes()].clone());
    }
}

impl Serving {
    /// Waits for the report, and ends the process.
    #[track_caller]
    fn until_complete(mut self, round: &Round) {
        // Signals are heeded from here on.
        self.0.until_logged(|line| line.contains("\"serving\""));
        while !round.is_complete() {
            self.0.until_logged(|line| line.contains("\"finished\""));
        }
        self.0.signal(rustix::process::Signal::TERM);
        self.0.ended().success();
    }
}
