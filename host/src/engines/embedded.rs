//! The embedded database: one file that holds records and tasks.
//!
//! One process has it open at a time. Every write is on the disk when its call answers, and a database whose process
//! died opens at once, because each commit also saves what a repair would have to work out.

use std::cell::Cell;
use std::fs;
use std::io::ErrorKind;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

use redb::{
    Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, StorageError,
    WriteTransaction,
};

use crate::panic_text;

/// What the name of a database ends with that is not finished yet.
const NEW_SUFFIX: &str = ".new";

thread_local! {
    /// Whether a panic of this thread is one of the database, which becomes an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// The database, open. Clones share it.
#[derive(Clone, Debug)]
pub struct EmbeddedDatabase(Arc<Open>);

#[derive(Debug)]
struct Open {
    path: PathBuf,
    /// None only while it is being closed.
    database: Option<Database>,
}

/// Why the database could not be opened or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The file is not a database, or parts of it were overwritten.
    #[error(
        "the database `{}` is damaged ({detail}); restore it from a backup, or move it away to begin with an empty one, without its configurations, policies and runs",
        path.display()
    )]
    Damaged {
        /// The path as it was given.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Two processes must not write to one database.
    #[error("`{}` is in use by another process; end that one or name another file", path.display())]
    InUse {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("the database `{}` cannot be used", path.display())]
    Unusable {
        /// The path as it was given.
        path: PathBuf,
        /// Why.
        source: Box<redb::Error>,
    },
}

impl EmbeddedDatabase {
    /// Opens the database, or makes it where there is none. Its folder must exist.
    ///
    /// # Errors
    /// [`EmbeddedError::InUse`], [`EmbeddedError::Damaged`], [`EmbeddedError::Unusable`].
    pub fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let open = || match path.try_exists() {
            Ok(true) => {
                // A process that was killed right after it had made the database leaves a second name of it.
                drop(fs::remove_file(unfinished(path)));
                Database::open(path)
            }
            Ok(false) => make(path).and_then(|()| Database::open(path)),
            Err(error) => Err(StorageError::Io(error).into()),
        };
        let database = guarded(path, || Ok(open()?))?;
        Ok(Self(Arc::new(Open { path: path.to_owned(), database: Some(database) })))
    }

    /// Uses the database: a damaged one makes redb panic, and that becomes an error with the name of the file.
    ///
    /// # Errors
    /// [`EmbeddedError::Damaged`], [`EmbeddedError::Unusable`].
    pub(super) fn guarded<T>(
        &self,
        work: impl FnOnce() -> Result<T, redb::Error>,
    ) -> Result<T, EmbeddedError> {
        guarded(&self.0.path, work)
    }

    pub(super) fn read(&self) -> Result<ReadTransaction, redb::Error> {
        Ok(self.database()?.begin_read()?)
    }

    pub(super) fn write(&self) -> Result<WriteTransaction, redb::Error> {
        let mut transaction = self.database()?.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        transaction.set_quick_repair(true);
        Ok(transaction)
    }

    fn database(&self) -> Result<&Database, redb::Error> {
        self.0.database.as_ref().ok_or(redb::Error::DatabaseClosed)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let database = self.database.take();
        // The next start says more of a database that cannot be closed in order.
        drop(guarded(&self.path, move || {
            drop(database);
            Ok(())
        }));
    }
}

/// Keeps panics that [`EmbeddedDatabase`] turns into errors from being printed. All others are printed as before.
pub(crate) fn hide_guarded_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_GUARDED.get() {
                usual(info);
            }
        }));
    });
}

fn guarded<T>(
    path: &Path,
    work: impl FnOnce() -> Result<T, redb::Error>,
) -> Result<T, EmbeddedError> {
    let before = IS_GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(before);
    match done {
        Ok(done) => done.map_err(|error| told(path, error)),
        Err(panic) => {
            Err(EmbeddedError::Damaged { path: path.to_owned(), detail: panic_text(&*panic) })
        }
    }
}

/// The error with the name of the file.
fn told(path: &Path, error: redb::Error) -> EmbeddedError {
    let path = path.to_owned();
    match error {
        redb::Error::DatabaseAlreadyOpen => EmbeddedError::InUse { path },
        error if is_damage(&error) => EmbeddedError::Damaged { path, detail: error.to_string() },
        error => EmbeddedError::Unusable { path, source: Box::new(error) },
    }
}

/// Whether an error says that the file does not hold what was written to it.
fn is_damage(error: &redb::Error) -> bool {
    match error {
        redb::Error::Io(error) => {
            matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
        }
        redb::Error::Corrupted(_)
        | redb::Error::LockPoisoned(_)
        | redb::Error::TransactionPoisoned
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::TypeDefinitionChanged { .. } => true,
        _ => false,
    }
}

/// Makes an empty database under another name first: a process that is killed meanwhile would leave a file that no
/// process can open.
fn make(path: &Path) -> Result<(), DatabaseError> {
    let io = |error| DatabaseError::from(StorageError::Io(error));
    let new = unfinished(path);
    // What a killed process left is begun anew. Whoever is at it at this moment has it locked.
    match Database::create(&new) {
        Ok(database) => drop(database),
        Err(already @ DatabaseError::DatabaseAlreadyOpen) => return Err(already),
        Err(_) => {
            fs::remove_file(&new).map_err(io)?;
            drop(Database::create(&new)?);
        }
    }
    // Unlike a rename, a link never takes the place of a database that another process has made meanwhile.
    match fs::hard_link(&new, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(io(error)),
        Ok(()) | Err(_) => {}
    }
    fs::remove_file(&new).map_err(io)
}

/// The name of a database that is not finished yet.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(NEW_SUFFIX);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_began_to_make_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        for half in [&b""[..], b"redb", &[0; 4096]] {
            fs::write(folder.path().join("records.new"), half).unwrap();
            drop(EmbeddedDatabase::open(&path).unwrap());
            fs::hard_link(&path, folder.path().join("records.new")).unwrap();
            drop(EmbeddedDatabase::open(&path).unwrap());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_no_database_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        fs::write(&path, "something else").unwrap();
        assert!(matches!(EmbeddedDatabase::open(&path), Err(EmbeddedError::Damaged { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"something else");
    }
}
