//! Every single change to a signed request, and what becomes of it.

use super::{ACCESS_KEY_ID, NOW, SCOPE, SECRET, Wire, sign, signer};
use crate::{BodyError, ContentSha256, Error, Payload, Scope, Secret, UnixSeconds};

const BODY: &[u8] = b"Welcome to Amazon S3.";

fn put() -> Wire {
    let mut wire = Wire::new("PUT", "/bucket/a%20key", "partNumber=1&uploadId=abc");
    wire.push("Host", "localhost:9000");
    wire.push("Content-Type", "text/plain");
    wire.push("x-amz-meta-note", "one two");
    wire.body = Some(BODY.to_vec());
    wire
}

fn signed_put() -> Wire {
    let mut wire = put();
    sign(&mut wire, ContentSha256::of(BODY));
    wire
}

fn presigned_get() -> Wire {
    let secret = Secret::new(SECRET);
    let token = Secret::new("a token/with=signs");
    let signer = signer(&secret, Some(&token));
    let mut wire = Wire::new("GET", "/bucket/key", "versionId=1");
    wire.push("host", "localhost");
    wire.query = wire.with(|request| signer.presign(request, 60, NOW)).unwrap();
    wire
}

impl Wire {
    fn edit(&mut self, name: &str, from: &str, to: &str) {
        let (_, value) = self.headers.iter_mut().find(|(known, _)| known == name).unwrap();
        let text = String::from_utf8(value.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        *value = text.replacen(from, to, 1).into_bytes();
    }

    fn signature(&self) -> String {
        let (_, value) = self.headers.iter().find(|(name, _)| name == "authorization").unwrap();
        str::from_utf8(value).unwrap().split_once("Signature=").unwrap().1.to_owned()
    }
}

/// The error that a change of a request leads to; without the change it is accepted.
#[track_caller]
fn refused(mut wire: Wire, change: impl FnOnce(&mut Wire)) -> Error {
    if let Err(error) = wire.judge(NOW, SCOPE) {
        panic!("refused before the change: {error}");
    }
    let before = wire.clone();
    change(&mut wire);
    assert_ne!(wire, before, "nothing was changed");
    wire.judge(NOW, SCOPE).unwrap_err()
}

#[track_caller]
fn breaks_the_signature(wire: Wire, change: impl FnOnce(&mut Wire)) {
    assert_eq!(refused(wire, change), Error::SignatureDoesNotMatch);
}

#[test]
fn an_altered_body_is_refused() {
    let mismatch = Error::Body(BodyError::ContentSha256Mismatch);
    assert_eq!(refused(signed_put(), |wire| wire.body = Some(b"Welcome".to_vec())), mismatch);
    assert_eq!(refused(signed_put(), |wire| wire.body = Some(Vec::new())), mismatch);
    // Nor does another hash help, or none.
    let other = ContentSha256::of(b"Welcome").text();
    let old = ContentSha256::of(BODY).text();
    for to in [other.as_str(), "UNSIGNED-PAYLOAD"] {
        breaks_the_signature(signed_put(), |wire| {
            wire.body = Some(b"Welcome".to_vec());
            wire.edit("x-amz-content-sha256", &old, to);
        });
    }
}

#[test]
fn an_altered_body_is_refused_as_it_comes() {
    let mut wire = signed_put();
    wire.body = None;
    for (body, expected) in [(BODY, Ok(())), (b"Welcome", Err(BodyError::ContentSha256Mismatch))] {
        let Ok(Payload::Sha256(mut check)) = wire.judge(NOW, SCOPE) else { panic!() };
        body.chunks(5).for_each(|piece| check.update(piece));
        assert_eq!(check.finish(), expected);
    }
}

#[test]
fn an_altered_request_line_is_refused() {
    breaks_the_signature(signed_put(), |wire| wire.method = "POST".into());
    for path in [
        "/bucket/a%20kez",
        "/bucket/a%20key/",
        "/bucket//a%20key",
        "/bucket/./a%20key",
        "/bucket/a%2520key",
    ] {
        breaks_the_signature(signed_put(), |wire| wire.path = path.into());
    }
    for path in ["/bucket/x/../a%20key", "/bucket%2Fa%20key", "/bucket/a+key"] {
        breaks_the_signature(signed_put(), |wire| wire.path = path.into());
    }
    for query in ["", "partNumber=1", "partNumber=2&uploadId=abc", "partNumber=1&uploadId=abc&acl"]
    {
        breaks_the_signature(signed_put(), |wire| wire.query = query.into());
    }
    for query in ["partNumber=1&partNumber=1&uploadId=abc", "partnumber=1&uploadId=abc"] {
        breaks_the_signature(signed_put(), |wire| wire.query = query.into());
    }
}

#[test]
fn altered_headers_are_refused() {
    breaks_the_signature(signed_put(), |wire| wire.edit("Host", "9000", "9001"));
    breaks_the_signature(signed_put(), |wire| wire.edit("x-amz-meta-note", "one", "two"));
    breaks_the_signature(signed_put(), |wire| wire.edit("x-amz-meta-note", " ", ","));
    breaks_the_signature(signed_put(), |wire| wire.push("x-amz-meta-note", "three"));
    breaks_the_signature(signed_put(), |wire| wire.push("content-type", "text/html"));
    breaks_the_signature(signed_put(), |wire| {
        wire.headers.retain(|(name, _)| name != "Content-Type");
    });
    let folded = refused(signed_put(), |wire| wire.edit("x-amz-meta-note", " ", "\r\n "));
    assert_eq!(folded.answer().code, "InvalidRequest");
    // A line end could stand for a header that was never signed.
    let smuggled =
        refused(signed_put(), |wire| wire.edit("x-amz-meta-note", " two", "\nx-amz-acl:public"));
    assert_eq!(smuggled.answer().code, "InvalidRequest");
}

#[test]
fn a_header_of_s3s_that_is_added_must_be_signed() {
    for wire in [signed_put(), presigned_get()] {
        let added = refused(wire, |wire| wire.push("X-Amz-Acl", "public-read"));
        assert_eq!(added, Error::HeadersNotSigned { names: vec!["x-amz-acl".into()] });
    }
    let listed = refused(signed_put(), |wire| {
        wire.push("x-amz-acl", "public-read");
        wire.edit("authorization", "SignedHeaders=", "SignedHeaders=x-amz-acl;");
    });
    assert_eq!(listed, Error::SignatureDoesNotMatch);
}

#[test]
fn what_a_signature_need_not_cover_may_change() {
    let mut wire = signed_put();
    wire.push("User-Agent", "anything");
    wire.query = "uploadId=%61bc&&partNumber=1&".into();
    wire.path = "/bucket/%61%20key".into();
    wire.edit("x-amz-meta-note", "one two", "  one \t two ");
    wire.headers.reverse();
    assert!(wire.judge(NOW, SCOPE).is_ok());
}

#[test]
fn an_altered_date_is_refused() {
    breaks_the_signature(signed_put(), |wire| wire.edit("x-amz-date", "T000000Z", "T000001Z"));
    let other_day = refused(signed_put(), |wire| wire.edit("x-amz-date", "20130524", "20130525"));
    assert_eq!(other_day.answer().code, "AuthorizationHeaderMalformed");
    let twice = refused(signed_put(), |wire| wire.push("x-amz-date", "20130524T000000Z"));
    assert_eq!(twice.answer().code, "AuthorizationHeaderMalformed");
    for (seconds, is_in_time) in [(-901, false), (-900, true), (900, true), (901, false)] {
        let judged = signed_put().judge(UnixSeconds(NOW.0 + seconds), SCOPE);
        assert_eq!(judged.is_ok(), is_in_time, "{seconds}");
        assert!(judged.is_ok() || matches!(judged, Err(Error::TimeTooSkewed)));
    }
    for now in [i64::MIN, i64::MAX] {
        let judged = signed_put().judge(UnixSeconds(now), SCOPE);
        assert!(matches!(judged, Err(Error::TimeTooSkewed)), "{judged:?}");
    }
}

#[test]
fn an_altered_scope_is_refused() {
    let region = refused(signed_put(), |wire| wire.edit("authorization", "us-east-1", "us-west-1"));
    assert_eq!(region.answer().code, "AuthorizationHeaderMalformed");
    // Signed for one region, and served as if for another.
    let elsewhere = Scope { region: "us-west-1", ..SCOPE };
    let mut moved = signed_put();
    moved.edit("authorization", "us-east-1", "us-west-1");
    assert_eq!(moved.judge(NOW, elsewhere).unwrap_err(), Error::SignatureDoesNotMatch);
    let service = refused(signed_put(), |wire| wire.edit("authorization", "/s3/", "/sqs/"));
    assert_eq!(service.answer().code, "AuthorizationHeaderMalformed");
}

#[test]
fn an_altered_authorization_is_refused() {
    let signature = signed_put().signature();
    let truncated = &signature[..63];
    let upper = signature.to_ascii_uppercase();
    let longer = format!("{signature}0");
    for other in ["", truncated, &upper, &longer] {
        breaks_the_signature(signed_put(), |wire| wire.edit("authorization", &signature, other));
    }
    for place in 0..64 {
        let mut digits = signature.clone().into_bytes();
        digits[place] = if digits[place] == b'0' { b'1' } else { b'0' };
        let other = String::from_utf8(digits).unwrap();
        breaks_the_signature(signed_put(), |wire| wire.edit("authorization", &signature, &other));
    }
    let key = refused(signed_put(), |wire| wire.edit("authorization", ACCESS_KEY_ID, "AKIDOTHER"));
    assert_eq!(key, Error::InvalidAccessKeyId);
    breaks_the_signature(signed_put(), |wire| wire.edit("authorization", "content-type;", ""));
    let twice = refused(signed_put(), |wire| {
        wire.push("Authorization", "Bearer nobody.secret");
    });
    assert_eq!(twice.answer().code, "AuthorizationHeaderMalformed");
}

#[test]
fn an_altered_presigned_query_is_refused() {
    for (from, to) in
        [("versionId=1", "versionId=2"), ("versionId=1&", ""), ("Expires=60", "Expires=61")]
            .into_iter()
            .chain([("T000000Z", "T000001Z"), ("X-Amz-Security-Token=a", "X-Amz-Security-Token=b")])
            .chain([("host", "host%3Brange"), ("X-Amz-Algorithm", "acl&X-Amz-Algorithm")])
    {
        breaks_the_signature(presigned_get(), |wire| wire.query = wire.query.replacen(from, to, 1));
    }
    breaks_the_signature(presigned_get(), |wire| wire.method = "DELETE".into());
    breaks_the_signature(presigned_get(), |wire| wire.path = "/bucket/other".into());
    breaks_the_signature(presigned_get(), |wire| wire.edit("host", "localhost", "example.com"));
    breaks_the_signature(presigned_get(), |wire| {
        wire.query.pop();
    });
    let unsigned =
        refused(presigned_get(), |wire| wire.query = wire.query.replacen("=host", "=range", 1));
    assert_eq!(unsigned, Error::HeadersNotSigned { names: vec!["host".into()] });
}

#[test]
fn a_presigned_request_is_good_until_it_expires_and_not_again() {
    let judge =
        |seconds: i64| presigned_get().judge(UnixSeconds(NOW.0 + seconds), SCOPE).map(|_| ());
    assert_eq!(judge(0), Ok(()));
    assert_eq!(judge(60), Ok(()));
    assert_eq!(judge(61), Err(Error::Expired));
    assert_eq!(judge(i64::MAX - NOW.0), Err(Error::Expired));
    assert_eq!(judge(-901), Err(Error::NotYetValid));
}

#[test]
fn a_hash_beside_a_presigned_request_is_covered_and_compared() {
    let secret = Secret::new(SECRET);
    let hash = ContentSha256::of(BODY).text();
    let mut by_query = Wire::new("PUT", "/bucket/key", &format!("X-Amz-Content-Sha256={hash}"));
    by_query.push("host", "localhost");
    let mut by_header = Wire::new("PUT", "/bucket/key", "");
    by_header.push("host", "localhost");
    by_header.push("x-amz-content-sha256", &hash);
    for mut wire in [by_query, by_header] {
        wire.query = wire.with(|request| signer(&secret, None).presign(request, 60, NOW)).unwrap();
        wire.body = Some(BODY.to_vec());
        assert!(matches!(wire.judge(NOW, SCOPE), Ok(Payload::Checked)));
        let other = refused(wire.clone(), |wire| wire.body = Some(b"Welcome".to_vec()));
        assert_eq!(other, Error::Body(BodyError::ContentSha256Mismatch));
        let unsigned = refused(wire, |wire| {
            wire.query = wire.query.replacen(&hash, "UNSIGNED-PAYLOAD", 1);
            wire.headers.iter_mut().for_each(|(_, value)| {
                if *value == hash.as_bytes() {
                    *value = b"UNSIGNED-PAYLOAD".to_vec();
                }
            });
        });
        assert_eq!(unsigned, Error::SignatureDoesNotMatch);
    }
}

#[test]
fn a_presigned_request_is_made_for_a_second_at_least_and_a_week_at_most() {
    let secret = Secret::new(SECRET);
    let signer = signer(&secret, None);
    let presign = |seconds| put().with(|request| signer.presign(request, seconds, NOW));
    for (seconds, is_made) in [(0, false), (1, true), (604_800, true), (604_801, false)] {
        assert_eq!(presign(seconds).is_ok(), is_made, "{seconds}");
    }
}
