//! The promises of the capabilities as cases. An implementation passes all of them or is none.
//!
//! A suite is run by [`store_cases!`](crate::store_cases) or [`state_cases!`](crate::state_cases) with the path of a
//! function that makes a new fixture. Each case becomes one test. Where the function answers none, there is nothing to
//! test with, and it has said so.

#[expect(missing_docs, reason = "the names of the cases are the claims")]
pub mod buckets;
#[expect(missing_docs, reason = "the names of the cases are the claims")]
pub mod objects;
#[expect(missing_docs, reason = "the names of the cases are the claims")]
pub mod state;
#[expect(missing_docs, reason = "the names of the cases are the claims")]
pub mod uploads;

use stocktake_capabilities::{
    BucketCreation, Buckets, ListOptions, ObjectRef, Objects, Page, PutOptions, PutOutcome, State,
    Uploads,
};

/// All sides of a store.
pub trait Store: Objects + Uploads + Buckets + BucketCreation {}

impl<T: Objects + Uploads + Buckets + BucketCreation> Store for T {}

/// A store with one bucket that nothing else uses and that is empty at first.
pub trait StoreFixture {
    /// Opens the store. What an earlier handle did is there, as for a new process.
    fn open(&self) -> Box<dyn Store + '_>;

    /// The bucket's name.
    fn bucket(&self) -> String;
}

/// Records that nothing else uses and that are none at first.
pub trait StateFixture {
    /// Opens the records. What an earlier handle did is there, as for a new process.
    fn open(&self) -> Box<dyn State + '_>;
}

/// One test for each case of a module of cases.
#[macro_export]
macro_rules! each_case {
    ($open:path; $suite:ident: $($case:ident),+ $(,)?) => {
        mod $suite {
            $(
                #[test]
                fn $case() {
                    if let Some(fixture) = $open() {
                        $crate::conformance::$suite::$case(&fixture);
                    }
                }
            )+

            #[test]
            fn the_list_names_every_case() {
                let source = include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"), "/src/conformance/", stringify!($suite), ".rs"
                ));
                $crate::conformance::assert_lists_all(source, &[$(stringify!($case)),+]);
            }
        }
    };
}

/// The suites of a store.
#[macro_export]
macro_rules! store_cases {
    ($open:path) => {
        $crate::each_case!($open; buckets:
            a_bucket_is_listed_and_found,
            a_missing_bucket_is_no_bucket,
            a_name_that_no_bucket_can_have_is_no_bucket,
            a_new_bucket_is_empty_and_outlives_the_process,
            making_a_bucket_that_is_there_changes_nothing,
            a_name_that_no_bucket_can_have_cannot_be_made,
            buckets_are_listed_in_the_order_of_name_bytes,
            a_foreign_cursor_of_buckets_is_refused,
        );
        $crate::each_case!($open; objects:
            a_missing_bucket_is_no_bucket,
            a_name_that_is_no_path_component_is_no_bucket,
            an_empty_bucket_has_one_empty_page,
            listing_is_in_the_order_of_key_bytes,
            listing_keeps_keys_as_they_are,
            listing_tells_size_and_being_the_latest,
            listing_is_limited_to_its_prefix,
            a_prefix_may_end_within_a_name,
            a_prefix_that_no_key_has_lists_nothing,
            listing_starts_after_a_key_that_need_not_exist,
            start_after_works_together_with_a_prefix,
            listing_ends_with_a_key_that_need_not_exist,
            pages_join_to_the_whole_listing,
            a_full_last_page_has_no_successor,
            a_cursor_outlives_the_process,
            a_cursor_can_be_used_again,
            listings_do_not_disturb_each_other,
            keys_that_stay_are_listed_once_while_others_come_and_go,
            a_foreign_cursor_is_refused,
            a_page_of_no_or_too_many_entries_is_refused,
            head_answers_in_the_order_of_the_questions,
            head_tells_only_what_was_asked_for,
            head_refuses_a_large_batch,
            ranges_are_cut_at_the_end_of_the_object,
            reading_what_is_not_there_is_no_object,
            reading_a_version_that_is_not_there_is_no_object,
            reading_too_much_is_refused,
            a_bucket_without_a_policy_has_none,
        );
        $crate::each_case!($open; uploads:
            what_was_put_can_be_read,
            an_empty_object_can_be_put,
            the_largest_body_can_be_put_and_no_larger_one,
            putting_again_replaces,
            writing_into_a_missing_bucket_is_no_bucket,
            an_empty_key_is_refused,
            the_entity_tag_follows_the_content,
            if_none_match_refuses_an_existing_object,
            if_match_wants_the_entity_tag_that_is_there,
            if_match_refuses_a_missing_object,
            if_match_accepts_the_tag_of_a_completed_upload,
            the_first_of_many_writers_wins,
            parts_are_joined_in_ascending_order,
            one_part_is_enough,
            gaps_between_numbers_are_allowed,
            parts_that_are_not_named_are_dropped,
            a_part_of_the_same_number_is_replaced,
            an_upload_survives_a_new_process,
            nothing_is_visible_before_complete,
            complete_judges_the_precondition,
            complete_replaces_an_object,
            complete_refuses_wrong_parts,
            complete_refuses_a_small_part_before_the_last,
            a_part_with_a_wrong_number_or_size_is_refused,
            an_unknown_upload_is_no_object,
            an_upload_serves_its_key_only,
            an_aborted_upload_is_gone,
            all_uploads_of_a_key_are_aborted_and_no_others,
            aborting_an_unknown_upload_is_no_error,
            a_completed_upload_is_gone,
        );
    };
}

