//! Answers that are valid HTTP and not whole, or too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stocktake_capabilities::Buckets as _;

use super::*;

/// A page of so many keys, of which there are more.
fn page(keys: usize) -> String {
    let line = |number: usize| {
        format!(
            "<Contents><Key>k{number:04}</Key><LastModified>2026-11-08T01:00:00.000Z</LastModified>\
             <ETag>&quot;900150983cd24fb0d6963f7d28e17f72&quot;</ETag><Size>3</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>"
        )
    };
    let lines: String = (0..keys).map(line).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name>\
         <KeyCount>{keys}</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>{lines}\
         <IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken>\
         </ListBucketResult>"
    )
}

#[track_caller]
fn listed(body: &str, versions: bool) -> Result<stocktake_capabilities::Page, Error> {
    let answer = ok(body);
    let (store, _runtime) = served(move |_| answer.clone());
    store.list_page("bucket", &everything(versions), None)
}

/// The page up to the first place where this stands.
fn up_to(page: &str, mark: &str) -> String {
    page.split_once(mark).unwrap().0.to_owned()
}

#[test]
fn a_page_that_is_cut_is_an_error_which_names_the_request() {
    let whole = page(20);
    assert_eq!(listed(&whole, false).unwrap().entries.len(), 20);
    let between_entries = up_to(&whole, "<Contents><Key>k0010");
    let before_its_end = up_to(&whole, "<IsTruncated>");
    let before_a_size = up_to(&whole, "<Size>");
    for cut in [between_entries, before_its_end, before_a_size] {
        let error = listed(&cut, false).unwrap_err();
        let Error::Unavailable(text) = &error else { panic!("{error:?}") };
        assert!(text.contains("ListObjectsV2") && text.contains("/bucket"), "{text}");
        assert!(text.contains("list-type=2"), "{text}");
        // What there was at its end.
        assert!(text.contains(cut.get(cut.len() - 30..).unwrap()), "{text}");
    }
}

#[test]
fn an_answer_that_is_cut_is_asked_for_again() {
    let count = AtomicUsize::new(0);
    let (store, _runtime) = served(move |_| {
        let whole = page(20).replace("<IsTruncated>true", "<IsTruncated>false");
        let is_first = count.fetch_add(1, Ordering::Relaxed) == 0;
        if is_first { ok(&up_to(&whole, "<IsTruncated>")) } else { ok(&whole) }
    });
    let listed = store.list_page("bucket", &everything(false), None).unwrap();
    assert_eq!((listed.entries.len(), store.requests_sent()["ListObjectsV2"]), (20, 2));
}

#[test]
fn what_a_page_lacks_or_cannot_say_is_an_error() {
    let whole = page(2);
    let wrong = [
        ("<IsTruncated>true</IsTruncated>", ""),
        ("<IsTruncated>true</IsTruncated>", "<IsTruncated>maybe</IsTruncated>"),
        ("<KeyCount>2</KeyCount>", "<KeyCount>3</KeyCount>"),
        ("<KeyCount>2</KeyCount>", "<KeyCount>two</KeyCount>"),
        ("<Size>3</Size>", ""),
        ("<Size>3</Size>", "<Size>-5</Size>"),
        ("<Size>3</Size>", "<Size>3</Size><Size>4</Size>"),
        ("<Key>k0001</Key>", ""),
        ("<Key>k0001</Key>", "<Key/>"),
        ("<LastModified>2026-11-08T01:00:00.000Z</LastModified>", ""),
        ("2026-11-08T01:00:00.000Z", "yesterday"),
        ("<EncodingType>url", "<EncodingType>rot13"),
        ("<MaxKeys>", "<CommonPrefixes><Prefix>k/</Prefix></CommonPrefixes><MaxKeys>"),
    ];
    for (right, other) in wrong {
        let body = whole.replacen(right, other, 1);
        assert_ne!(body, whole, "{right}");
        let error = listed(&body, false).expect_err(other);
        assert!(error.is_transient() && error.to_string().contains("ListObjectsV2"), "{error}");
    }
}

#[test]
fn what_a_page_of_versions_lacks_or_cannot_say_is_an_error() {
    let whole = "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>a</Key>\
         <VersionId>1</VersionId><IsLatest>true</IsLatest><Size>3</Size>\
         <LastModified>2026-11-08T01:00:00Z</LastModified></Version><DeleteMarker><Key>b</Key>\
         <VersionId>2</VersionId><IsLatest>false</IsLatest>\
         <LastModified>2026-11-08T01:00:00Z</LastModified></DeleteMarker></ListVersionsResult>";
    assert_eq!(listed(whole, true).unwrap().entries.len(), 2);
    for (right, other) in [
        ("<IsTruncated>false</IsTruncated>", ""),
        ("<IsLatest>true</IsLatest>", ""),
        ("<IsLatest>false", "<IsLatest>maybe"),
        ("<VersionId>1</VersionId>", ""),
        ("<VersionId>2</VersionId>", ""),
        ("<Size>3</Size>", ""),
        ("<DeleteMarker>", "<DeleteMarker><Key>c</Key>"),
        ("</DeleteMarker></ListVersionsResult>", ""),
    ] {
        assert!(listed(&whole.replacen(right, other, 1), true).is_err(), "{right} as {other}");
    }
}

#[test]
fn an_error_within_a_success_is_that_error() {
    let denied = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    for versions in [false, true] {
        assert_eq!(listed(denied, versions), Err(Error::AccessDenied));
    }
    let failed = listed("<Error><Code>InternalError</Code></Error>", false).unwrap_err();
    assert!(matches!(failed, Error::Unavailable(_)), "{failed:?}");
}

