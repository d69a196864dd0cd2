//! Listings of folders that are large, deep, oddly named or changing.

use std::collections::BTreeSet;

use super::*;

/// Beside each other, in the order of keys.
const BESIDE: [&str; 12] =
    ["!", "a!/x", "a-b", "a.b", "a/!", "a/b", "a/c/d", "a/c.d", "a0", "ab/c", "ab0", "é"];

fn beside() -> Vec<&'static str> {
    let mut keys = BESIDE.to_vec();
    keys.sort_unstable();
    keys
}

#[test]
fn folders_sort_as_their_keys_go_on() {
    let root = Root::with(&BESIDE);
    for max_entries in 1..=13 {
        assert_eq!(keys(&root.store(), &by(max_entries)), beside());
    }
}

#[test]
fn a_folder_with_more_names_than_a_pass_is_listed_whole() {
    let many: Vec<String> = (0..40).map(|number| format!("m/{:02}", number * 7 % 40)).collect();
    let mut wanted: Vec<&str> = many.iter().map(String::as_str).chain(BESIDE).collect();
    let root = Root::with(&wanted);
    wanted.sort_unstable();
    for names_max in [1, 2, 3, 7, 20, 40] {
        for max_entries in [1, 5, 1000] {
            let listed = keys(&root.store_with_names_max(names_max), &by(max_entries));
            assert_eq!(listed, wanted, "{names_max} names a pass, {max_entries} entries a page");
            let options = ListOptions {
                prefix: "m/".to_owned(),
                start_after: Some("m/07".to_owned()),
                ..by(max_entries)
            };
            let rest = wanted.iter().filter(|key| key.starts_with("m/") && **key > "m/07");
            let listed = keys(&root.store_with_names_max(names_max), &options);
            assert_eq!(listed, rest.copied().collect::<Vec<_>>());
        }
    }
}

