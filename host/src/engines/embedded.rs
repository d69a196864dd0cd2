//! The embedded database: one file that holds records and tasks.
//!
//! One process has it open at a time. Every write is on the disk when its call answers, and a database whose process
//! died opens at once, because each commit also saves what a repair would have to work out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, WriteTransaction,
};

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
        match Database::create(path) {
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
