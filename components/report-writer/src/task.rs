//! The tasks of a run: their kinds, names and inputs.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use stocktake_capabilities::{Error, Failure, Task};
use stocktake_core::run::{PLAN, PlanInput, REPORT_WRITER};

const PART: &str = "part";
const SEAL: &str = "seal";

/// What a task asks for.
#[derive(Debug)]
pub(crate) enum Work {
    /// Begin a run.
    Plan(PlanInput),
    /// List one range.
    Part(PartInput),
    /// Finish the report, if every range is listed.
    Seal(SealInput),
}

/// The keys greater than `after`, up to and with `until`; none means without that bound.
///
/// Bounds need not be keys. All versions of a key lie in one range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Range {
    pub(crate) after: Option<String>,
    pub(crate) until: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartInput {
    pub(crate) run: String,
    pub(crate) range: Range,
    /// How many rows the file of this part may have; with versions or a filter, up to a page more.
    pub(crate) rows_max: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SealInput {
    pub(crate) run: String,
}

impl Work {
    /// Reads a task.
    pub(crate) fn read(task: &Task) -> Result<Self, Failure> {
        let work = match task.kind.as_str() {
            PLAN => serde_json::from_slice(&task.input).map(Self::Plan),
            PART => serde_json::from_slice(&task.input).map(Self::Part),
            SEAL => serde_json::from_slice(&task.input).map(Self::Seal),
            other => {
                let text =
                    format!("no task of kind `{other}`; there are `plan`, `part` and `seal`");
                return Err(Failure::Reject(text));
            }
        };
        work.map_err(|error| {
            Failure::Reject(format!("the input of a `{}` task cannot be read: {error}", task.kind))
        })
    }

    /// The run that the task belongs to.
    pub(crate) fn run(&self) -> &str {
        match self {
            Self::Plan(input) => &input.run,
            Self::Part(input) => &input.run,
            Self::Seal(input) => &input.run,
        }
    }
}

/// The task that begins a run.
pub(crate) fn plan_task(input: &PlanInput) -> Task {
    task(input.task_name(), PLAN, input)
}

/// The task that lists one range.
pub(crate) fn part_task(input: &PartInput) -> Task {
    let name = format!("{}/part/{}", input.run, range_id(input.range.after.as_deref()));
    task(name, PART, input)
}

/// The task that finishes the report; asked for by the part of this range.
///
/// Its name tells who asked: two parts that end at once must not take each other's request for their own, as the
/// first one's seal may not see the second one's record.
pub(crate) fn seal_task(run: &str, asked_by: &Range) -> Task {
    let name = format!("{run}/seal/{}", range_id(asked_by.after.as_deref()));
    task(name, SEAL, &SealInput { run: run.to_owned() })
}

/// Names a range within a run. Ranges of a run never begin at the same place.
pub(crate) fn range_id(after: Option<&str>) -> String {
    hex(&digest(&["range", if after.is_some() { "after" } else { "start" }, after.unwrap_or("")]))
}

/// SHA-256 over the parts, each preceded by its length so that no two lists of parts give the same bytes.
pub(crate) fn digest(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let full: [u8; 32] = hash.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(full.split_at(16).0);
    half
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What to do about a capability that failed while it was `doing` something.
pub(crate) fn failure(doing: &str, error: &Error) -> Failure {
    if let Error::Throttled(seconds) = error {
        let after_ms = seconds.map(|seconds| seconds.saturating_mul(1000));
        return Failure::Retry { reason: format!("{doing}: {error}"), after_ms };
    }
    if error.is_transient() {
        Failure::Retry { reason: format!("{doing}: {error}"), after_ms: None }
    } else {
        Failure::Reject(format!("{doing}: {error}"))
    }
}

fn task(name: String, kind: &str, input: &impl Serialize) -> Task {
    Task {
        name,
        component: REPORT_WRITER.to_owned(),
        kind: kind.to_owned(),
        // Strings, numbers and structs of them always serialise.
        input: serde_json::to_vec(input).unwrap_or_default(),
        delay_ms: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_reads_back_as_what_it_asks_for() {
        let range = Range { after: Some("a\"b\n\u{10FFFF}".to_owned()), until: None };
        let asked = PartInput { run: "r1".to_owned(), range, rows_max: 7 };
        match Work::read(&part_task(&asked)) {
            Ok(Work::Part(input)) => assert_eq!(input, asked),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rejects_what_it_does_not_know() {
        let unknown = Task { kind: "paint".to_owned(), ..Task::default() };
        let broken = Task { kind: "seal".to_owned(), input: b"{".to_vec(), ..Task::default() };
        for task in [unknown, broken] {
            assert!(matches!(Work::read(&task), Err(Failure::Reject(_))), "{task:?}");
        }
    }

    #[test]
    fn the_start_is_no_empty_key() {
        assert_ne!(range_id(None), range_id(Some("")));
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
    }
}