#[test]
fn names_that_are_not_utf8_are_counted_once() {
    let root = Root::with(&["a", "f/x", "f\u{7f}", "g"]);
    for name in [&b"\xff"[..], b"a\xff", b"f/\xfe", b"f/x\x80", b"folder\xff/in it", b"f\xc3"] {
        root.write(name);
    }
    for max_entries in 1..=5 {
        for (entries, unlisted) in [
            list_with(|| root.store(), &by(max_entries)),
            list_with(|| root.store_with_names_max(1), &by(max_entries)),
        ] {
            let found: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
            assert_eq!((found, unlisted), (vec!["a", "f/x", "f\u{7f}", "g"], 6));
        }
        let store = root.store();
        let (mut unlisted, mut cursor) = (0, None);
        loop {
            let page = store.list_page(BUCKET, &by(max_entries), cursor.as_deref()).unwrap();
            unlisted += page.unlisted;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(unlisted, 6, "by {max_entries}, from waiting walks");
    }
    let options = ListOptions { prefix: "f/".to_owned(), ..by(9) };
    assert_eq!(list_with(|| root.store(), &options).1, 2);
    let options = ListOptions { start_after: Some("f/x".to_owned()), ..by(9) };
    assert_eq!(list_with(|| root.store(), &options).1, 5);
}

#[test]
fn a_tree_deeper_than_a_path_may_be_long_is_listed_and_read() {
    let root = Root::new();
    let store = root.store();
    let mut wanted = BTreeSet::new();
    for depth in [1, 7, 8, 9, 50, 399] {
        for name in ["!", "zz"] {
            let key = format!("{}{name}", "level-of-a-tree/".repeat(depth));
            put(&store, &key).unwrap();
            wanted.insert(key);
        }
    }
    assert!(wanted.iter().any(|key| key.len() > 6000));
    let wanted: Vec<String> = wanted.into_iter().collect();
    for max_entries in [1, 5, 1000] {
        assert_eq!(keys(&store, &by(max_entries)), wanted);
        let (entries, unlisted) = list_with(|| root.store(), &by(max_entries));
        let listed: Vec<String> = entries.into_iter().map(|entry| entry.key).collect();
        assert_eq!((listed, unlisted), (wanted.clone(), 0));
    }
    for key in &wanted {
        assert_eq!(store.read_range(BUCKET, &object(key), 0, 99), Ok(b"content".to_vec()));
    }
}

/// Folders in each other, as deep as this, with a file before and one behind the folder in each.
fn chain(bucket: &OwnedFd, name: &str, depth: usize) {
    let mut folder = rustix::fs::openat(bucket, ".", OFlags::DIRECTORY, Mode::empty()).unwrap();
    let flags = OFlags::CREATE | OFlags::WRONLY;
    let mode = Mode::from_raw_mode(0o700);
    for level in 0..depth {
        let name = if level == 0 { name } else { "d" };
        rustix::fs::mkdirat(&folder, name, mode).unwrap();
        folder = folder::open(&folder, name.as_bytes()).unwrap();
        for file in ["!", "z"] {
            rustix::fs::openat(&folder, file, flags, mode).unwrap();
        }
    }
}

#[test]
fn deep_folders_cost_no_more_than_flat_ones() {
    // The last depth is the deepest that keys can say.
    for (depth, max_entries) in [(10, 7), (1_000, 1_000), (4_095, 1_000)] {
        let root = Root::new();
        let store = root.store();
        for name in ["a", "b", "c", "e"] {
            chain(&store.bucket(BUCKET).unwrap(), name, depth);
        }
        folder::OPENED.set(0);
        let found = keys(&store, &by(max_entries));
        let opened = folder::OPENED.get();
        assert_eq!(found.len(), 8 * depth);
        assert!(found.is_sorted());
        // Each on the way down, each on the way up, and some again between pages.
        assert!(opened <= 9 * depth, "{opened} folders opened at depth {depth}");
        // A page from a cursor alone descends once.
        folder::OPENED.set(0);
        let options = ListOptions { start_after: found.get(depth).cloned(), ..by(1) };
        assert_eq!(root.store().list_page(BUCKET, &options, None).unwrap().entries.len(), 1);
        assert!(folder::OPENED.get() <= 2 * depth + 8, "{} for one page", folder::OPENED.get());
        // The standard library would open every level at once.
        let removed = std::process::Command::new("rm").arg("-rf").arg(root.folder.path()).status();
        assert!(removed.unwrap().success());
    }
}

#[test]
fn deep_folders_that_vanish_during_a_walk_cost_one_way_down() {
    let (depth, left) = (1_000, 500);
    let root = Root::new();
    let store = root.store();
    chain(&store.bucket(BUCKET).unwrap(), "a", depth);
    // The walk waits in the deepest folder.
    let options = by(u32::try_from(depth).unwrap() - 1);
    let first = store.list_page(BUCKET, &options, None).unwrap();
    let gone = root.path(format!("a/{}", "d/".repeat(left)).as_bytes());
    assert!(std::process::Command::new("rm").arg("-rf").arg(gone).status().unwrap().success());
    folder::OPENED.set(0);
    let second = store.list_page(BUCKET, &by(1_000), first.next.as_deref()).unwrap();
    let opened = folder::OPENED.get();
    assert_eq!((second.entries.len(), second.next), (left, None));
    assert!(opened <= 3 * depth, "{opened} folders opened");
}

#[test]
fn a_deep_folder_that_is_moved_away_during_a_walk_is_not_followed() {
    let root = Root::new();
    let store = root.store();
    let outside = tempfile::tempdir().unwrap();
    let deep = "d/".repeat(20);
    for depth in 0..20 {
        put(&store, &format!("{}z{depth:02}", "d/".repeat(depth))).unwrap();
    }
    put(&store, &format!("{deep}!")).unwrap();
    let first = store.list_page(BUCKET, &by(1), None).unwrap();
    assert_eq!(first.entries.keys.get(0), format!("{deep}!"));
    // What is below is open; what was above it is elsewhere now, and has a file that was not there.
    fs::rename(root.path(b"d/d/d/d/d"), outside.path().join("moved")).unwrap();
    fs::write(outside.path().join("z04"), "secret").unwrap();
    let second = store.list_page(BUCKET, &by(99), first.next.as_deref()).unwrap();
    let found: Vec<&str> = second.entries.keys.iter().collect();
    // Those of the folder that is open, and those that are still in the bucket.
    let still: Vec<String> =
        (0..5).rev().map(|depth| format!("{}z{depth:02}", "d/".repeat(depth))).collect();
    assert!(
        found.iter().rev().zip(still.iter().rev()).all(|(found, still)| found == still),
        "{found:?}"
    );
    assert!(found.iter().all(|key| !key.contains("secret")));
}

#[test]
fn a_key_that_no_cursor_could_hold_is_unlisted() {
    let root = Root::new();
    let level = "x".repeat(250) + "/";
    let path = level.repeat(32);
    let longest = format!("{path}{}", "y".repeat(folder::KEY_BYTES_MAX - path.len()));
    put(&root.store(), &longest).unwrap();
    let parent = folder::descend(&root.store().bucket(BUCKET).unwrap(), &path).unwrap();
    let longer = "z".repeat(folder::KEY_BYTES_MAX - path.len() + 1);
    let flags = OFlags::CREATE | OFlags::WRONLY;
    rustix::fs::openat(&parent, &longer, flags, Mode::from_raw_mode(0o600)).unwrap();
    let (entries, unlisted) = list_with(|| root.store(), &by(1));
    assert_eq!((entries.len(), unlisted), (1, 1));
    assert_eq!(entries[0].key, longest);
}

#[test]
fn a_folder_that_vanishes_between_pages_is_passed_over() {
    let root = Root::with(&["a/1", "a/2", "a/b/c/3", "a/b/c/4", "z"]);
    let store = root.store();
    let first = store.list_page(BUCKET, &by(1), None).unwrap();
    assert_eq!(first.entries.keys.get(0), "a/1");
    fs::remove_dir_all(root.path(b"a")).unwrap();
    let second = store.list_page(BUCKET, &by(9), first.next.as_deref()).unwrap();
    let found: Vec<&str> = second.entries.keys.iter().collect();
    assert_eq!((found, second.next), (vec!["z"], None));
}

#[test]
fn a_folder_that_becomes_a_link_between_pages_is_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("2"), "secret").unwrap();
    let root = Root::with(&["a/b/1", "a/b/2", "a/c/2", "a/d"]);
    let store = root.store();
    let first = store.list_page(BUCKET, &by(1), None).unwrap();
    fs::remove_dir_all(root.path(b"a/c")).unwrap();
    root.link(outside.path().to_str().unwrap(), "a/c");
    let second = store.list_page(BUCKET, &by(9), first.next.as_deref()).unwrap();
    let found: Vec<&str> = second.entries.keys.iter().collect();
    assert_eq!(found, ["a/b/2", "a/d"]);
}

