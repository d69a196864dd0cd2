//! Task `seal`: finishing a report.
//!
//! The parts of a run chain: each begins where another one ends. Only when the chain leads from the first key to the
//! last does a manifest appear, so a report cannot be complete with a range missing.

use stocktake_capabilities::{Error, Failure, ObjectRef, Objects, State, Task, Uploads};
use stocktake_core::configuration::Configuration;
use stocktake_core::form::Form;
use stocktake_core::run::{ManifestPlace, RunCounts, RunRecord, RunStatus, parts_prefix};
use stocktake_core::timestamp::Millis;
use stocktake_formats::Schema;

use crate::Capabilities;
use crate::accounts::Accounts;
use crate::checkpoint::checkpoint;
use crate::layout::Layout;
use crate::manifest::{CosManifest, Extension, Manifest, ManifestFile, checksum};
use crate::plan::{claim, configuration, folder_key, put_options};
use crate::ranges::remember;
use crate::records::{FileRecord, PartRecord, change_run, end_run, list, running};
use crate::sink::{ObjectSink, Place};
use crate::task::{Range, failure};
use crate::verify::verify;

/// How long to wait for another run that writes its manifest: three small objects.
const DAY_CLAIM_MS: u32 = 2_000;

/// Finishes the report if every range is listed; otherwise the part that is still missing asks again.
///
/// Where the time of the call is up before every data file was looked at, the task asks for itself.
pub(crate) fn seal<O: Objects, U: Uploads, S: State>(
    task: &Task,
    run: &str,
    now: Millis,
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
    let destination = checkpoint(&record, "seal", None, has)?;
    let verified = verify(files(&parts), configuration.destination.bucket.as_str(), &destination);
    if destination.is_stopped() {
        return Ok(vec![task.clone()]);
    }
    // Whoever tries again, as the manifest could not be written, looks again.
    destination.forget()?;
    verified?;
    if !claim_day(&record, &configuration, has.state)? {
        return Err(Failure::Retry {
            reason: "another run of the same configuration writes the manifest of the day"
                .to_owned(),
            after_ms: Some(DAY_CLAIM_MS),
        });
    }
    // A run that is cancelled from here on is complete all the same; one that was cancelled before gets no manifest.
    if !record.is_sealing && !change_run(has.state, run, |record| record.is_sealing = true)? {
        crate::give_up::tidy(run, has)?;
        return Ok(Vec::new());
    }
    let place = write_report(&record, &configuration, &parts, has.uploads)?;
    remember(has.state, &record.plan.bucket, configuration.id.as_str(), &parts)?;
    end_run(has.state, run, now, |record| complete(record, totals(&parts), place.clone()))?;
    crate::give_up::tidy(run, has)?;
    Ok(Vec::new())
}

/// Ends a running run as complete if its checksum is there. Answers whether it is.
///
/// # Errors
/// [`Failure::Retry`] where `state` or the store does not answer.
pub(crate) fn end_if_sealed<O: Objects, U, S: State>(
    run: &str,
    now: Millis,
    has: Capabilities<'_, O, U, S>,
) -> Result<bool, Failure> {
    let Some((record, _)) = running(has.state, run)? else { return Ok(false) };
    let Ok(configuration) = configuration(&record.plan) else { return Ok(false) };
    // A record that cannot be read may be why the run was given up.
    let parts = match list(has.state, &parts_prefix(run)) {
        Ok(parts) => parts,
        Err(Failure::Reject(_)) => return Ok(false),
        Err(failure) => return Err(failure),
    };
    let Some(parts) = chained(parts.into_iter().map(|(_, part)| part).collect()) else {
        return Ok(false);
    };
    let (json, _) = manifest(&record, &configuration, &parts, totals(&parts));
    let expected = checksum(json.as_bytes());
    let place = manifest_place(&record, &configuration);
    let key =
        Layout::new(&record.plan.bucket, &configuration).checksum(Millis(record.report_millis));
    let length = u32::try_from(expected.len()).unwrap_or(u32::MAX).saturating_add(1);
    let object = ObjectRef { key, version_id: None };
    match has.objects.read_range(&place.bucket, &object, 0, length) {
        Ok(found) if found == expected.as_bytes() => {
            end_run(has.state, run, now, |record| complete(record, totals(&parts), place.clone()))
        }
        Err(error) if error.is_transient() => Err(failure("looking for the checksum", &error)),
        // Whoever may not read the destination cannot know.
        Ok(_) | Err(_) => Ok(false),
    }
}

fn manifest_place(record: &RunRecord, configuration: &Configuration) -> ManifestPlace {
    let key =
        Layout::new(&record.plan.bucket, configuration).manifest(Millis(record.report_millis));
    ManifestPlace { bucket: configuration.destination.bucket.as_str().to_owned(), key }
}

