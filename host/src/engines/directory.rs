//! Buckets that are folders of a file system: [`DirectoryStore`].
//!
//! - A bucket is a folder of the root, or a folder elsewhere that is mapped to a name. Its objects are the regular
//!   files below it; the key is the path from there, with `/`.
//! - No key leads out of its bucket: every path is opened component by component, and symbolic links are neither
//!   followed nor listed. The paths of the root and of mapped folders may lead through links.
//! - A write is a file in the reserved folder `.stocktake-uploads` of the bucket until a rename makes it visible. A
//!   process that dies leaves nothing but files there.
//! - Preconditions are judged in one step with the rename, among the writers of this store. `if-none-match` holds
//!   against writers elsewhere too.
//!
//! A folder keeps names, sizes and times. There are no versions, media types, tags, owners, policies or encryption
//! here, and no entity tags in listings: they would cost reading every content.

mod buckets;
mod folder;
mod listing;
mod names;
mod parts;
mod read;
mod staging;
mod walk;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use stocktake_capabilities::{
    DetailKinds, Error, ListOptions, ObjectDetail, ObjectRef, Objects, Page, Part, PutOptions,
    PutOutcome, Uploads,
};

/// The most bytes of a bucket's name: what a file name can have.
pub const BUCKET_NAME_BYTES_MAX: usize = 255;

/// A bucket that is not a folder of the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedBucket {
    /// The bucket's name. It hides a folder of the same name in the root.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// Whether every write is refused.
    pub read_only: bool,
}

/// Why a store of folders could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The root is no folder, or cannot be read.
    #[error("`{}` cannot be used as the folder of buckets; create it or name another one", path.display())]
    Root {
        /// The path as it was given.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A bucket cannot have this name.
    #[error(
        "`{name}` is no bucket name; use a to z, 0 to 9, `-` and `.`, not at the beginning, at most {BUCKET_NAME_BYTES_MAX}"
    )]
    BucketName {
        /// The name.
        name: String,
    },
    /// Two mapped buckets have one name.
    #[error("the bucket `{name}` is mapped twice; name one of them differently")]
    MappedTwice {
        /// The name.
        name: String,
    },
}

/// Buckets that are folders. See the [module](self).
#[derive(Debug)]
pub struct DirectoryStore {
    root: PathBuf,
    mapped: BTreeMap<String, MappedBucket>,
    walks: listing::ParkedWalks,
    /// Held while a precondition is judged and the write becomes visible.
    publishing: Mutex<()>,
    names_max: usize,
}

impl DirectoryStore {
    /// Opens the folder of buckets. A mapped folder need not exist yet: until it does, there is no such bucket.
    ///
    /// # Errors
    /// [`DirectoryError::Root`], [`DirectoryError::BucketName`], [`DirectoryError::MappedTwice`].
    pub fn open(
        root: &Path,
        mapped: impl IntoIterator<Item = MappedBucket>,
    ) -> Result<Self, DirectoryError> {
        open_path(root).map_err(|errno| root_error(root, errno))?;
        let mut by_name = BTreeMap::new();
        for bucket in mapped {
            let name = bucket.name.clone();
            if !is_bucket_name(&name) {
                return Err(DirectoryError::BucketName { name });
            }
            if by_name.insert(name.clone(), bucket).is_some() {
                return Err(DirectoryError::MappedTwice { name });
            }
        }
        Ok(Self {
            root: root.to_owned(),
            mapped: by_name,
            walks: listing::ParkedWalks::default(),
            publishing: Mutex::new(()),
            names_max: names::NAMES_PER_PASS,
        })
    }

    fn bucket(&self, name: &str) -> Result<OwnedFd, Error> {
        if !is_bucket_name(name) {
            return Err(Error::NoSuchBucket);
        }
        let opened = match self.mapped.get(name) {
            Some(mapped) => open_path(&mapped.path),
            None => open_path(&self.root).and_then(|root| folder::open(root, name.as_bytes())),
        };
        opened.map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Error::NoSuchBucket,
            other => folder::error(other, "opening the bucket"),
        })
    }

    /// Removes temporary files of processes that were killed, from every bucket that may be written to.
    ///
    /// What cannot be looked at is told in the log and left alone.
    pub fn sweep(&self) {
        for name in self.names().unwrap_or_default() {
            let Ok(bucket) = self.writable_bucket(&name) else { continue };
            let Ok(reserved) = folder::open(&bucket, folder::RESERVED.as_bytes()) else { continue };
            if let Err(errno) = staging::sweep(&reserved) {
                tracing::warn!(bucket = name, %errno, "temporary files cannot be looked for");
            }
        }
    }

    fn writable_bucket(&self, name: &str) -> Result<OwnedFd, Error> {
        let bucket = self.bucket(name)?;
        if self.mapped.get(name).is_some_and(|mapped| mapped.read_only) {
            return Err(Error::AccessDenied);
        }
        Ok(bucket)
    }
}

impl Objects for DirectoryStore {
    fn list_page(
        &self,
        bucket: &str,
        options: &ListOptions,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        self.list(bucket, options, cursor)
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[ObjectRef],
        kinds: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        read::head_many(&self.bucket(bucket)?, refs, kinds)
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, Error> {
        read::read_range(&self.bucket(bucket)?, object, offset_bytes, length_bytes)
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        self.bucket(bucket).map(|_| None)
    }
}

impl Uploads for DirectoryStore {
    fn put(
        &self,
        bucket: &str,
        key: &str,
        body: &[u8],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        self.put_file(&self.writable_bucket(bucket)?, key, body, options)
    }

    fn begin(&self, bucket: &str, key: &str, options: &PutOptions) -> Result<String, Error> {
        parts::begin(&self.writable_bucket(bucket)?, key, options)
    }

    fn write_part(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        number: u32,
        body: &[u8],
    ) -> Result<Part, Error> {
        parts::write(&self.writable_bucket(bucket)?, key, upload, number, body)
    }

    fn complete(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[Part],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        self.join_parts(&self.writable_bucket(bucket)?, (key, upload), parts, options)
    }

    fn abort(&self, bucket: &str, key: &str, upload: &str) -> Result<(), Error> {
        parts::abort(&self.writable_bucket(bucket)?, key, upload)
    }

    fn abort_all(&self, bucket: &str, key: &str) -> Result<(), Error> {
        parts::abort_all(&self.writable_bucket(bucket)?, key)
    }
}

fn is_bucket_name(name: &str) -> bool {
    let is_harmless = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    (1..=BUCKET_NAME_BYTES_MAX).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(is_harmless)
}

/// Opens a path that the operator configured; links in it are followed.
fn open_path(path: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

fn root_error(path: &Path, errno: Errno) -> DirectoryError {
    DirectoryError::Root { path: path.to_owned(), source: errno.into() }
}
