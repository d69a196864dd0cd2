//! Every implementation keeps the promises of the capabilities.

mod directory {
    #![expect(clippy::unnecessary_wraps, reason = "the suites take what may be missing elsewhere")]

    use stocktake_capabilities::BucketCreation as _;
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

    fn folder() -> Option<Folder> {
        let folder = Folder(tempfile::tempdir().unwrap());
        let store = DirectoryStore::open(folder.0.path(), []).unwrap();
        store.create_bucket(&folder.bucket(), None).unwrap();
        Some(folder)
    }

    stocktake_tests::store_cases!(super::folder);
}

mod memory {
    #![expect(clippy::unnecessary_wraps, reason = "the suites take what may be missing elsewhere")]

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

    fn store() -> Option<Memory<MemoryStore>> {
        let now = Instant { seconds: 1_700_000_000, nanoseconds: 5 };
        Some(Memory(MemoryStore::new(now).with_bucket("conformance")))
    }

    fn records() -> Option<Memory<MemoryState>> {
        Some(Memory(MemoryState::default()))
    }

    stocktake_tests::store_cases!(super::store);
    stocktake_tests::state_cases!(super::records);
}

mod redb {
    #![expect(clippy::unnecessary_wraps, reason = "the suites take what may be missing elsewhere")]

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

    fn database() -> Option<Database> {
        Some(Database(tempfile::tempdir().unwrap()))
    }

    stocktake_tests::state_cases!(super::database);
}

mod s3 {
    use stocktake_tests::conformance::{Store, StoreFixture};
    use stocktake_tests::harness::ceph::{Ceph, ceph};

    struct Gateway {
        ceph: &'static Ceph,
        bucket: String,
    }

    impl StoreFixture for Gateway {
        fn open(&self) -> Box<dyn Store + '_> {
            Box::new(self.ceph.open())
        }

        fn bucket(&self) -> String {
            self.bucket.clone()
        }
    }

    fn gateway() -> Option<Gateway> {
        let ceph = ceph()?;
        Some(Gateway { ceph, bucket: ceph.bucket() })
    }

    stocktake_tests::store_cases!(super::gateway);
}
