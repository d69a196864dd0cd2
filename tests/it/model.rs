//! The directory store lists any tree as a sorted map would.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use stocktake_capabilities::{ListOptions, Objects};
use stocktake_host::engines::DirectoryStore;

const BUCKET: &str = "model";

/// Names that are each other's beginnings, and neighbours of `/` in the order of bytes.
const NAMES: [&str; 9] = ["a", "a-", "a.", "a0", "aa", "b", "b b", "é", "\u{10ffff}"];

/// Keys of up to four names.
fn key() -> impl Strategy<Value = String> {
    vec(prop::sample::select(NAMES.to_vec()), 1..=4).prop_map(|names| names.join("/"))
}

/// Something like a key: cut anywhere, or with something behind.
fn near_key() -> impl Strategy<Value = String> {
    let behind = prop::sample::select(vec!["", "/", "!", "0", "/a"]);
    (key(), any::<prop::sample::Index>(), behind).prop_map(|(key, cut, behind)| {
        let cut = cut.index(key.len() + 1);
        format!("{}{behind}", &key[..key.floor_char_boundary(cut)])
    })
}

/// Those keys that files can have at the same time: none is a folder of another one.
fn tree(keys: Vec<String>) -> BTreeMap<String, u64> {
    let mut tree = BTreeMap::new();
    for (size_bytes, key) in (0..).zip(keys) {
        let below = format!("{key}/");
        let is_folder = tree.keys().any(|other: &String| other.starts_with(&below));
        let is_below = key.match_indices('/').any(|(cut, _)| tree.contains_key(&key[..cut]));
        if !is_folder && !is_below {
            tree.insert(key, size_bytes);
        }
    }
    tree
}

fn write(root: &Path, tree: &BTreeMap<String, u64>) {
    for (key, size_bytes) in tree {
        let path = root.join(BUCKET).join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, vec![0; usize::try_from(*size_bytes).unwrap()]).unwrap();
    }
}

/// Lists all pages; `is_new` tells before each one whether another process goes on.
fn list(root: &Path, options: &ListOptions, is_new: &[bool]) -> Vec<(String, u64)> {
    let open = || DirectoryStore::open(root, []).unwrap();
    let (mut store, mut listed, mut cursor) = (open(), Vec::new(), None::<String>);
    for is_new in is_new.iter().cycle() {
        if *is_new {
            store = open();
        }
        let page = store.list_page(BUCKET, options, cursor.as_deref()).unwrap();
        assert!(page.entries.len() <= options.max_entries as usize);
        listed.extend(page.entries.iter().map(|entry| (entry.key.to_owned(), entry.size_bytes)));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    listed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_directory_lists_as_a_sorted_map(
        keys in vec(key(), 0..40),
        prefix in prop_oneof![Just(String::new()), near_key()],
        start_after in prop::option::of(near_key()),
        until in prop::option::of(near_key()),
        max_entries in 1..12_u32,
        is_new in vec(any::<bool>(), 1..4),
    ) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(BUCKET)).unwrap();
        let tree = tree(keys);
        write(root.path(), &tree);
        let options = ListOptions { prefix, start_after, until, max_entries, versions: false };
        let wanted: Vec<(String, u64)> = tree
            .into_iter()
            .filter(|(key, _)| key.starts_with(&options.prefix))
            .filter(|(key, _)| options.start_after.as_ref().is_none_or(|after| key > after))
            .filter(|(key, _)| options.until.as_ref().is_none_or(|until| key <= until))
            .collect();
        prop_assert_eq!(list(root.path(), &options, &is_new), wanted);
    }
}
