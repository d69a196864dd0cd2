//! What is answered to requests that cannot be accepted, and where the limits are.

use super::{ACCESS_KEY_ID, NOW, SCOPE, SECRET, Wire, signer};
use crate::sign::Signer;
use crate::verify::NOBODYS_SECRET;
use crate::{
    BodyError, ContentSha256, Error, HEADER_BYTES_MAX, HEADERS_MAX, Mechanism, PATH_BYTES_MAX,
    Payload, QUERY_BYTES_MAX, QUERY_PAIRS_MAX, SIGNED_HEADERS_MAX, Scope, Secret,
};

const CASES: &str = include_str!("fixtures/answers.txt");

/// Answer and request of each case.
pub(super) fn cases() -> Vec<(&'static str, Wire)> {
    let cases = CASES.split("\n=> ").skip(1);
    cases
        .map(|case| case.split_once('\n').unwrap())
        .map(|(answer, text)| (answer, Wire::parse(text.trim_end())))
        .collect()
}

fn answer(error: &Error) -> String {
    format!("{} {}: {error}", error.answer().status, error.answer().code)
}

#[test]
fn every_refusal_is_worded_as_s3_words_it() {
    assert!(cases().len() > 45);
    for (expected, wire) in cases() {
        let error = wire.judge(NOW, SCOPE).unwrap_err();
        assert_eq!(answer(&error), expected, "{wire:?}");
    }
}

#[test]
fn a_wrong_region_tells_the_right_one() {
    let scope = Scope { region: "eu-north-1", ..SCOPE };
    let regions = cases().into_iter().filter_map(|(_, wire)| match wire.judge(NOW, scope) {
        Err(Error::Malformed { region, .. }) => region,
        _ => None,
    });
    let regions: Vec<String> = regions.collect();
    assert!(regions.len() > 5);
    assert!(regions.iter().all(|region| region == "eu-north-1"));
}

/// A request with the bearer token of the documentation's key.
fn bearer() -> Wire {
    let mut wire = Wire::new("PUT", "/bucket/key", "");
    wire.push("Authorization", &format!("Bearer {ACCESS_KEY_ID}.{SECRET}"));
    wire.body = Some(b"body".to_vec());
    wire
}

#[test]
fn a_bearer_token_needs_no_hash_and_has_dots_behind_its_first() {
    let wire = bearer();
    assert_eq!(wire.credentials().unwrap().mechanism(), Mechanism::Bearer);
    assert!(matches!(wire.judge(NOW, SCOPE), Ok(Payload::Unsigned)));
    let mut longer = Wire::new("GET", "/", "");
    longer.push("Authorization", &format!("Bearer {ACCESS_KEY_ID}.{SECRET}.more"));
    assert_eq!(longer.judge(NOW, SCOPE).unwrap_err(), Error::InvalidToken);
    let mut dotted = Wire::new("GET", "/", "");
    dotted.push("Authorization", "Bearer a.b.c=");
    let credentials = dotted.credentials().unwrap();
    assert_eq!(credentials.access_key_id(), "a");
    assert!(!format!("{credentials:?}").contains("b.c"), "{credentials:?}");
}

/// What an unknown key is compared with is no secret that anyone may use.
#[test]
fn the_secret_of_nobody_opens_nothing() {
    let mut wire = Wire::new("GET", "/", "");
    wire.push("Authorization", &format!("Bearer nobody.{NOBODYS_SECRET}"));
    assert_eq!(wire.judge(NOW, SCOPE).unwrap_err(), Error::InvalidToken);

    let mut wire = Wire::new("GET", "/", "");
    wire.push("host", "localhost");
    wire.body = Some(Vec::new());
    let secret = Secret::new(NOBODYS_SECRET);
    let signer = Signer { access_key_id: "nobody", ..signer(&secret, None) };
    let made = wire.with(|request| signer.sign(request, ContentSha256::of(b""), NOW)).unwrap();
    made.headers.iter().for_each(|(name, value)| wire.push(name, value));
    assert_eq!(wire.judge(NOW, SCOPE).unwrap_err(), Error::InvalidAccessKeyId);
}

