//! Looking whether the data files of a report are still what was written.
//!
//! Hours may lie between the first file and the manifest. Who empties the destination meanwhile, or exchanges the bucket,
//! must not get a report that lists what is not there.

use stocktake_capabilities::{
    DetailKinds, Error, Failure, LIST_ENTRIES_MAX, ListOptions, ObjectRef, Objects,
};

use crate::records::FileRecord;
use crate::task::failure;

/// Compares the size of every file with its record.
///
/// Asks by HEAD, and by a listing where the store denies that: a run may list its destination in any case, as it looks for
/// earlier reports there.
///
/// # Errors
/// [`Failure::Reject`] for a file that is gone or has another size; the failure of the store where it does not respond.
pub(crate) fn verify<'a>(
    files: impl Iterator<Item = &'a FileRecord>,
    bucket: &str,
    destination: &impl Objects,
) -> Result<(), Failure> {
    let files: Vec<&FileRecord> = files.collect();
    for batch in files.chunks(LIST_ENTRIES_MAX as usize) {
        let sizes = sizes(batch, bucket, destination).map_err(|error| {
            failure(&format!("looking for data files in destination bucket `{bucket}`"), &error)
        })?;
        for (file, size) in batch.iter().zip(sizes) {
            compare(file, size, bucket)?;
        }
    }
    Ok(())
}

/// The size of each file, none for one that is not there.
fn sizes(
    files: &[&FileRecord],
    bucket: &str,
    destination: &impl Objects,
) -> Result<Vec<Option<u64>>, Error> {
    let object = |file: &&FileRecord| ObjectRef { key: file.key.clone(), version_id: None };
    let refs: Vec<ObjectRef> = files.iter().map(object).collect();
    let kinds = DetailKinds { head: true, ..DetailKinds::default() };
    match destination.head_many(bucket, &refs, kinds) {
        Ok(details)
            if details.len() == files.len()
                && details.iter().flatten().all(|detail| detail.size_bytes.is_some()) =>
        {
            Ok(details.into_iter().map(|detail| detail?.size_bytes).collect())
        }
        Ok(_) | Err(Error::AccessDenied | Error::Unsupported(_)) => {
            files.iter().map(|file| listed_size(&file.key, bucket, destination)).collect()
        }
        Err(error) => Err(error),
    }
}

fn listed_size(key: &str, bucket: &str, destination: &impl Objects) -> Result<Option<u64>, Error> {
    let options = ListOptions { prefix: key.to_owned(), max_entries: 1, ..ListOptions::default() };
    // The key itself comes before all others that begin with it.
    let page = destination.list_page(bucket, &options, None)?;
    Ok(page.entries.first().filter(|entry| entry.key == key).map(|entry| entry.size_bytes))
}

fn compare(file: &FileRecord, found: Option<u64>, bucket: &str) -> Result<(), Failure> {
    let (key, written) = (&file.key, file.size_bytes);
    let what = match found {
        Some(found) if found == written => return Ok(()),
        Some(found) => format!("has {found} bytes, {written} were written"),
        None => "is gone".to_owned(),
    };
    Err(Failure::Reject(format!(
        "data file `{key}` in destination bucket `{bucket}` {what}; somebody changed the bucket during the run, so no \
         manifest was written; start the run again"
    )))
}
