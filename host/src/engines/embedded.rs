//! The embedded database: one file that holds records and tasks.
//!
//! One process has it open at a time. Every write is on the disk when its call answers, and a database whose process
//! died opens at once, because each commit also saves what a repair would have to work out.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, StorageError,
    WriteTransaction,
};

/// What the name of a database ends with that is not finished yet.
const NEW_SUFFIX: &str = ".new";

/// The database, open. Clones share it.
#[derive(Clone, Debug)]
pub struct EmbeddedDatabase(Arc<Database>);

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// Two processes must not write to one database.
    #[error("`{}` is in use by another process; end that one or name another file", path.display())]
    InUse {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file cannot be read, written or understood.
    #[error("`{}` cannot be opened as a database", path.display())]
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
    /// [`EmbeddedError::InUse`], [`EmbeddedError::Unusable`].
    pub fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let opened = match path.try_exists() {
            Ok(true) => {
                // A process that was killed right after it had made the database leaves a second name of it.
                drop(fs::remove_file(unfinished(path)));
                Database::open(path)
            }
            Ok(false) => make(path).and_then(|()| Database::open(path)),
            Err(error) => Err(StorageError::Io(error).into()),
        };
        match opened {
            Ok(database) => Ok(Self(Arc::new(database))),
            Err(DatabaseError::DatabaseAlreadyOpen) => {
                Err(EmbeddedError::InUse { path: path.to_owned() })
            }
            Err(error) => Err(EmbeddedError::Unusable {
                path: path.to_owned(),
                source: Box::new(error.into()),
            }),
        }
    }

    pub(super) fn read(&self) -> Result<ReadTransaction, redb::Error> {
        Ok(self.0.begin_read()?)
    }

    pub(super) fn write(&self) -> Result<WriteTransaction, redb::Error> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        transaction.set_quick_repair(true);
        Ok(transaction)
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
        assert!(matches!(EmbeddedDatabase::open(&path), Err(EmbeddedError::Unusable { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"something else");
    }
}