#[test]
fn the_hash_beside_a_bearer_token_is_compared() {
    let mut wire = bearer();
    wire.push("x-amz-content-sha256", &ContentSha256::of(b"body").text());
    assert!(matches!(wire.judge(NOW, SCOPE), Ok(Payload::Checked)));
    wire.body = Some(b"tampered".to_vec());
    let error = wire.judge(NOW, SCOPE).unwrap_err();
    assert_eq!(error, Error::Body(BodyError::ContentSha256Mismatch));
    assert_eq!(
        answer(&error),
        "400 XAmzContentSHA256Mismatch: The provided 'x-amz-content-sha256' header does not match what was computed."
    );
}

#[test]
fn chunks_signed_by_no_signature_are_refused() {
    let mut wire = bearer();
    wire.push("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    wire.push("x-amz-decoded-content-length", "4");
    let error = wire.judge(NOW, SCOPE).unwrap_err();
    assert_eq!(error, Error::Body(BodyError::InvalidContentSha256));
}

#[test]
fn chunks_without_a_length_are_refused() {
    let mut wire = bearer();
    wire.push("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    for length in ["", "-1", "4.0", "18446744073709551616"] {
        let mut wire = wire.clone();
        wire.push("x-amz-decoded-content-length", length);
        let error = wire.judge(NOW, SCOPE).unwrap_err();
        assert_eq!(error, Error::Body(BodyError::MissingDecodedLength), "{length}");
    }
    assert_eq!(wire.judge(NOW, SCOPE).unwrap_err().answer().status, 411);
}

/// The request at its limit gets as far as its token; one more is too large.
#[track_caller]
fn check_limit(limit: usize, what: &str, make: impl Fn(usize) -> Wire) {
    assert!(make(limit).judge(NOW, SCOPE).is_ok(), "{:?}", make(limit).judge(NOW, SCOPE));
    match make(limit + 1).judge(NOW, SCOPE) {
        Err(Error::TooLarge { what: found, limit: told }) => {
            assert_eq!((found, told), (what, limit));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn limits_are_where_they_are_said_to_be() {
    let path = |size: usize| Wire { path: "/".repeat(size), ..bearer() };
    check_limit(PATH_BYTES_MAX, "path", path);
    check_limit(QUERY_BYTES_MAX, "query", |size| Wire { query: "a".repeat(size), ..bearer() });
    check_limit(QUERY_PAIRS_MAX, "number of query parameters", |count| Wire {
        query: vec!["a=b"; count].join("&&"),
        ..bearer()
    });
    check_limit(HEADERS_MAX, "number of headers", |count| {
        let mut wire = bearer();
        (1..count).for_each(|_| wire.push("a", ""));
        wire
    });
    let bare: usize = bearer().headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    check_limit(HEADER_BYTES_MAX, "header section", |size| {
        let mut wire = bearer();
        wire.push("a", &"b".repeat(size - bare - 1));
        wire
    });
    check_limit(8 * 1024, "Authorization", |size| {
        let mut wire = Wire::new("GET", "/", "");
        let token = format!("Bearer {ACCESS_KEY_ID}.{SECRET}");
        wire.push("Authorization", &token.replacen(' ', &" ".repeat(size + 1 - token.len()), 1));
        wire
    });
}

#[test]
fn signed_headers_have_a_limit() {
    let with = |count: usize| {
        let names: Vec<String> = (0..count).map(|name| format!("h{name}")).collect();
        let mut wire = Wire::new("GET", "/", "");
        wire.push("x-amz-date", "20130524T000000Z");
        wire.push(
            "Authorization",
            &format!(
                "AWS4-HMAC-SHA256 Credential=A/20130524/us-east-1/s3/aws4_request,SignedHeaders={},Signature={}",
                names.join(";"),
                "0".repeat(64)
            ),
        );
        wire.credentials().map(|_| ())
    };
    assert_eq!(with(SIGNED_HEADERS_MAX), Ok(()));
    let (what, limit) = ("number of signed headers", SIGNED_HEADERS_MAX);
    assert_eq!(with(SIGNED_HEADERS_MAX + 1), Err(Error::TooLarge { what, limit }));
}
