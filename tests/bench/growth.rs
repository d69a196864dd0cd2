//! What becomes of time, memory and calls to the store as buckets grow.

use stocktake_core::run::RunLimits;

use crate::Arm;
use crate::computed::{ComputedRun, Machine, mebibytes};
use crate::table::{Mark, Row};

/// How many objects, and how many runs make one measurement: a short run alone would measure the machine's mood.
const SIZES: [(&str, u64, u32); 4] = [
    ("10 thousand objects", 10_000, 20),
    ("100 thousand objects", 100_000, 5),
    ("1 million objects", 1_000_000, 1),
    ("10 million objects", 10_000_000, 1),
];

/// The size that the others are compared with.
const USUAL: &str = "1 million objects";

/// How far from linear time may be.
const LINEAR_WITHIN: f64 = 0.1;

/// How much more memory another size may take.
const MEMORY_GROWTH_MAX: f64 = 1.1;

/// How many pages are asked for per 1,000 objects at most.
pub(crate) const LISTS_MAX: f64 = 1.1;

pub(crate) fn arms(machine: &Machine) -> Vec<Arm> {
    let part = "a computed bucket, CSV, cut as usual, one task at a time";
    let arm = |(name, objects, runs): (&'static str, u64, u32)| {
        let against = |mark: Mark| if name == USUAL { Mark::Nothing } else { mark };
        let linear = against(Mark::Within(LINEAR_WITHIN, USUAL.to_owned()));
        let flat = against(Mark::AtMostTimes(MEMORY_GROWTH_MAX, USUAL.to_owned()));
        let rows = vec![
            Row::new(part, name, "1,000 rows / s", linear),
            Row::new(part, name, "peak memory, MiB", flat),
            Row::new(part, name, "lists / 1,000 objects", Mark::AtMost(LISTS_MAX)),
        ];
        let machine = machine.clone();
        Arm::new(rows, move || {
            let (mut seconds, mut peak, mut lists) = (0.0, 0, 0);
            for _ in 0..runs {
                let run = ComputedRun::new("CSV", objects, RunLimits::default());
                let (rate, bytes) = run.component_rate(&machine)?;
                seconds += objects as f64 / 1000.0 / rate;
                peak = peak.max(bytes);
                lists = run.store.lists();
            }
            let thousands = objects as f64 / 1000.0;
            let rate = thousands * f64::from(runs) / seconds;
            Ok(vec![rate, mebibytes(peak), lists as f64 / thousands])
        })
    };
    SIZES.into_iter().map(arm).collect()
}
