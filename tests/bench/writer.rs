//! report-writer as a component against the same code compiled natively, over the same computed bucket.

use crate::computed::{ComputedRun, Machine, mebibytes};
use crate::table::{Mark, Row};
use crate::{Arm, FORMATS};

/// The rows of one measurement.
const ROWS: u64 = 1_000_000;

/// What the component reaches at least of the native code's rate.
const RATIO_MIN: f64 = 0.75;

pub(crate) fn arms(machine: &Machine) -> Vec<Arm> {
    let part = "report-writer, 1,000,000 rows of 6 columns";
    let what = "1,000 rows / s";
    let mut arms = Vec::new();
    for format in FORMATS {
        let native = format!("native, {format}");
        let mark = Mark::AtLeastTimes(RATIO_MIN, native.clone());
        arms.push(Arm::new(vec![Row::new(part, native, what, Mark::Nothing)], move || {
            Ok(vec![ComputedRun::of_one_file(format, ROWS).native_rate()?])
        }));
        let machine = machine.clone();
        let row = Row::new(part, format!("component, {format}"), what, mark);
        arms.push(Arm::new(vec![row], move || {
            Ok(vec![ComputedRun::of_one_file(format, ROWS).component_rate(&machine)?.0])
        }));
    }
    arms
}

/// The most memory of an invocation in MiB.
const MEMORY_MAX: f64 = 64.0;

/// How much more ten times the objects may take; the allocator's leftovers vary a little.
const MEMORY_GROWTH_MAX: f64 = 1.1;

pub(crate) fn memory_arms(machine: &Machine) -> Vec<Arm> {
    let part = "one invocation that writes one file";
    let what = "peak memory, MiB";
    let mut arms = Vec::new();
    for format in FORMATS {
        let few = format!("1 million objects, {format}");
        let more = Mark::AtMostTimes(MEMORY_GROWTH_MAX, few.clone());
        let many = format!("10 million objects, {format}");
        for (name, objects, mark) in
            [(few, 1_000_000, Mark::AtMost(MEMORY_MAX)), (many, 10_000_000, more)]
        {
            let machine = machine.clone();
            let mut arm = Arm::new(vec![Row::new(part, name, what, mark)], move || {
                let run = ComputedRun::of_one_file(format, objects);
                Ok(vec![mebibytes(run.component_rate(&machine)?.1)])
            });
            // The same work takes the same memory each time.
            arm.rounds_max = 1;
            arms.push(arm);
        }
    }
    arms
}
