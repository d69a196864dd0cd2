//! Where in `state` runs are kept.

use crate::timestamp::Millis;

/// The key of the [`RunLimits`](super::RunLimits) of scheduled runs; without the record the usual ones hold.
pub const LIMITS_KEY: &str = "settings/run-limits";

/// The key of the [`FirstReport`](crate::schedule::FirstReport) of schedules; without the record the usual one holds.
pub const FIRST_REPORT_KEY: &str = "settings/first-report";

/// What the keys begin with under which runs are noted that were started and have not begun, as a
/// [`PlanInput`](super::PlanInput) each.
pub const STARTS: &str = "starts/";

/// The key of a run's record.
#[must_use]
pub fn record_key(run: &str) -> String {
    format!("runs/{run}/record")
}

/// The key under which attempts that failed are counted while a run is running.
#[must_use]
pub fn errors_key(run: &str) -> String {
    format!("runs/{run}/errors")
}

/// The key under which a run is noted that was started and has not begun.
#[must_use]
pub fn start_key(run: &str) -> String {
    format!("{STARTS}{run}")
}

/// The key under which the latest run on demand of a configuration is noted, as a [`PlanInput`](super::PlanInput).
#[must_use]
pub fn on_demand_key(bucket: &str, id: &str) -> String {
    format!("on-demand/{bucket}/{id}")
}

/// The same for the latest one-time run of an id.
#[must_use]
pub fn once_key(bucket: &str, id: &str) -> String {
    format!("{}{id}", once_prefix(bucket))
}

/// What the keys of all one-time runs of a bucket begin with; their ids follow.
#[must_use]
pub fn once_prefix(bucket: &str) -> String {
    format!("once/{bucket}/")
}

/// The key of a configuration.
#[must_use]
pub fn configuration_key(bucket: &str, id: &str) -> String {
    format!("inventory/{bucket}/{id}")
}

/// The key of what is remembered of a configuration's schedule, as a [`Scheduled`](crate::schedule::Scheduled).
#[must_use]
pub fn schedule_key(bucket: &str, id: &str) -> String {
    format!("schedules/{bucket}/{id}")
}

/// What the keys of a configuration's history begin with. Behind it stands what [`history_key`] adds.
#[must_use]
pub fn history_prefix(bucket: &str, id: &str) -> String {
    format!("history/{bucket}/{id}/")
}

/// The key by which a run stands in its configuration's history; its value is the run's id as JSON. Keys ascend from
/// the newest run to the oldest.
#[must_use]
pub fn history_key(bucket: &str, id: &str, begun: Millis, run: &str) -> String {
    // The sign bit flipped, the numbers ascend with time; inverted, they descend.
    let age = !(begun.0.cast_unsigned() ^ (1 << 63));
    format!("{}{age:016x}-{run}", history_prefix(bucket, id))
}

/// The key of what is remembered of the keys of a configuration's previous report.
#[must_use]
pub fn stretches_key(bucket: &str, id: &str) -> String {
    format!("stretches/{bucket}/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_has_the_newest_run_first() {
        let times = [i64::MAX, 1_794_099_600_001, 1_794_099_600_000, 1, 0, -1, i64::MIN];
        let keys = times.map(|time| history_key("orbit-raw", "daily", Millis(time), "r1"));
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:#?}");
        assert!(keys.iter().all(|key| key.starts_with("history/orbit-raw/daily/")));
    }
}
