//! What `stocktake:host/uploads` promises.

use stocktake_capabilities::{
    Error, PUT_BYTES_MAX, Part, Precondition, PutOptions, PutOutcome, WRITE_PART_BYTES_MIN,
};

use super::{Store, StoreFixture, everything, keys, object, put, read, stored};

fn only_if(precondition: Precondition) -> PutOptions {
    PutOptions { precondition, ..PutOptions::default() }
}

/// The least body that another part may follow, told apart by its filling.
fn body(filling: u8) -> Vec<u8> {
    vec![filling; WRITE_PART_BYTES_MIN]
}

/// An upload of the key `k`.
struct Upload<'a> {
    store: &'a dyn Store,
    bucket: String,
    id: String,
}

impl<'a> Upload<'a> {
    #[track_caller]
    fn begin(store: &'a dyn Store, bucket: &str) -> Self {
        let id = store.begin(bucket, "k", &PutOptions::default()).unwrap();
        assert!(id.len() <= 1 << 10, "{id}");
        Self { store, bucket: bucket.to_owned(), id }
    }

    #[track_caller]
    fn part(&self, number: u32, body: &[u8]) -> Part {
        self.store.write_part(&self.bucket, "k", &self.id, number, body).unwrap()
    }

    fn complete(&self, parts: &[Part]) -> Result<PutOutcome, Error> {
        self.store.complete(&self.bucket, "k", &self.id, parts, &PutOptions::default())
    }
}

pub fn what_was_put_can_be_read(fixture: &dyn StoreFixture) {
    let options = PutOptions {
        content_type: Some("text/csv".to_owned()),
        bucket_owner_full_control: true,
        ..PutOptions::default()
    };
    stored(fixture.open().put(&fixture.bucket(), "a/b/c", b"content", &options));
    assert_eq!(read(&*fixture.open(), &fixture.bucket(), "a/b/c"), b"content");
}

pub fn an_empty_object_can_be_put(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    put(&*store, &fixture.bucket(), "empty", b"");
    assert_eq!(read(&*store, &fixture.bucket(), "empty"), b"");
    assert_eq!(keys(&*store, &fixture.bucket(), &everything()), ["empty"]);
}

pub fn the_largest_body_can_be_put_and_no_larger_one(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let mut body = vec![7; PUT_BYTES_MAX];
    put(&*store, &fixture.bucket(), "large", &body);
    assert!(read(&*store, &fixture.bucket(), "large") == body);
    body.push(7);
    let refused = store.put(&fixture.bucket(), "larger", &body, &PutOptions::default());
    assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{refused:?}");
    assert_eq!(keys(&*store, &fixture.bucket(), &everything()), ["large"]);
}

pub fn putting_again_replaces(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    put(&*store, &fixture.bucket(), "k", b"a longer first content");
    put(&*store, &fixture.bucket(), "k", b"second");
    assert_eq!(read(&*store, &fixture.bucket(), "k"), b"second");
}

pub fn writing_into_a_missing_bucket_is_no_bucket(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let (missing, options) = ("no-such-bucket-anywhere", PutOptions::default());
    let part = Part { number: 1, etag: String::new() };
    assert_eq!(store.put(missing, "k", b"", &options), Err(Error::NoSuchBucket));
    assert_eq!(store.begin(missing, "k", &options), Err(Error::NoSuchBucket));
    assert_eq!(store.write_part(missing, "k", "u", 1, b""), Err(Error::NoSuchBucket));
    let completed = store.complete(missing, "k", "u", &[part], &options);
    assert_eq!(completed, Err(Error::NoSuchBucket));
    assert_eq!(store.abort(missing, "k", "u"), Err(Error::NoSuchBucket));
}

pub fn an_empty_key_is_refused(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let put = store.put(&fixture.bucket(), "", b"", &PutOptions::default());
    assert!(matches!(put, Err(Error::InvalidArgument(_))), "{put:?}");
    let begun = store.begin(&fixture.bucket(), "", &PutOptions::default());
    assert!(matches!(begun, Err(Error::InvalidArgument(_))), "{begun:?}");
}

