//! Which folders are buckets, and making one.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::time::SystemTime;

use rustix::io::Errno;
use stocktake_capabilities::{
    Bucket, BucketCreation, BucketPage, Buckets, CreationOutcome, Error, Instant,
};

use super::{BUCKET_NAME_BYTES_MAX, DirectoryStore, folder, is_bucket_name, open_path};

impl Buckets for DirectoryStore {
    /// The mapped buckets whose folders are there, and the folders of the root whose name can be a bucket's.
    fn list_buckets(&self, cursor: Option<&str>) -> Result<BucketPage, Error> {
        let names = self.names().map_err(|errno| folder::error(errno, "listing the buckets"))?;
        let unknown = names.into_iter().map(|name| Bucket { name, created: None }).collect();
        let mut page = BucketPage::cut(unknown, cursor)?;
        for bucket in &mut page.buckets {
            // One that has gone since is told as it was.
            bucket.created = self.bucket(&bucket.name).ok().and_then(created);
        }
        Ok(page)
    }

    fn head_bucket(&self, bucket: &str) -> Result<Bucket, Error> {
        let folder = self.bucket(bucket)?;
        Ok(Bucket { name: bucket.to_owned(), created: created(folder) })
    }
}

impl BucketCreation for DirectoryStore {
    /// Makes a folder in the root. Folders have no locations, and nobody else has any of this store.
    fn create_bucket(
        &self,
        bucket: &str,
        _location: Option<&str>,
    ) -> Result<CreationOutcome, Error> {
        if !is_bucket_name(bucket) {
            return Err(Error::InvalidArgument(format!(
                "`{}` is no bucket name; use a to z, 0 to 9, `-` and `.`, not at the beginning, at most {BUCKET_NAME_BYTES_MAX}",
                bucket.escape_default()
            )));
        }
        match self.bucket(bucket) {
            Ok(_) => return Ok(CreationOutcome::AlreadyOwned),
            Err(Error::NoSuchBucket) if self.mapped.contains_key(bucket) => {
                return Err(Error::Unsupported(format!(
                    "the bucket `{bucket}` is mapped to a folder that is missing; make that folder"
                )));
            }
            Err(Error::NoSuchBucket) => {}
            Err(error) => return Err(error),
        }
        self.make(bucket)
    }
}

impl DirectoryStore {
    /// The names of all buckets that are there, in order.
    pub(super) fn names(&self) -> Result<BTreeSet<String>, Errno> {
        let root = open_path(&self.root)?;
        let is_there = |name: &&String| self.bucket(name).is_ok();
        let mut names: BTreeSet<String> = self.mapped.keys().filter(is_there).cloned().collect();
        for entry in rustix::fs::Dir::read_from(&root)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if is_bucket_name(name)
                && !self.mapped.contains_key(name)
                && folder::open(&root, name.as_bytes()).is_ok()
            {
                names.insert(name.to_owned());
            }
        }
        Ok(names)
    }

    fn make(&self, bucket: &str) -> Result<CreationOutcome, Error> {
        let error = |errno| folder::error(errno, "making the bucket");
        let root = open_path(&self.root).map_err(error)?;
        let outcome = match rustix::fs::mkdirat(&root, bucket, folder::FOLDER_MODE) {
            Ok(()) => CreationOutcome::Created,
            Err(Errno::EXIST) if folder::open(&root, bucket.as_bytes()).is_ok() => {
                CreationOutcome::AlreadyOwned
            }
            Err(Errno::EXIST) => {
                return Err(Error::InvalidArgument(format!(
                    "in the store `{bucket}` is something else than a folder; use another name"
                )));
            }
            Err(errno) => return Err(error(errno)),
        };
        // Also for a folder that somebody else has made this instant: this call answers that it is durable.
        rustix::fs::fsync(root.as_fd()).map_err(error)?;
        Ok(outcome)
    }
}

/// When a folder was made; where the file system does not know, when its list of names changed last.
fn created(folder: OwnedFd) -> Option<Instant> {
    let metadata = File::from(folder).metadata().ok()?;
    let time = metadata.created().or_else(|_| metadata.modified()).ok()?;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Instant {
        seconds: i64::try_from(since.as_secs()).ok()?,
        nanoseconds: since.subsec_nanos(),
    })
}