#[test]
fn times_are_told_to_the_millisecond_below() {
    let root = Root::with(&["k"]);
    let time = std::time::UNIX_EPOCH - std::time::Duration::new(3, 250_000_001);
    let file = fs::File::options().write(true).open(root.path(b"k")).unwrap();
    file.set_modified(time).unwrap();
    let page = root.store().list_page(BUCKET, &by(1), None).unwrap();
    let told = page.entries.last_modified(0).unwrap();
    assert_eq!((told.seconds, told.nanoseconds), (-4, 749_000_000));
}

#[test]
fn waiting_walks_are_bounded_and_those_that_waited_longest_go_first() {
    let root = Root::with(&BESIDE);
    let store = root.store();
    let cursors: Vec<(ListOptions, String)> = (0..200)
        .map(|number| {
            let start_after = Some(format!("  {number}"));
            let options = ListOptions { start_after, ..by(1) };
            let page = store.list_page(BUCKET, &options, None).unwrap();
            (options, page.next.unwrap())
        })
        .collect();
    assert_eq!(store.walks.len(), 64);
    for (options, cursor) in &cursors {
        let page = store.list_page(BUCKET, options, Some(cursor)).unwrap();
        assert_eq!(page.entries.keys.get(0), beside()[1]);
    }
}

#[test]
fn walks_that_wait_at_one_key_are_told_apart_by_their_options() {
    let root = Root::with(&["a/1", "a/2", "b"]);
    let store = root.store();
    let narrow = ListOptions { prefix: "a/".to_owned(), ..by(1) };
    let wide = store.list_page(BUCKET, &by(1), None).unwrap();
    let first = store.list_page(BUCKET, &narrow, None).unwrap();
    assert_eq!(wide.next, first.next);
    let second = store.list_page(BUCKET, &narrow, first.next.as_deref()).unwrap();
    assert_eq!((second.entries.keys.get(0), second.next), ("a/2", None));
}

#[test]
fn empty_folders_list_nothing_and_need_no_page() {
    let root = Root::with(&["a/b"]);
    for folder in ["0/1/2/3", "a/c/d", "z"] {
        fs::create_dir_all(root.path(folder.as_bytes())).unwrap();
    }
    let page = root.store().list_page(BUCKET, &by(1), None).unwrap();
    assert_eq!((page.entries.len(), page.next), (1, None));
}
