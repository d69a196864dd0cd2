//! A report over a store whose latency is high: what counts is how many requests are under way.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use stocktake_tests::harness::slow_store::{Latency, SlowStore};
use stocktake_tests::harness::{DESTINATION, SOURCE};

use crate::Arm;
use crate::command::{Proof, Reports, SECONDS, seconds};
use crate::table::{Mark, Row};

const OBJECTS: usize = 5_000_000;

/// What an S3 API takes for a page from another continent, or when it is busy.
const PAGE: Duration = Duration::from_millis(100);

/// The whole report at a mean of 100,000 keys a second.
const SECONDS_MAX: f64 = 50.0;

pub(crate) fn arms(scratch: &Path) -> Result<Vec<Arm>> {
    std::fs::create_dir_all(scratch)?;
    let part = "5 million objects of a store that takes 0.1 s for a page, first report";
    let mut arms = Vec::new();
    for format in ["CSV", "Parquet"] {
        let name = format!("stocktake run, {format}, default settings");
        let rows = vec![
            Row::new(part, &name, SECONDS, Mark::AtMost(SECONDS_MAX)),
            Row::new(part, &name, "lists / 1,000 objects", Mark::Nothing),
            Row::new(part, &name, "requests in flight, at most", Mark::Nothing),
            Row::new(part, &name, "data files", Mark::Nothing),
        ];
        let scratch = scratch.to_owned();
        let mut arm = Arm::new(rows, move || {
            let store = SlowStore::start(OBJECTS, Latency { page: PAGE, head: PAGE });
            let environment = store.environment();
            let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let reports = Reports {
                store: store.endpoint(),
                scratch: scratch.clone(),
                environment: environment.to_vec(),
                source: SOURCE.to_owned(),
                destination: DESTINATION.to_owned(),
                made: Rc::new(Cell::new(0)),
            };
            // What a database remembers of an earlier round would make this one no first report.
            drop(std::fs::remove_dir_all(scratch.join("data")));
            let output = scratch.join("output");
            let proof = Proof("\"objects\":5000000,", 1);
            let seconds = seconds(&mut reports.first(format)?, &output, proof)?;
            let files = store.written().keys().filter(|key| key.contains("/data/")).count();
            let lists = store.pages() as f64 / (OBJECTS as f64 / 1000.0);
            Ok(vec![seconds, lists, store.in_flight_most() as f64, files as f64])
        });
        arm.rounds_max = 3;
        arms.push(arm);
    }
    Ok(arms)
}
