//! Writes: what is refused, what is left behind, who wins.

use std::sync::atomic::{AtomicUsize, Ordering};

use stocktake_capabilities::{Encryption, Precondition};

use super::*;

#[test]
fn keys_that_no_file_can_have_are_refused_with_the_reason() {
    let root = Root::new();
    let store = root.store();
    let long_name = format!("a/{}/b", "n".repeat(256));
    let long_key = "a/".repeat(4095) + "bc";
    for (key, reason) in [
        ("", "it is empty"),
        ("/a", "`/` stands at its beginning or twice in a row"),
        ("a//b", "`/` stands at its beginning or twice in a row"),
        ("a/", "it ends with `/`"),
        (".", "`.` and `..` mean folders"),
        ("..", "`.` and `..` mean folders"),
        ("../b/a", "`.` and `..` mean folders"),
        ("a/./b", "`.` and `..` mean folders"),
        ("a/..", "`.` and `..` mean folders"),
        ("a\0b", "it holds a NUL"),
        (".stocktake-uploads", "unfinished uploads stand in"),
        (".stocktake-uploads/new", "unfinished uploads stand in"),
        (&long_name, "longer than 255 bytes"),
        (&long_key, "longer than 8,191 bytes"),
    ] {
        let Err(Error::InvalidArgument(text)) = put(&store, key) else { panic!("{key:?}") };
        assert!(text.contains(reason), "{key:?}: {text}");
        let begun = store.begin(BUCKET, key, &PutOptions::default());
        assert_eq!(begun, Err(Error::InvalidArgument(text)));
    }
    assert_eq!(root.leftovers(), None);
    assert!(put(&store, "a/.stocktake-uploads/b").is_ok());
    assert!(put(&store, ".stocktake-uploads-b").is_ok());
    assert!(put(&store, "...").is_ok());
}

#[test]
fn a_file_is_no_folder_and_a_folder_no_file() {
    let root = Root::with(&["a/b"]);
    let store = root.store();
    let refused = put(&store, "a/b/c").unwrap_err().to_string();
    assert_eq!(
        refused,
        "invalid argument: a directory cannot hold the key \"a/b/c\": a part of \"a/b/\" is a file or a link, \
         not a folder; use another key"
    );
    for precondition in [Precondition::None, Precondition::IfNoneMatch] {
        let options = PutOptions { precondition, ..PutOptions::default() };
        let refused = store.put(BUCKET, "a", b"", &options).unwrap_err().to_string();
        assert_eq!(
            refused,
            "invalid argument: a directory cannot hold the key \"a\": it is a folder; name a file in it"
        );
    }
    assert_eq!(keys(&store, &by(9)), ["a/b"]);
}

#[test]
fn nothing_is_left_behind_however_a_write_ends() {
    let root = Root::with(&["there", "folder/file"]);
    let store = root.store();
    let if_none_match =
        PutOptions { precondition: Precondition::IfNoneMatch, ..PutOptions::default() };
    put(&store, "new/k").unwrap();
    put(&store, "folder").unwrap_err();
    let refused = store.put(BUCKET, "there", b"", &if_none_match);
    assert_eq!(refused, Ok(PutOutcome::PreconditionFailed));
    for is_completed in [true, false] {
        let id = store.begin(BUCKET, "up", &PutOptions::default()).unwrap();
        let part = store.write_part(BUCKET, "up", &id, 1, b"x").unwrap();
        store.write_part(BUCKET, "up", &id, 2, b"not named").unwrap();
        if is_completed {
            store.complete(BUCKET, "up", &id, &[part], &PutOptions::default()).unwrap();
        } else {
            store.abort(BUCKET, "up", &id).unwrap();
        }
    }
    assert_eq!(root.leftovers(), Some(0));
    assert_eq!(keys(&store, &by(9)), ["folder/file", "new/k", "there", "up"]);
}

#[test]
fn reading_makes_no_reserved_folder_and_listing_hides_it() {
    let root = Root::with(&["a/.stocktake-uploads/listed"]);
    let store = root.store();
    assert_eq!(keys(&store, &by(9)), ["a/.stocktake-uploads/listed"]);
    store.abort(BUCKET, "k", "no-such-upload").unwrap();
    assert_eq!(root.leftovers(), None);
    let id = store.begin(BUCKET, "k", &PutOptions::default()).unwrap();
    store.write_part(BUCKET, "k", &id, 1, b"x").unwrap();
    assert_eq!(root.leftovers(), Some(1));
    assert_eq!(keys(&store, &by(9)), ["a/.stocktake-uploads/listed"]);
    for prefix in [".stocktake-uploads/", ".stocktake-uploads", ".stock"] {
        let options = ListOptions { prefix: prefix.to_owned(), ..by(9) };
        assert!(keys(&store, &options).is_empty(), "{prefix}");
    }
    let part = format!(".stocktake-uploads/{id}/1");
    assert_eq!(store.read_range(BUCKET, &object(&part), 0, 1), Err(Error::NoSuchObject));
}

#[test]
fn encryption_is_refused() {
    let root = Root::new();
    for encryption in [Encryption::SseS3, Encryption::SseKms("k".to_owned()), Encryption::SseCos] {
        let options = PutOptions { encryption, ..PutOptions::default() };
        let refused = root.store().put(BUCKET, "k", b"", &options);
        assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
    }
    assert!(keys(&root.store(), &by(9)).is_empty());
}

#[test]
fn of_writers_at_the_same_time_one_wins() {
    let root = Root::new();
    let store = root.store();
    // Comparing takes longer than all writers need to come.
    let large = vec![0; 32 << 20];
    fs::write(root.path(b"k"), &large).unwrap();
    let seen = Precondition::IfMatch(stocktake_capabilities::etags::of_content(&large));
    for (key, precondition) in [("k", seen), ("new/k", Precondition::IfNoneMatch)] {
        let won = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for writer in 0..8_u8 {
                let (store, won, precondition) = (&store, &won, precondition.clone());
                scope.spawn(move || {
                    let options = PutOptions { precondition, ..PutOptions::default() };
                    let outcome = store.put(BUCKET, key, &[writer], &options).unwrap();
                    if matches!(outcome, PutOutcome::Stored(_)) {
                        won.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(won.into_inner(), 1, "{key}");
    }
    assert_eq!(root.leftovers(), Some(0));
}

#[test]
fn a_part_that_was_damaged_is_not_joined() {
    let root = Root::new();
    let store = root.store();
    let id = store.begin(BUCKET, "k", &PutOptions::default()).unwrap();
    let part = store.write_part(BUCKET, "k", &id, 1, b"whole").unwrap();
    fs::write(root.path(format!(".stocktake-uploads/{id}/1").as_bytes()), "half").unwrap();
    let refused = store.complete(BUCKET, "k", &id, &[part], &PutOptions::default());
    assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{refused:?}");
}

#[test]
fn a_sweep_removes_what_killed_processes_left_and_nothing_else() {
    let root = Root::new();
    let store = root.store();
    let upload = store.begin(BUCKET, "a/b", &PutOptions::default()).unwrap();
    let reserved = root.path(folder::RESERVED.as_bytes());
    for name in ["new-orphan", "new-held", "other"] {
        fs::write(reserved.join(name), b"half").unwrap();
    }
    let held = fs::File::open(reserved.join("new-held")).unwrap();
    held.lock().unwrap();
    store.sweep();
    let mut left: Vec<_> = fs::read_dir(&reserved)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let mut expected = vec![upload, "new-held".to_owned(), "other".to_owned()];
    expected.sort();
    assert_eq!(left, expected);
}