pub fn the_entity_tag_follows_the_content(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let one = put(&*store, &fixture.bucket(), "1", b"one");
    let other = put(&*store, &fixture.bucket(), "2", b"other");
    assert_ne!(one, other);
    assert_eq!(put(&*store, &fixture.bucket(), "3", b"one"), one);
    assert!(!one.is_empty() && !one.contains('"'), "{one}");
}

pub fn if_none_match_refuses_an_existing_object(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let options = only_if(Precondition::IfNoneMatch);
    stored(store.put(&fixture.bucket(), "a/k", b"first", &options));
    let second = store.put(&fixture.bucket(), "a/k", b"second", &options);
    assert_eq!(second, Ok(PutOutcome::PreconditionFailed));
    assert_eq!(read(&*store, &fixture.bucket(), "a/k"), b"first");
}

pub fn if_match_wants_the_entity_tag_that_is_there(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let first = put(&*store, &fixture.bucket(), "k", b"first");
    let options = only_if(Precondition::IfMatch(first));
    stored(store.put(&fixture.bucket(), "k", b"second", &options));
    let third = store.put(&fixture.bucket(), "k", b"third", &options);
    assert_eq!(third, Ok(PutOutcome::PreconditionFailed));
    assert_eq!(read(&*store, &fixture.bucket(), "k"), b"second");
}

pub fn if_match_refuses_a_missing_object(fixture: &dyn StoreFixture) {
    let store = fixture.open();
    let tag = put(&*store, &fixture.bucket(), "there", b"x");
    for key in ["missing", "missing/too"] {
        let options = only_if(Precondition::IfMatch(tag.clone()));
        let outcome = store.put(&fixture.bucket(), key, b"x", &options);
        assert_eq!(outcome, Ok(PutOutcome::PreconditionFailed), "{key}");
    }
    assert_eq!(keys(&*store, &fixture.bucket(), &everything()), ["there"]);
}

pub fn if_match_accepts_the_tag_of_a_completed_upload(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let tag = stored(upload.complete(&[upload.part(1, &body(1)), upload.part(2, b"end")]));
    let options = only_if(Precondition::IfMatch(tag));
    stored(store.put(&bucket, "k", b"next", &options));
    assert_eq!(read(&*store, &bucket, "k"), b"next");
}

pub fn the_first_of_many_writers_wins(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let options = only_if(Precondition::IfNoneMatch);
    let outcomes: Vec<bool> = (0..20_u8)
        .map(|writer| store.put(&bucket, "k", &[writer], &options))
        .map(|outcome| matches!(outcome, Ok(PutOutcome::Stored(_))))
        .collect();
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1);
    assert_eq!(read(&*store, &bucket, "k"), [0]);
}

pub fn parts_are_joined_in_ascending_order(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let last = upload.part(10, b"the end");
    let first = upload.part(1, &body(1));
    let second = upload.part(2, &body(2));
    stored(upload.complete(&[first, second, last]));
    let whole = [body(1), body(2), b"the end".to_vec()].concat();
    assert!(read(&*store, &bucket, "k") == whole);
}

pub fn one_part_is_enough(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    stored(upload.complete(&[upload.part(1, b"small")]));
    assert_eq!(read(&*store, &bucket, "k"), b"small");
}

pub fn gaps_between_numbers_are_allowed(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let parts = [upload.part(3, &body(3)), upload.part(10_000, b"last")];
    stored(upload.complete(&parts));
    assert!(read(&*store, &bucket, "k") == [body(3), b"last".to_vec()].concat());
}