#[test]
fn an_error_that_is_cut_is_not_taken_for_another() {
    let (store, _runtime) = served(|_| {
        let body = "<Error><Code>NoSuchBucket";
        let length = body.len();
        format!(
            "HTTP/1.1 404 Not Found\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .into_bytes()
    });
    let error = store.bucket_policy("bucket").unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    let kinds = DetailKinds { tags: true, ..DetailKinds::default() };
    let error = store.head_many("bucket", &[object("k")], kinds).unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
}

#[test]
fn tags_grants_policies_and_buckets_are_taken_whole() {
    let told = |body: &'static str, kinds: DetailKinds| {
        let (store, _runtime) = served(move |_| ok(body));
        store.head_many("bucket", &[object("k")], kinds)
    };
    let kinds = DetailKinds { tags: true, ..DetailKinds::default() };
    for tags in [
        "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag>",
        "<Tagging/>",
        "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
    ] {
        assert!(told(tags, kinds).is_err(), "{tags}");
    }
    let kinds = DetailKinds { acl: true, ..DetailKinds::default() };
    for acl in [
        "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>a</ID></Grantee></Grant></AccessControlList></AccessControlPolicy>",
        "<AccessControlPolicy><AccessControlList><Grant><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        "<AccessControlPolicy><AccessControlList>",
        "<AccessControlPolicy/>",
    ] {
        assert!(told(acl, kinds).is_err(), "{acl}");
    }
    let (store, _runtime) = served(|_| ok(r#"{"Version":"2012-10-17","Statement":["#));
    assert!(matches!(store.bucket_policy("bucket"), Err(Error::Unavailable(_))));
    let (store, _runtime) = served(|_| ok(""));
    assert!(matches!(store.bucket_policy("bucket"), Err(Error::Unavailable(_))));
    for buckets in [
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket>",
        "<ListAllMyBucketsResult><Buckets><Bucket></Bucket></Buckets></ListAllMyBucketsResult>",
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name><CreationDate>soon</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>",
    ] {
        let (store, _runtime) = served(move |_| ok(buckets));
        assert!(store.list_buckets(None).is_err(), "{buckets}");
    }
}

#[test]
fn a_head_without_a_size_or_with_a_wrong_time_is_an_error() {
    let told = |headers: &'static str| {
        let (store, _runtime) = served(move |_| {
            format!("HTTP/1.1 200 OK\r\n{headers}connection: close\r\n\r\n").into_bytes()
        });
        let kinds = DetailKinds { head: true, ..DetailKinds::default() };
        store.head_many("bucket", &[object("k")], kinds)
    };
    assert!(told("content-length: 5\r\nlast-modified: Sun, 08 Nov 2026 01:00:00 GMT\r\n").is_ok());
    for headers in [
        "last-modified: Sun, 08 Nov 2026 01:00:00 GMT\r\n",
        "content-length: 5\r\nlast-modified: yesterday\r\n",
        "content-length: 5\r\nx-amz-object-lock-legal-hold: MAYBE\r\n",
        "content-length: 5\r\nx-amz-object-lock-retain-until-date: soon\r\n",
        "content-length: 5\r\nx-amz-expiration: expiry-date=\"soon\"\r\n",
    ] {
        assert!(told(headers).is_err(), "{headers}");
    }
}

#[test]
fn a_range_is_what_was_asked_for_or_an_error() {
    let read = |head: &'static str, body: &'static str| {
        let (store, _runtime) =
            served(move |_| format!("HTTP/1.1 {head}connection: close\r\n\r\n{body}").into_bytes());
        store.read_range("bucket", &object("k"), 2, 4)
    };
    assert_eq!(
        read("206 Partial Content\r\ncontent-range: bytes 2-5/9\r\n", "2345").unwrap(),
        b"2345"
    );
    assert_eq!(read("206 Partial Content\r\ncontent-range: bytes 2-3/4\r\n", "23").unwrap(), b"23");
    for (head, body) in [
        // Short, without a length that could tell.
        ("206 Partial Content\r\ncontent-range: bytes 2-5/9\r\n", "23"),
        ("206 Partial Content\r\ncontent-range: bytes 2-5/9\r\n", ""),
        // Another range, or fewer bytes than there are.
        ("206 Partial Content\r\ncontent-range: bytes 0-3/9\r\n", "0123"),
        ("206 Partial Content\r\ncontent-range: bytes 2-3/9\r\n", "23"),
        ("206 Partial Content\r\ncontent-range: bytes 2-3/*\r\n", "23"),
        ("206 Partial Content\r\ncontent-range: two\r\n", "2345"),
        ("206 Partial Content\r\n", "2345"),
        ("206 Partial Content\r\ncontent-range: bytes 2-5/9\r\n", "23456789"),
        ("200 OK\r\n", "012345678"),
    ] {
        assert!(read(head, body).is_err(), "{head}{body}");
    }
}

#[test]
fn a_store_that_answers_without_end_is_cut_off() {
    const SENT: usize = 64 << 20;
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let (store, _runtime) = store_at(move |stream, _| {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<ListBucketResult>"));
        let piece = vec![b' '; 64 << 10];
        for _ in 0..SENT / piece.len() {
            if stream.write_all(&piece).is_err() {
                return;
            }
            count.fetch_add(piece.len(), Ordering::Relaxed);
        }
    });
    let error = store.list_page("bucket", &everything(false), None).unwrap_err();
    // The limit of a page, and what lies in the buffers of connections.
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent < SENT / 2, "{sent} bytes were taken: {error}");
    assert!(error.to_string().contains("which is the limit"), "{error}");
    assert_eq!(store.requests_sent()["ListObjectsV2"], 1, "not asked for again");
}
