//! Answers as stores write them, whole, cut and damaged.

mod damaged;
mod recorded;

use stocktake_capabilities::{Bucket, Grant, ObjectDetail};

use super::listing::Listing;
use super::uploads::Written;
use super::*;

/// A kind of answer, with how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Objects,
    Versions,
    Buckets,
    Tags,
    Acl,
    Policy,
    Begin,
    Complete,
    Unfinished,
    Parts,
    Put,
    Head,
    Range(u64, u64),
    Error,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Listing(Box<Listing>),
    Buckets(Vec<Bucket>, Option<String>),
    Tags(Vec<(String, String)>),
    Grants(Vec<Grant>),
    Policy(Option<String>),
    Begun(String),
    Written(Written),
    Unfinished(Vec<(String, String)>),
    Nothing,
    Detail(Box<ObjectDetail>),
    Content(Option<Vec<u8>>),
    Error(Answer),
}

fn answer<'a>(status: u16, headers: &[(&'a str, &'a str)], body: &'a [u8]) -> Response<'a> {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    Response { status, headers, bytes: body, limit: 1 << 20, is_head: false }
}

fn read(call: Call, response: &Response<'_>) -> Result<Value, Flaw> {
    Ok(match call {
        Call::Objects => Value::Listing(Box::new(listing::objects(response)?)),
        Call::Versions => Value::Listing(Box::new(listing::versions(response)?)),
        Call::Buckets => {
            let (buckets, token) = service::buckets(response)?;
            Value::Buckets(buckets, token)
        }
        Call::Tags => Value::Tags(details::tags(response)?),
        Call::Acl => Value::Grants(details::grants(response)?),
        Call::Policy => Value::Policy(service::policy(response)?),
        Call::Begin => Value::Begun(uploads::begun(response)?.0),
        Call::Complete => Value::Written(uploads::completed(response)?),
        Call::Unfinished => Value::Unfinished(uploads::unfinished(response)?),
        Call::Parts => uploads::parts(response).map(|()| Value::Nothing)?,
        Call::Put => Value::Written(uploads::written(response)?),
        Call::Head => Value::Detail(Box::new(head::detail(response)?)),
        Call::Range(first, last) => {
            Value::Content(object::range(response, object::Range { first, last })?)
        }
        Call::Error => Value::Error(errors::answer(response)?),
    })
}

#[test]
fn a_key_is_what_its_text_means() {
    let key = |encoding: &str, key: &str| {
        let body = format!(
            "<ListBucketResult>{encoding}<IsTruncated>false</IsTruncated><Contents><Key>{key}</Key>\
             <LastModified>2026-11-08T01:00:00Z</LastModified><Size>1</Size></Contents></ListBucketResult>"
        );
        let page = listing::objects(&answer(200, &[], body.as_bytes())).unwrap();
        page.entries.first().map(|entry| entry.key.to_owned())
    };
    let url = "<EncodingType>url</EncodingType>";
    assert_eq!(key(url, "a%20b+c%2Bd").as_deref(), Some("a b c+d"));
    assert_eq!(key("", "a%20b+c").as_deref(), Some("a%20b+c"));
    // What stores write that do not encode.
    assert_eq!(key("", "a&#x1;&#13;&amp;&lt;<![CDATA[&<]]>é").as_deref(), Some("a\u{1}\r&<&<é"));
    assert_eq!(key(url, "%ff"), None);
}

#[test]
fn an_encoding_that_is_told_behind_the_keys_counts() {
    let body = "<ListBucketResult><Contents><Key>a+b</Key><LastModified>2026-11-08T01:00:00Z</LastModified>\
                <Size>1</Size></Contents><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType></ListBucketResult>";
    let page = listing::objects(&answer(200, &[], body.as_bytes())).unwrap();
    assert_eq!(page.entries.first().unwrap().key, "a b");
}

#[test]
fn what_no_document_of_s3_has_is_refused() {
    let page = |inner: &str| {
        let body =
            format!("<ListBucketResult><IsTruncated>false</IsTruncated>{inner}</ListBucketResult>");
        listing::objects(&answer(200, &[], body.as_bytes()))
    };
    assert!(page("<!-- fine --><Unknown><Deep><Deeper/></Deep></Unknown>").is_ok());
    for inner in [
        "text",
        "&amp;",
        "<![CDATA[text]]>",
        "<Contents/>",
        "<Contents><Key>a<b/></Key></Contents>",
        "<Version/>",
        "<EncodingType>&unknown;</EncodingType>",
        "<EncodingType>&#0;</EncodingType>",
        "</ListBucketResult><ListBucketResult>",
    ] {
        assert!(matches!(page(inner), Err(Flaw::Wrong(_))), "{inner}: {:?}", page(inner));
    }
    for body in ["<!DOCTYPE a [<!ENTITY b \"c\">]><ListBucketResult/>", "<html>", "{}", "a<b/>"] {
        let refused = listing::objects(&answer(200, &[], body.as_bytes()));
        assert!(refused.is_err(), "{body}: {refused:?}");
    }
}

#[test]
fn white_space_before_and_behind_a_document_is_none_of_it() {
    let body = " \n\n<?xml version=\"1.0\"?>\n <CompleteMultipartUploadResult><ETag>\"a\"</ETag></CompleteMultipartUploadResult>\n";
    let written = uploads::completed(&answer(200, &[], body.as_bytes())).unwrap();
    assert_eq!(written.etag.as_deref(), Some("a"));
}

#[test]
fn a_refusal_shows_a_little_of_the_answer_and_printable() {
    let body = format!("<ListBucketResult><Name>{}\u{1}", "é".repeat(10_000));
    let Err(Flaw::Cut(text)) = listing::objects(&answer(200, &[], body.as_bytes())) else {
        panic!("not cut")
    };
    assert!(text.len() < 1000 && text.ends_with("\\x01\"") && text.is_ascii(), "{text}");
}

#[test]
fn what_is_too_long_is_not_read() {
    let long = answer(200, &[], b"<ListBucketResult>");
    let refused = listing::objects(&Response { limit: 17, ..long.clone() });
    let Err(Flaw::Wrong(text)) = refused else { panic!("{refused:?}") };
    assert!(text.contains("more than 17 bytes"), "{text}");
    let declared = answer(200, &[("content-length", "900")], b"");
    let refused = listing::objects(&Response { limit: 899, ..declared });
    assert_eq!(refused, Err(Flaw::Wrong("an answer of 900 bytes, the limit is 899".to_owned())));
}

#[test]
fn an_error_needs_its_code_where_the_status_does_not_tell() {
    let status = |status: u16, body: &str| errors::answer(&answer(status, &[], body.as_bytes()));
    for body in ["", "<Error><Code>NoSuch", "<html>not here</html>", "<Error></Error>"] {
        for needs in [400, 404, 409] {
            assert!(status(needs, body).is_err(), "{needs} {body}");
        }
        for alone in [301, 401, 403, 405, 412, 416, 429, 500, 502, 503, 504] {
            assert_eq!(status(alone, body).unwrap().code, "", "{alone} {body}");
        }
    }
    let head = Response { is_head: true, ..answer(404, &[], b"") };
    assert_eq!(errors::answer(&head).unwrap().status, 404);
}