pub fn parts_that_are_not_named_are_dropped(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    upload.part(1, b"dropped");
    let kept = upload.part(2, b"kept");
    upload.part(3, b"dropped");
    match upload.complete(&[kept]) {
        // Ceph's gateway wants every part to be named, and S3 has no call that drops one. It may refuse, but neither
        // join what was not named nor show anything.
        Err(Error::InvalidArgument(_)) => assert!(keys(&*store, &bucket, &everything()).is_empty()),
        outcome => {
            stored(outcome);
            assert_eq!(read(&*store, &bucket, "k"), b"kept");
        }
    }
}

pub fn a_part_of_the_same_number_is_replaced(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let replaced = upload.part(1, b"first");
    let kept = upload.part(1, b"second");
    let refused = upload.complete(&[replaced]);
    assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{refused:?}");
    stored(upload.complete(&[kept]));
    assert_eq!(read(&*store, &bucket, "k"), b"second");
}

pub fn an_upload_survives_a_new_process(fixture: &dyn StoreFixture) {
    let (bucket, options) = (fixture.bucket(), PutOptions::default());
    let id = fixture.open().begin(&bucket, "k", &options).unwrap();
    let part = fixture.open().write_part(&bucket, "k", &id, 1, b"body").unwrap();
    stored(fixture.open().complete(&bucket, "k", &id, &[part], &options));
    assert_eq!(read(&*fixture.open(), &bucket, "k"), b"body");
}

pub fn nothing_is_visible_before_complete(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let part = upload.part(1, b"body");
    assert!(keys(&*store, &bucket, &everything()).is_empty());
    assert_eq!(store.read_range(&bucket, &object("k"), 0, 1), Err(Error::NoSuchObject));
    stored(upload.complete(&[part]));
    assert_eq!(keys(&*store, &bucket, &everything()), ["k"]);
}

pub fn complete_judges_the_precondition(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let options = only_if(Precondition::IfNoneMatch);
    for several in [false, true] {
        let id = store.begin(&bucket, "k", &options).unwrap();
        let mut parts = vec![store.write_part(&bucket, "k", &id, 1, &body(1)).unwrap()];
        if several {
            parts.push(store.write_part(&bucket, "k", &id, 2, b"2").unwrap());
        }
        put(&*store, &bucket, "k", b"meanwhile");
        let outcome = store.complete(&bucket, "k", &id, &parts, &options);
        assert_eq!(outcome, Ok(PutOutcome::PreconditionFailed));
        assert_eq!(read(&*store, &bucket, "k"), b"meanwhile");
        assert_eq!(store.abort(&bucket, "k", &id), Ok(()));
    }
}

pub fn complete_replaces_an_object(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    put(&*store, &bucket, "k", b"before");
    let upload = Upload::begin(&*store, &bucket);
    stored(upload.complete(&[upload.part(1, b"after")]));
    assert_eq!(read(&*store, &bucket, "k"), b"after");
}

pub fn complete_refuses_wrong_parts(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let (one, two) = (upload.part(1, &body(1)), upload.part(2, &body(2)));
    let missing = Part { number: 3, ..one.clone() };
    let swapped = Part { number: 1, ..two.clone() };
    let zero = Part { number: 0, ..one.clone() };
    for parts in [
        vec![],
        vec![two.clone(), one.clone()],
        vec![one.clone(), one.clone()],
        vec![one.clone(), missing.clone()],
        vec![missing],
        vec![swapped.clone()],
        vec![swapped, two.clone()],
        vec![zero],
    ] {
        let refused = upload.complete(&parts);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{parts:?}: {refused:?}");
    }
    assert!(keys(&*store, &bucket, &everything()).is_empty());
    stored(upload.complete(&[one, two]));
}

pub fn complete_refuses_a_small_part_before_the_last(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let small = upload.part(1, &vec![1; WRITE_PART_BYTES_MIN - 1]);
    let last = upload.part(2, b"last");
    let refused = upload.complete(&[small, last]);
    assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{refused:?}");
    assert!(keys(&*store, &bucket, &everything()).is_empty());
}

