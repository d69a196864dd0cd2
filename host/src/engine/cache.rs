//! Compiled code on disk, so that only the first start compiles.
//!
//! A file is named by the SHA-256 of the component and by everything of the engine that compiled code depends on. It
//! begins with the SHA-256 of the rest, so that a torn or rotten file is compiled anew. That is no protection from
//! malice: the directory is, which must belong to the user alone.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

/// Files that are kept; the oldest go first. A version of Stocktake has a handful of components.
const FILES_MAX: usize = 32;

const DIGEST_BYTES: usize = 32;

const SUFFIX: &str = "cwasm";

/// Why a directory is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum CacheError {
    #[error("the directory cannot be used: {0}")]
    Io(#[from] io::Error),
    #[error("it is not a directory; name another one")]
    NotADirectory,
    #[error("it belongs to user {owner}, not to user {user}; name another one")]
    Foreign { owner: u32, user: u32 },
    #[error("others can reach it (mode {mode:o}); run `chmod 700` on it")]
    Open { mode: u32 },
}

/// A private directory of compiled components.
pub(super) struct Cache {
    directory: PathBuf,
    compatibility: u64,
}

impl Cache {
    /// Takes a directory into use, and makes it if need be.
    pub(super) fn open(directory: &Path, engine: &wasmtime::Engine) -> Result<Self, CacheError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let found = fs::symlink_metadata(directory)?;
        if !found.is_dir() {
            return Err(CacheError::NotADirectory);
        }
        let user = rustix::process::geteuid().as_raw();
        if found.uid() != user {
            return Err(CacheError::Foreign { owner: found.uid(), user });
        }
        let mode = found.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(CacheError::Open { mode });
        }
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self { directory: directory.to_owned(), compatibility: hasher.finish() })
    }

    /// The compiled form of a component, if it is here and whole.
    pub(super) fn load(&self, engine: &wasmtime::Engine, wasm: &[u8]) -> Option<Component> {
        let path = self.path(wasm);
        let file = fs::read(&path).ok()?;
        let Some(compiled) = checked(&file) else {
            tracing::warn!(path = %path.display(), "a file of compiled code is damaged; compiling anew");
            return None;
        };
        #[expect(
            unsafe_code,
            reason = "the bytes are whole, and only this user can write to the directory they come from"
        )]
        let component = unsafe { Component::deserialize(engine, compiled) };
        component
            .inspect_err(|error| {
                tracing::warn!(path = %path.display(), %error, "compiled code does not fit; compiling anew");
            })
            .ok()
    }

    /// Keeps the compiled form of a component; what goes wrong costs the next start some time, and no more.
    pub(super) fn store(&self, wasm: &[u8], component: &Component) {
        let path = self.path(wasm);
        let kept = component
            .serialize()
            .map_err(io::Error::other)
            .and_then(|compiled| self.write(&path, &compiled))
            .and_then(|()| self.prune());
        if let Err(error) = kept {
            tracing::warn!(path = %path.display(), %error, "compiled code cannot be kept");
        }
    }

    /// Writes under another name and renames, so that no reader ever sees half a file.
    fn write(&self, path: &Path, compiled: &[u8]) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let temporary = self.directory.join(format!(
            "{}-{}.tmp",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        let written = fs::File::create(&temporary).and_then(|mut file| {
            file.write_all(&Sha256::digest(compiled))?;
            file.write_all(compiled)
        });
        let renamed = written.and_then(|()| fs::rename(&temporary, path));
        if renamed.is_err() {
            drop(fs::remove_file(&temporary));
        }
        renamed
    }

    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|suffix| suffix == SUFFIX) {
                files.push((fs::metadata(&path)?.modified()?, path));
            }
        }
        files.sort();
        let surplus = files.len().saturating_sub(FILES_MAX);
        files.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
    }

    fn path(&self, wasm: &[u8]) -> PathBuf {
        let digest = crate::hex(&Sha256::digest(wasm));
        self.directory.join(format!("{digest}-{:016x}.{SUFFIX}", self.compatibility))
    }
}

/// What follows the digest, if the digest fits.
fn checked(file: &[u8]) -> Option<&[u8]> {
    let (digest, compiled) = file.split_at_checked(DIGEST_BYTES)?;
    (Sha256::digest(compiled).as_slice() == digest).then_some(compiled)
}
