//! What becomes of time, memory and calls to the store as buckets grow.

use anyhow::Result;
use stocktake_core::run::{REPORT_WRITER, RunLimits};

use crate::writer::{Arm, mebibytes};
use crate::{built, engine, spread};

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// How often each size is measured. The sizes take turns.
const ROUNDS: usize = 3;

pub(crate) fn bench() -> Result<()> {
    let engine = engine()?;
    let component = built(&engine, REPORT_WRITER)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("a computed bucket, CSV, cut as usual, one task at a time, median of {ROUNDS}\n");
    println!(
        "{:>10} {:>16} {:>10} {:>22}",
        "objects", "1,000 rows/s", "peak MiB", "lists / 1,000 objects"
    );
    let mut measured = SIZES.map(|_| (Vec::new(), 0, 0));
    for _ in 0..ROUNDS {
        for (objects, (rates, peak, lists)) in SIZES.iter().zip(&mut measured) {
            let arm = Arm::with_limits("CSV", *objects, RunLimits::default());
            let (rate, bytes) = arm.component_rate(&runtime, &component)?;
            rates.push(rate);
            *peak = (*peak).max(bytes);
            *lists = arm.store.lists();
        }
    }
    for (objects, (rates, peak, lists)) in SIZES.iter().zip(measured) {
        let calls = lists as f64 * 1000.0 / *objects as f64;
        println!("{objects:>10} {:>16.0} {:>10.1} {calls:>22.2}", spread(rates).0, mebibytes(peak));
    }
    println!("\nmarks: rates within 10 %, memory equal, at most 1.1 lists\n");
    Ok(())
}