/// The suite of records.
#[macro_export]
macro_rules! state_cases {
    ($open:path) => {
        $crate::each_case!($open; state:
            what_was_put_can_be_got,
            a_missing_record_is_none,
            every_write_changes_the_revision,
            a_revision_does_not_come_back,
            absent_refuses_an_existing_record,
            unchanged_refuses_another_revision,
            unchanged_refuses_a_missing_record,
            deleting_tells_the_revision_that_was_deleted,
            deleting_what_is_not_there_is_a_conflict,
            a_conflict_changes_nothing,
            one_of_many_writers_wins,
            records_outlive_the_process,
            listing_is_in_the_order_of_key_bytes,
            listing_is_limited_to_its_prefix,
            pages_join_to_the_whole_listing,
            pages_hold_about_a_mebibyte,
            a_cursor_outlives_its_key_and_the_process,
            a_foreign_cursor_is_refused,
            bad_keys_are_refused,
            the_largest_value_can_be_put_and_no_larger_one,
        );
    };
}

/// Compares the cases that a source file has with those that a list names.
#[track_caller]
pub fn assert_lists_all(source: &str, listed: &[&str]) {
    let heads = source.lines().filter_map(|line| line.strip_prefix("pub fn "));
    let found: Vec<&str> = heads.filter_map(|head| head.split('(').next()).collect();
    assert_eq!(found, listed, "cases of the file, and of the list in conformance.rs");
}

fn everything() -> ListOptions {
    ListOptions { max_entries: 1000, ..ListOptions::default() }
}

fn object(key: &str) -> ObjectRef {
    ObjectRef { key: key.to_owned(), version_id: None }
}

#[track_caller]
fn put(store: &dyn Store, bucket: &str, key: &str, body: &[u8]) -> String {
    stored(store.put(bucket, key, body, &PutOptions::default()))
}

#[track_caller]
fn stored(outcome: Result<PutOutcome, stocktake_capabilities::Error>) -> String {
    match outcome {
        Ok(PutOutcome::Stored(etag)) => etag,
        other => panic!("the write should have been stored: {other:?}"),
    }
}

#[track_caller]
fn read(store: &dyn Store, bucket: &str, key: &str) -> Vec<u8> {
    let mut content = Vec::new();
    loop {
        let read = store.read_range(bucket, &object(key), content.len() as u64, 8 << 20).unwrap();
        if read.is_empty() {
            return content;
        }
        content.extend(read);
    }
}

#[track_caller]
fn pages(store: &dyn Store, bucket: &str, options: &ListOptions) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    loop {
        let cursor = pages.last().and_then(|page| page.next.clone());
        if cursor.is_none() && !pages.is_empty() {
            return pages;
        }
        pages.push(store.list_page(bucket, options, cursor.as_deref()).unwrap());
        assert!(pages.len() < 10_000, "the listing does not end");
    }
}

#[track_caller]
fn keys(store: &dyn Store, bucket: &str, options: &ListOptions) -> Vec<String> {
    let pages = pages(store, bucket, options);
    pages.iter().flat_map(|page| page.entries.keys.iter()).map(str::to_owned).collect()
}
