//! What only a directory can get wrong: hostile names, links, special files, leftovers, large and changing folders.

mod listing;
mod writing;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use stocktake_capabilities::{BucketCreation as _, Buckets as _, Entry, ListOptions};
use tempfile::TempDir;

use super::*;

const BUCKET: &str = "b";

/// A root with one empty bucket.
struct Root {
    folder: TempDir,
}

impl Root {
    fn new() -> Self {
        let root = Self { folder: tempfile::tempdir().unwrap() };
        root.store().create_bucket(BUCKET, None).unwrap();
        root
    }

    /// A bucket with these files, which hold their key.
    fn with(keys: &[&str]) -> Self {
        let root = Self::new();
        for key in keys {
            root.write(key.as_bytes());
        }
        root
    }

    fn store(&self) -> DirectoryStore {
        DirectoryStore::open(self.folder.path(), []).unwrap()
    }

    fn store_with_names_max(&self, names_max: usize) -> DirectoryStore {
        DirectoryStore { names_max, ..self.store() }
    }

    fn path(&self, name: &[u8]) -> PathBuf {
        self.folder.path().join(BUCKET).join(OsStr::from_bytes(name))
    }

    fn write(&self, name: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }

    fn link(&self, target: &str, name: &str) {
        symlink(target, self.path(name.as_bytes())).unwrap();
    }

    /// The names in the reserved folder; none if there is no such folder.
    fn leftovers(&self) -> Option<usize> {
        fs::read_dir(self.path(folder::RESERVED.as_bytes())).ok().map(Iterator::count)
    }
}

fn by(max_entries: u32) -> ListOptions {
    ListOptions { max_entries, ..ListOptions::default() }
}

/// The whole listing and the number of unlisted names, each page by another store.
fn list_with(open: impl Fn() -> DirectoryStore, options: &ListOptions) -> (Vec<Entry>, u32) {
    let (mut entries, mut unlisted, mut cursor) = (Vec::new(), 0, None::<String>);
    for _ in 0..10_000 {
        let page = open().list_page(BUCKET, options, cursor.as_deref()).unwrap();
        entries.extend(page.entries.iter().map(|entry| entry.to_owned()));
        unlisted += page.unlisted;
        cursor = page.next;
        if cursor.is_none() {
            return (entries, unlisted);
        }
    }
    panic!("the listing does not end");
}

fn keys(store: &DirectoryStore, options: &ListOptions) -> Vec<String> {
    let (mut keys, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = store.list_page(BUCKET, options, cursor.as_deref()).unwrap();
        keys.extend(page.entries.keys.iter().map(str::to_owned));
        cursor = page.next;
        if cursor.is_none() {
            return keys;
        }
    }
}

fn object(key: &str) -> ObjectRef {
    ObjectRef { key: key.to_owned(), version_id: None }
}

fn put(store: &DirectoryStore, key: &str) -> Result<PutOutcome, Error> {
    store.put(BUCKET, key, b"content", &PutOptions::default())
}

#[test]
fn buckets_are_folders_with_harmless_names_and_mapped_ones() {
    let root = Root::new();
    fs::create_dir(root.folder.path().join("z.9-bucket")).unwrap();
    fs::create_dir(root.folder.path().join(".hidden")).unwrap();
    fs::create_dir(root.folder.path().join("Upper")).unwrap();
    fs::write(root.folder.path().join("file"), "").unwrap();
    symlink(root.folder.path(), root.folder.path().join("link")).unwrap();
    let mapped = MappedBucket {
        name: "mapped".to_owned(),
        path: root.folder.path().join("link/b"),
        read_only: true,
    };
    let store = DirectoryStore::open(root.folder.path(), [mapped]).unwrap();
    let listed = store.list_buckets(None).unwrap();
    let names: Vec<&str> = listed.buckets.iter().map(|bucket| bucket.name.as_str()).collect();
    assert_eq!((names, listed.next), (vec!["b", "mapped", "z.9-bucket"], None));
    for name in ["Upper", "file", "link", ".hidden"] {
        assert_eq!(store.list_page(name, &by(1), None), Err(Error::NoSuchBucket), "{name}");
    }
    root.write(b"through a link of the operator");
    assert_eq!(store.list_page("mapped", &by(1), None).unwrap().entries.len(), 1);
}

#[test]
fn a_read_only_bucket_denies_every_write() {
    let root = Root::with(&["k"]);
    let path = root.folder.path().join(BUCKET);
    let mapped = MappedBucket { name: "read-only".to_owned(), path, read_only: true };
    let store = DirectoryStore::open(root.folder.path(), [mapped]).unwrap();
    let (bucket, options) = ("read-only", PutOptions::default());
    let parts = [Part { number: 1, etag: String::new() }];
    assert_eq!(store.put(bucket, "k", b"", &options), Err(Error::AccessDenied));
    assert_eq!(store.begin(bucket, "k", &options), Err(Error::AccessDenied));
    assert_eq!(store.write_part(bucket, "k", "u", 1, b""), Err(Error::AccessDenied));
    assert_eq!(store.complete(bucket, "k", "u", &parts, &options), Err(Error::AccessDenied));
    assert_eq!(store.abort(bucket, "k", "u"), Err(Error::AccessDenied));
    assert_eq!(store.read_range(bucket, &object("k"), 0, 9), Ok(b"k".to_vec()));
    assert_eq!(root.leftovers(), None);
}

