//! What no gateway of ours answers: a server on this machine says it word for word.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use stocktake_capabilities::{
    DetailKinds, Error, ListOptions, ObjectRef, Objects as _, PutOptions, Uploads as _,
};
use tokio::runtime::Runtime;

use crate::{S3Endpoint, S3Keys, S3Store};

mod cut;
mod written;

/// A store that answers each request with the same text, and the runtime that it needs.
fn answering(answer: &'static str) -> (S3Store, Runtime) {
    served(move |_| answer.as_bytes().to_vec())
}

/// A store that answers a request with what a function makes of its first line, and the runtime that it needs.
fn served(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (S3Store, Runtime) {
    store_at(move |stream, line| drop(stream.write_all(&answer(line))))
}

/// A store whose answers a function writes by the first line of the request, and the runtime that it needs.
fn store_at(answer: impl Fn(&mut TcpStream, &str) + Send + 'static) -> (S3Store, Runtime) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    // The thread ends with the process; nothing waits for it.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
            while stream.read_line(&mut line).unwrap_or_default() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if first.is_empty() {
                    first.clone_from(&line);
                }
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            answer(stream.get_mut(), &first);
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let endpoint = S3Endpoint::parse(&format!("s3+http://{place}")).unwrap();
    let store = S3Store::with_keys(&endpoint, keys(), runtime.handle().clone());
    (store, runtime)
}

fn keys() -> S3Keys {
    S3Keys {
        access_key_id: "AKID".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    }
}

/// An answer of success with this body, whose length is that of the body.
fn ok(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

fn object(key: &str) -> ObjectRef {
    ObjectRef { key: key.to_owned(), version_id: None }
}

fn everything(versions: bool) -> ListOptions {
    ListOptions { versions, max_entries: 1000, ..ListOptions::default() }
}

#[test]
fn a_store_without_versions_is_not_listed_without_them() {
    let (store, _runtime) = answering(
        "HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n\r\n<Error><Code>NotImplemented</Code></Error>",
    );
    let listed = store.list_page("bucket", &everything(true), None);
    let Err(Error::Unsupported(text)) = listed else { panic!("{listed:?}") };
    assert!(text.contains("ListObjectVersions") && text.contains("`Current`"), "{text}");
    let options = PutOptions { bucket_owner_full_control: true, ..PutOptions::default() };
    let put = store.put("bucket", "k", b"body", &options);
    let Err(Error::Unsupported(text)) = put else { panic!("{put:?}") };
    assert!(text.contains("PutObject") && text.contains("bucket-owner-full-control"), "{text}");
}

#[test]
fn a_store_that_asks_for_patience_is_left_alone_and_told_on() {
    let (store, _runtime) = answering(
        "HTTP/1.1 503 Slow Down\r\nretry-after: 7\r\nconnection: close\r\n\r\n<Error><Code>SlowDown</Code></Error>",
    );
    let listed = store.list_page("bucket", &everything(false), None);
    assert_eq!(listed, Err(Error::Throttled(Some(7))));
    assert_eq!(store.requests_sent(), [("ListObjectsV2".to_owned(), 1)].into());
    // A second attempt could find what the first one wrote.
    let options = PutOptions {
        precondition: stocktake_capabilities::Precondition::IfNoneMatch,
        ..PutOptions::default()
    };
    assert_eq!(store.put("bucket", "k", b"", &options), Err(Error::Throttled(Some(7))));
    assert_eq!(store.requests_sent()["PutObject"], 1);
}

#[test]
fn a_bucket_of_another_region_is_told_with_the_region() {
    let (store, _runtime) = answering(
        "HTTP/1.1 301 Moved\r\nx-amz-bucket-region: eu-west-1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    );
    let told = store.require_bucket("bucket").unwrap_err().to_string();
    assert!(told.contains("?region=eu-west-1"), "{told}");
}

#[test]
fn headers_of_tencents_store_are_kept() {
    let (store, _runtime) = answering(
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-cos-hash-crc64ecma: 42\r\nx-cos-meta-a: 1\r\nconnection: close\r\n\r\n",
    );
    let object = ObjectRef { key: "k".to_owned(), version_id: None };
    let kinds = DetailKinds { head: true, ..DetailKinds::default() };
    let told = store.head_many("bucket", &[object], kinds).unwrap().remove(0).unwrap();
    assert_eq!(told.crc64.as_deref(), Some("42"));
    assert_eq!(told.user_metadata, [("a".to_owned(), "1".to_owned())]);
}

#[test]
fn a_store_that_ignores_ranges_is_not_read() {
    let (store, _runtime) =
        answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nwhole");
    let object = ObjectRef { key: "k".to_owned(), version_id: None };
    let read = store.read_range("bucket", &object, 1, 2);
    assert!(matches!(read, Err(Error::Unsupported(_))), "{read:?}");
}

#[test]
fn what_is_no_answer_of_s3_is_an_error() {
    let (store, _runtime) = answering("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>Welcome!");
    let listed = store.list_page("bucket", &everything(false), None);
    assert!(matches!(listed, Err(Error::Other(_))), "{listed:?}");
}

#[test]
fn versions_of_one_second_stay_in_the_order_of_the_answer() {
    let (store, _runtime) = answering(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>\
         <Version><Key>a+b</Key><VersionId>3</VersionId><IsLatest>true</IsLatest><LastModified>2026-11-08T01:00:00Z</LastModified><Size>1</Size></Version>\
         <DeleteMarker><Key>a+b</Key><VersionId>2</VersionId><IsLatest>false</IsLatest><LastModified>2026-11-08T01:00:00Z</LastModified></DeleteMarker>\
         <Version><Key>a+b</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><LastModified>2026-11-08T01:00:00Z</LastModified><Size>1</Size></Version>\
         </ListVersionsResult>",
    );
    let page = store.list_page("bucket", &everything(true), None).unwrap();
    let told: Vec<_> = page
        .entries
        .iter()
        .map(|entry| (entry.key, entry.version_id, entry.is_delete_marker))
        .collect();
    assert_eq!(told, [("a b", Some("3"), false), ("a b", Some("2"), true), ("a b", None, false)]);
}

#[test]
fn tags_are_sorted() {
    let (store, _runtime) = answering(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<Tagging><TagSet><Tag><Key>b</Key><Value>1</Value></Tag>\
         <Tag><Key>a</Key><Value>2</Value></Tag></TagSet></Tagging>",
    );
    let object = ObjectRef { key: "k".to_owned(), version_id: None };
    let kinds = DetailKinds { tags: true, ..DetailKinds::default() };
    let told = store.head_many("bucket", &[object], kinds).unwrap().remove(0).unwrap();
    let tags = [("a", "2"), ("b", "1")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(told.tags, Some(tags.to_vec()));
}