pub fn a_part_with_a_wrong_number_or_size_is_refused(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    upload.part(10_000, &vec![0; PUT_BYTES_MAX]);
    let large = vec![0; PUT_BYTES_MAX + 1];
    for (number, body) in [(0, &large[..1]), (10_001, &large[..1]), (1, &large[..])] {
        let refused = store.write_part(&bucket, "k", &upload.id, number, body);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{number}: {refused:?}");
    }
}

pub fn an_unknown_upload_is_no_object(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let part = upload.part(1, b"x");
    let unknown = upload.id.chars().rev().collect::<String>() + "0";
    for id in [unknown.as_str(), "", ".", "..", "../k", "/", "no-such-upload", "\0"] {
        let written = store.write_part(&bucket, "k", id, 1, b"x");
        assert_eq!(written, Err(Error::NoSuchObject), "{id:?}");
        let parts = std::slice::from_ref(&part);
        let completed = store.complete(&bucket, "k", id, parts, &PutOptions::default());
        assert_eq!(completed, Err(Error::NoSuchObject), "{id:?}");
    }
}

pub fn an_upload_serves_its_key_only(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let part = upload.part(1, b"x");
    let written = store.write_part(&bucket, "other", &upload.id, 1, b"y");
    assert_eq!(written, Err(Error::NoSuchObject));
    let parts = [part.clone()];
    let completed = store.complete(&bucket, "other", &upload.id, &parts, &PutOptions::default());
    assert_eq!(completed, Err(Error::NoSuchObject));
    assert_eq!(store.abort(&bucket, "other", &upload.id), Ok(()));
    stored(upload.complete(&[part]));
}

pub fn an_aborted_upload_is_gone(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let part = upload.part(1, b"x");
    assert_eq!(store.abort(&bucket, "k", &upload.id), Ok(()));
    assert_eq!(upload.complete(&[part]), Err(Error::NoSuchObject));
    assert!(keys(&*store, &bucket, &everything()).is_empty());
}

pub fn all_uploads_of_a_key_are_aborted_and_no_others(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    assert_eq!(store.abort_all(&bucket, "k"), Ok(()));
    let options = PutOptions::default();
    let begin = |key: &str| store.begin(&bucket, key, &options).unwrap();
    let (first, second) = (begin("k"), begin("k"));
    let (beside, below) = (begin("k2"), begin("k/a"));
    assert_eq!(store.abort_all(&bucket, "k"), Ok(()));
    let write = |key: &str, id: &str| store.write_part(&bucket, key, id, 1, b"x");
    assert_eq!(write("k", &first), Err(Error::NoSuchObject));
    assert_eq!(write("k", &second), Err(Error::NoSuchObject));
    assert!(write("k2", &beside).is_ok() && write("k/a", &below).is_ok());
}

pub fn aborting_an_unknown_upload_is_no_error(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    for id in [upload.id.as_str(), &upload.id, "no-such-upload", "", "../x"] {
        assert_eq!(store.abort(&bucket, "k", id), Ok(()), "{id:?}");
    }
}

pub fn a_completed_upload_is_gone(fixture: &dyn StoreFixture) {
    let (store, bucket) = (fixture.open(), fixture.bucket());
    let upload = Upload::begin(&*store, &bucket);
    let part = upload.part(1, b"x");
    let etag = stored(upload.complete(std::slice::from_ref(&part)));
    // S3 may answer a repetition as it did the first time, for callers that did not get the answer.
    match upload.complete(&[part]) {
        Ok(again) => assert_eq!(again, PutOutcome::Stored(etag)),
        gone => assert_eq!(gone, Err(Error::NoSuchObject)),
    }
    assert_eq!(store.abort(&bucket, "k", &upload.id), Ok(()));
    assert_eq!(read(&*store, &bucket, "k"), b"x");
    assert_eq!(keys(&*store, &bucket, &everything()), ["k"]);
}