#[test]
fn a_wrong_set_up_is_explained() {
    let root = Root::new();
    let map = |name: &str| MappedBucket {
        name: name.to_owned(),
        path: root.folder.path().to_owned(),
        read_only: false,
    };
    let open = |mapped: Vec<MappedBucket>| DirectoryStore::open(root.folder.path(), mapped);
    let refused = open(vec![map("Up/../per")]).unwrap_err().to_string();
    assert!(refused.starts_with("`Up/../per` is no bucket name; use a to z"), "{refused}");
    let refused = open(vec![map("twice"), map("twice")]).unwrap_err().to_string();
    assert_eq!(refused, "the bucket `twice` is mapped twice; name one of them differently");
    let missing = root.folder.path().join("missing");
    let refused = DirectoryStore::open(&missing, []).unwrap_err();
    assert!(matches!(refused, DirectoryError::Root { .. }), "{refused}");
    assert!(root.store().create_bucket("..", None).is_err());
}

#[test]
fn a_bucket_cannot_be_made_where_something_else_is() {
    let root = Root::new();
    fs::write(root.folder.path().join("file"), "").unwrap();
    symlink(root.folder.path(), root.folder.path().join("link")).unwrap();
    for name in ["file", "link"] {
        let refused = root.store().create_bucket(name, None);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{name}: {refused:?}");
    }
    let path = root.folder.path().join("missing");
    let mapped = MappedBucket { name: "mapped".to_owned(), path, read_only: false };
    let store = DirectoryStore::open(root.folder.path(), [mapped]).unwrap();
    assert_eq!(store.head_bucket("mapped"), Err(Error::NoSuchBucket));
    assert_eq!(store.list_buckets(None).unwrap().buckets.len(), 1);
    let refused = store.create_bucket("mapped", None);
    assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
    assert!(!root.folder.path().join("mapped").exists());
}

#[test]
fn a_bucket_was_made_when_its_folder_was() {
    let root = Root::new();
    let bucket = root.store().head_bucket(BUCKET).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let age = i64::try_from(now.as_secs()).unwrap() - bucket.created.unwrap().seconds;
    assert!((0..600).contains(&age), "{bucket:?}");
    assert_eq!(root.store().list_buckets(None).unwrap().buckets, [bucket]);
}

#[test]
fn special_files_are_no_objects_and_do_not_block() {
    let root = Root::with(&["file"]);
    let bucket = fs::File::open(root.folder.path().join(BUCKET)).unwrap();
    rustix::fs::mknodat(&bucket, "pipe", rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0)
        .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.path(b"socket")).unwrap();
    let store = root.store();
    assert_eq!(keys(&store, &by(9)), ["file"]);
    for key in ["pipe", "socket"] {
        let read = store.read_range(BUCKET, &object(key), 0, 1);
        assert_eq!(read, Err(Error::NoSuchObject), "{key}");
        let asked = [object(key)];
        assert_eq!(store.head_many(BUCKET, &asked, DetailKinds::default()), Ok(vec![None]));
        assert!(matches!(put(&store, key), Err(Error::InvalidArgument(_))), "{key}");
    }
}

#[test]
fn links_are_neither_listed_nor_followed() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let root = Root::with(&["file", "folder/file"]);
    root.link(secret.to_str().unwrap(), "link");
    root.link(outside.path().to_str().unwrap(), "folder/away");
    root.link("..", "folder/up");
    root.link("loop", "loop");
    root.link("missing", "dangling");
    let store = root.store();
    let (entries, unlisted) = list_with(|| root.store(), &by(1));
    let found: Vec<String> = entries.into_iter().map(|entry| entry.key).collect();
    assert_eq!((found, unlisted), (vec!["file".to_owned(), "folder/file".to_owned()], 0));
    for key in ["link", "folder/away/secret", "folder/up/file", "loop", "loop/x", "dangling"] {
        let read = store.read_range(BUCKET, &object(key), 0, 9);
        assert_eq!(read, Err(Error::NoSuchObject), "{key}");
        let options = ListOptions { prefix: format!("{key}/"), ..by(9) };
        assert!(keys(&store, &options).is_empty(), "{key}");
        assert!(matches!(put(&store, key), Err(Error::InvalidArgument(_))), "{key}");
    }
    assert_eq!(fs::read(&secret).unwrap(), b"secret");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn a_reserved_folder_that_is_a_link_is_not_used() {
    let outside = tempfile::tempdir().unwrap();
    let root = Root::new();
    root.link(outside.path().to_str().unwrap(), folder::RESERVED);
    assert!(matches!(put(&root.store(), "k"), Err(Error::Other(_))));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}
