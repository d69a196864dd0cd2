//! Task `seal`: finishing a report.
//!
//! The parts of a run chain: each begins where another one ends. Only when the chain leads from the first key to the
//! last does a manifest appear, so a report cannot be complete with a range missing.

use stocktake_capabilities::{Error, Failure, State, Task, Uploads};
use stocktake_core::configuration::Configuration;
use stocktake_core::run::{ManifestPlace, RunRecord, RunStatus};
use stocktake_core::timestamp::Millis;
use stocktake_formats::Schema;

use crate::Capabilities;
use crate::layout::Layout;
use crate::manifest::{Manifest, ManifestFile, checksum};
use crate::plan::{configuration, put_options};
use crate::ranges::remember;
use crate::records::{PartRecord, end_run, list, parts_prefix, running};
use crate::sink::{ObjectSink, Place};
use crate::task::{Range, failure};

/// Finishes the report if every range is listed; otherwise the part that is still missing asks again.
pub(crate) fn seal<O, U: Uploads, S: State>(
    run: &str,
    has: Capabilities<'_, O, U, S>,
) -> Result<Vec<Task>, Failure> {
    let Some((record, _)) = running(has.state, run)? else {
        // An earlier attempt may have died while it tidied up.
        crate::give_up::tidy(run, has)?;
        return Ok(Vec::new());
    };
    let parts = list(has.state, &parts_prefix(run))?;
    let Some(parts) = chained(parts.into_iter().map(|(_, part)| part).collect()) else {
        return Ok(Vec::new());
    };
    let configuration = configuration(&record.plan)?;
    let place = write_report(&record, &configuration, &parts, has.uploads)?;
    remember(has.state, &record.plan.bucket, configuration.id.as_str(), &parts)?;
    end_run(has.state, run, |record| complete(record, &parts, place.clone()))?;
    crate::give_up::tidy(run, has)?;
    Ok(Vec::new())
}

/// The parts in key order, if together they cover every key exactly once.
fn chained(mut parts: Vec<PartRecord>) -> Option<Vec<PartRecord>> {
    parts.sort_by(|a, b| a.range.after.cmp(&b.range.after));
    let mut bounds = parts.iter().map(|part| &part.range);
    let Range { after: None, until } = bounds.next()? else { return None };
    let mut reached = until;
    for Range { after, until } in bounds {
        if reached.is_none() || after != reached {
            return None;
        }
        reached = until;
    }
    reached.is_none().then_some(parts)
}

fn write_report(
    record: &RunRecord,
    configuration: &Configuration,
    parts: &[PartRecord],
    uploads: &impl Uploads,
) -> Result<ManifestPlace, Failure> {
    let layout = Layout::new(&record.plan.bucket, configuration);
    let time = Millis(record.report_millis);
    let bucket = configuration.destination.bucket.as_str();
    let format = configuration.destination.format;
    let schema = Schema::new(&configuration.columns());
    let files = parts.iter().filter_map(|part| part.file.as_ref());
    let manifest = Manifest {
        source_bucket: &record.plan.bucket,
        destination_bucket: bucket,
        creation: time,
        file_format: format.word(),
        file_schema: &schema.file_schema(format),
        files: files
            .map(|file| ManifestFile {
                key: &file.key,
                size_bytes: file.size_bytes,
                md5: &file.md5,
            })
            .collect(),
    };
    let json = manifest.json();
    let options = put_options(configuration);
    let write = |key: &str, body: &[u8]| {
        write_object(uploads, Place { bucket, key, options: &options }, body)
    };
    write(&layout.symlink(time), manifest.symlink().as_bytes())?;
    write(&layout.manifest(time), json.as_bytes())?;
    // The checksum says that the report is complete, so it comes last.
    write(&layout.checksum(time), checksum(json.as_bytes()).as_bytes())?;
    Ok(ManifestPlace { bucket: bucket.to_owned(), key: layout.manifest(time) })
}

fn write_object(uploads: &impl Uploads, place: Place<'_>, body: &[u8]) -> Result<(), Failure> {
    let write = || -> Result<(), Error> {
        let mut sink = ObjectSink::new(uploads, place, &|| Ok(()));
        sink.write(body)?;
        sink.finish().map(|_| ())
    };
    write()
        .map_err(|error| failure(&format!("writing `{}` to `{}`", place.key, place.bucket), &error))
}

fn complete(record: &mut RunRecord, parts: &[PartRecord], place: ManifestPlace) {
    let files = || parts.iter().filter_map(|part| part.file.as_ref());
    record.status = RunStatus::Complete;
    record.objects = files().map(|file| file.rows).sum();
    record.bytes = parts.iter().map(|part| part.object_bytes).sum();
    record.unlisted = parts.iter().map(|part| part.unlisted).sum();
    record.files = files().count() as u64;
    record.report_bytes = files().map(|file| file.size_bytes).sum();
    record.manifest = Some(place);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ranges: &[(Option<&str>, Option<&str>)], expected: bool) {
        let part = |(after, until): &(Option<&str>, Option<&str>)| PartRecord {
            range: Range { after: after.map(str::to_owned), until: until.map(str::to_owned) },
            file: None,
            object_bytes: 0,
            unlisted: 0,
            rest: Vec::new(),
        };
        let parts = chained(ranges.iter().map(part).collect());
        assert_eq!(parts.is_some(), expected, "{ranges:?}");
    }

    #[test]
    fn a_chain_covers_every_key_exactly_once() {
        check(&[(None, None)], true);
        check(&[(Some("m"), None), (None, Some("c")), (Some("c"), Some("m"))], true);
        check(&[], false);
        check(&[(None, Some("c"))], false);
        check(&[(Some("c"), None)], false);
        check(&[(None, Some("c")), (Some("d"), None)], false);
        check(&[(None, None), (Some("c"), None)], false);
    }
}
