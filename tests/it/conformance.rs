//! Every implementation keeps the promises of the capabilities.

mod directory {
    use stocktake_host::engines::DirectoryStore;
    use stocktake_tests::conformance::{Store, StoreFixture};
    use tempfile::TempDir;

    struct Folder(TempDir);

    impl StoreFixture for Folder {
        fn open(&self) -> Box<dyn Store + '_> {
            Box::new(DirectoryStore::open(self.0.path(), []).unwrap())
        }

        fn bucket(&self) -> String {
            "conformance".to_owned()
        }
    }

    fn folder() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        let store = DirectoryStore::open(folder.0.path(), []).unwrap();
        store.create_bucket(&folder.bucket()).unwrap();
        folder
    }

    stocktake_tests::store_cases!(super::folder);
}

mod memory {
    use stocktake_capabilities::memory::{MemoryState, MemoryStore};
    use stocktake_capabilities::{Instant, State};
    use stocktake_tests::conformance::{StateFixture, Store, StoreFixture};

    struct Memory<T>(T);

    impl StoreFixture for Memory<MemoryStore> {
        fn open(&self) -> Box<dyn Store + '_> {
            Box::new(self.0.clone())
        }

        fn bucket(&self) -> String {
            "conformance".to_owned()
        }
    }

    impl StateFixture for Memory<MemoryState> {
        fn open(&self) -> Box<dyn State + '_> {
            Box::new(self.0.clone())
        }
    }

    fn store() -> Memory<MemoryStore> {
        let now = Instant { seconds: 1_700_000_000, nanoseconds: 5 };
        Memory(MemoryStore::new(now).with_bucket("conformance"))
    }

    fn records() -> Memory<MemoryState> {
        Memory(MemoryState::default())
    }

    stocktake_tests::store_cases!(super::store);
    stocktake_tests::state_cases!(super::records);
}

mod redb {
    use stocktake_capabilities::State;
    use stocktake_host::engines::{EmbeddedDatabase, RedbState};
    use stocktake_tests::conformance::StateFixture;
    use tempfile::TempDir;

    struct Database(TempDir);

    impl StateFixture for Database {
        fn open(&self) -> Box<dyn State + '_> {
            let database = EmbeddedDatabase::open(&self.0.path().join("records")).unwrap();
            Box::new(RedbState::new(database).unwrap())
        }
    }

    fn database() -> Database {
        Database(tempfile::tempdir().unwrap())
    }

    stocktake_tests::state_cases!(super::database);
}