/// Claims the folder of a report that shares it with others of the day, so that they do not mix manifest and checksum.
///
/// False where another run has it. It is given back when the run ends.
fn claim_day(
    record: &RunRecord,
    configuration: &Configuration,
    state: &impl State,
) -> Result<bool, Failure> {
    let layout = Layout::new(&record.plan.bucket, configuration);
    if !layout.is_daily() {
        return Ok(true);
    }
    let folder = layout.folder(Millis(record.report_millis));
    let key = folder_key(configuration.destination.bucket.as_str(), &folder);
    claim(state, &key, &record.plan.run)
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

/// Writes what makes data files a report.
fn write_report(
    record: &RunRecord,
    configuration: &Configuration,
    parts: &[PartRecord],
    uploads: &impl Uploads,
) -> Result<ManifestPlace, Failure> {
    let layout = Layout::new(&record.plan.bucket, configuration);
    let time = Millis(record.report_millis);
    let bucket = configuration.destination.bucket.as_str();
    let options = put_options(configuration);
    let write = |key: &str, pieces: &mut dyn Iterator<Item = String>| {
        write_object(uploads, Place { bucket, key, options: &options }, pieces)
    };
    let whole = std::iter::once::<String>;
    let totals = totals(parts);
    let (json, symlink) = manifest(record, configuration, parts, totals);
    if let Some(key) = layout.symlink(time) {
        write(&key, &mut whole(symlink))?;
    }
    if let Some(key) = layout.extension(time) {
        let RunCounts { objects, bytes, unlisted, .. } = totals;
        write(&key, &mut Extension { objects, bytes, unlisted }.pieces(files(parts)))?;
    }
    let completion = checksum(json.as_bytes());
    write(&layout.manifest(time), &mut whole(json))?;
    // The checksum says that the report is complete, so it comes last.
    write(&layout.checksum(time), &mut whole(completion))?;
    Ok(manifest_place(record, configuration))
}

/// manifest.json and symlink.txt.
fn manifest(
    record: &RunRecord,
    configuration: &Configuration,
    parts: &[PartRecord],
    totals: RunCounts,
) -> (String, String) {
    let format = configuration.destination.format;
    let file_schema = &Schema::new(&configuration.columns()).file_schema(format);
    let file_format = format.word();
    let listed_files = files(parts).map(|file| ManifestFile {
        key: &file.key,
        size_bytes: file.size_bytes,
        md5: &file.md5,
    });
    let files = listed_files.collect();
    if configuration.form == Form::Cos {
        let manifest = CosManifest {
            accounts: Accounts::new(&record.plan.bucket, configuration),
            file_format,
            file_schema,
            listed: (totals.listed_entries, totals.listed_bytes),
            admitted: (totals.objects, totals.bytes),
            files,
        };
        return (manifest.json(), String::new());
    }
    let manifest = Manifest {
        source_bucket: &record.plan.bucket,
        destination_bucket: configuration.destination.bucket.as_str(),
        creation: Millis(record.report_millis),
        file_format,
        file_schema,
        files,
    };
    (manifest.json(), manifest.symlink())
}

fn write_object(
    uploads: &impl Uploads,
    place: Place<'_>,
    pieces: &mut dyn Iterator<Item = String>,
) -> Result<(), Failure> {
    let write = || -> Result<(), Error> {
        let mut sink = ObjectSink::new(uploads, place, &|| Ok(()));
        for piece in pieces {
            sink.write(piece.as_bytes())?;
        }
        sink.finish().map(|_| ())
    };
    write()
        .map_err(|error| failure(&format!("writing `{}` to `{}`", place.key, place.bucket), &error))
}

fn totals(parts: &[PartRecord]) -> RunCounts {
    RunCounts::of(parts.iter().map(PartRecord::counts))
}

fn files(parts: &[PartRecord]) -> impl Iterator<Item = &FileRecord> {
    parts.iter().filter_map(|part| part.file.as_ref())
}

fn complete(record: &mut RunRecord, counts: RunCounts, place: ManifestPlace) {
    record.status = RunStatus::Complete;
    record.counts = counts;
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
            listed_entries: 0,
            listed_bytes: 0,
            unlisted: 0,
            rest: None,
            is_slow: false,
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

    #[test]
    fn sums_of_impossible_sizes_are_no_panic() {
        let part = PartRecord {
            range: Range { after: None, until: None },
            file: None,
            object_bytes: u64::MAX,
            listed_entries: 1,
            listed_bytes: u64::MAX,
            unlisted: u64::MAX,
            rest: None,
            is_slow: false,
        };
        let totals = totals(&[part.clone(), part]);
        assert_eq!((totals.bytes, totals.listed_entries), (u64::MAX, 2));
        assert_eq!((totals.listed_bytes, totals.unlisted), (u64::MAX, u64::MAX));
    }
}
