//! Stores that keep something else than they were sent.

use stocktake_capabilities::{Part, PutOutcome, etags};

use super::*;

const OTHER: &str = "0123456789abcdef0123456789abcdef";

/// A store whose answer to a PUT has these headers.
fn put(headers: String) -> Result<PutOutcome, Error> {
    let (store, _runtime) = served(move |_| {
        format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n")
            .into_bytes()
    });
    store.put("bucket", "k", b"body", &PutOptions::default())
}

#[test]
fn an_object_that_was_kept_as_something_else_is_an_error() {
    let md5 = etags::of_content(b"body");
    assert_eq!(put(format!("etag: \"{md5}\"\r\n")), Ok(PutOutcome::Stored(md5.clone())));
    assert_eq!(put(format!("etag: {md5}\r\n")), Ok(PutOutcome::Stored(md5.clone())));
    let error = put(format!("etag: \"{OTHER}\"\r\n")).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("PutObject of `k`") && text.contains(&md5) && text.contains(OTHER),
        "{text}"
    );
    assert!(put(String::new()).is_err(), "nothing can be compared");
    // With a key service's key the entity tag says nothing, and a checksum may.
    let kms = format!("etag: \"{OTHER}\"\r\nx-amz-server-side-encryption: aws:kms\r\n");
    assert_eq!(put(kms.clone()), Ok(PutOutcome::Stored(OTHER.to_owned())));
    assert!(put(format!("{kms}x-amz-checksum-crc32: AAAAAA==\r\n")).is_err());
    let opaque = put("etag: \"0123-1\"\r\n".to_owned());
    assert_eq!(opaque, Ok(PutOutcome::Stored("0123-1".to_owned())));
}

#[test]
fn a_part_that_was_kept_as_something_else_is_an_error() {
    let (store, _runtime) = served(|_| {
        format!(
            "HTTP/1.1 200 OK\r\netag: \"{OTHER}\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        .into_bytes()
    });
    let error = store.write_part("bucket", "k", "upload", 7, b"body").unwrap_err();
    assert!(error.to_string().contains("UploadPart 7 of `k`"), "{error}");
    let (store, _runtime) = served(|_| ok(""));
    assert!(store.write_part("bucket", "k", "upload", 7, b"body").is_err(), "no entity tag");
}

#[test]
fn an_upload_that_was_joined_from_something_else_is_an_error() {
    let part = Part { number: 1, etag: etags::of_content(b"body") };
    let completed = |etag: &str| {
        let body = format!(
            "\n  <CompleteMultipartUploadResult><ETag>&quot;{etag}&quot;</ETag></CompleteMultipartUploadResult>"
        );
        let (store, _runtime) = served(move |_| ok(&body));
        store.complete("bucket", "k", "upload", std::slice::from_ref(&part), &PutOptions::default())
    };
    let wanted = etags::of_parts([part.etag.as_str()]).unwrap();
    assert_eq!(completed(&wanted), Ok(PutOutcome::Stored(wanted)));
    assert!(completed(&format!("{OTHER}-1")).is_err());
}

#[test]
fn entity_tags_that_are_no_md5s_are_not_compared_where_the_endpoint_says_so() {
    let headers = format!("etag: \"{OTHER}\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let (store, runtime) = served(move |_| format!("HTTP/1.1 200 OK\r\n{headers}").into_bytes());
    let refused = store.put("bucket", "k", b"body", &PutOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("etags=opaque"), "{refused}");
    let endpoint = format!("s3+{}?etags=opaque", store.endpoint().url());
    let store = S3Store::with_keys(
        &S3Endpoint::parse(&endpoint).unwrap(),
        keys(),
        runtime.handle().clone(),
    );
    let stored = store.put("bucket", "k", b"body", &PutOptions::default());
    assert_eq!(stored, Ok(PutOutcome::Stored(OTHER.to_owned())));
}

#[test]
fn an_upload_that_fails_within_a_success_has_failed() {
    let part = Part { number: 1, etag: etags::of_content(b"body") };
    let completed = |body: &'static str| {
        let (store, _runtime) = served(move |line| {
            if line.starts_with("HEAD") || line.starts_with("GET") {
                return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    .to_vec();
            }
            ok(body)
        });
        store.complete("bucket", "k", "upload", std::slice::from_ref(&part), &PutOptions::default())
    };
    let invalid = completed("<Error><Code>InvalidPart</Code></Error>");
    assert!(matches!(invalid, Err(Error::InvalidArgument(_))), "{invalid:?}");
    assert!(completed("<Error><Code>InternalError</Code></Error>").is_err());
    assert!(completed("<CompleteMultipartUploadResult><ETag>&quot;").is_err());
}

#[test]
fn ids_and_lists_of_uploads_are_taken_whole() {
    let begun = |body: &'static str| {
        let (store, _runtime) = served(move |_| ok(body));
        store.begin("bucket", "k", &PutOptions::default())
    };
    let whole =
        "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
    assert_eq!(begun(whole).as_deref(), Ok("u1"));
    assert!(begun("<InitiateMultipartUploadResult><UploadId>u1</UploadId>").is_err());
    assert!(begun("<InitiateMultipartUploadResult/>").is_err());
    for body in [
        "<ListMultipartUploadsResult>",
        "<ListMultipartUploadsResult></ListMultipartUploadsResult>",
        "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>k</Key></Upload></ListMultipartUploadsResult>",
    ] {
        let (store, _runtime) = served(move |_| ok(body));
        assert!(store.abort_all("bucket", "k").is_err(), "{body}");
    }
}
