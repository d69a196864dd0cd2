//! Requests that botocore signed; `fixtures/make.py` made them.

use super::{ACCESS_KEY_ID, SECRET, Wire};
use crate::{Payload, Scope, Secret, UnixSeconds, verify};

const CASES: &str = include_str!("fixtures/botocore.json");

const SCOPE: Scope<'static> = Scope { region: "eu-central-1", service: "s3" };

/// Name, time and request of each case.
pub(super) fn cases() -> Vec<(String, UnixSeconds, Wire)> {
    let cases: Vec<serde_json::Value> = serde_json::from_str(CASES).unwrap();
    cases.iter().map(case).collect()
}

fn case(case: &serde_json::Value) -> (String, UnixSeconds, Wire) {
    let text = |name: &str| case[name].as_str().unwrap();
    let mut wire = Wire::new(text("method"), text("path"), text("query"));
    for header in case["headers"].as_array().unwrap() {
        wire.push(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    wire.body = Some(text("body").as_bytes().to_vec());
    (text("name").to_owned(), UnixSeconds(case["now"].as_i64().unwrap()), wire)
}

/// How the body of a case was found to be protected, once it was read whole.
fn body_of(wire: &Wire, payload: Payload) -> &'static str {
    match payload {
        Payload::Unsigned => "unsigned",
        Payload::Checked => "hashed",
        Payload::Sha256(_) => "not compared",
        Payload::Chunked(mut decoder) => {
            let (mut bytes, mut input) = (0, wire.body.as_deref().unwrap());
            while let Some(piece) = decoder.decode(&mut input).unwrap() {
                bytes += piece.len() as u64;
            }
            assert_eq!(bytes, decoder.object_bytes());
            assert_eq!(decoder.finish().unwrap()[0].name, "x-amz-checksum-crc32");
            "trailer"
        }
    }
}

#[test]
fn every_request_is_accepted() {
    let mut bodies = Vec::new();
    for (name, now, wire) in cases() {
        let payload = wire.judge(now, SCOPE).unwrap_or_else(|error| panic!("{name}: {error}"));
        bodies.push(format!("{name}: {}", body_of(&wire, payload)));
    }
    assert_eq!(
        bodies,
        [
            "list-buckets: hashed",
            "get-with-range: hashed",
            "get-strange-key: hashed",
            "get-version: hashed",
            "list-with-prefix: hashed",
            "put-over-http: hashed",
            "put-over-https: trailer",
            "put-stream: trailer",
            "put-empty-stream: trailer",
            "put-unsigned: unsigned",
            "put-metadata: trailer",
            "delete-many: hashed",
            "upload-part: hashed",
            "get-inventory: hashed",
            "presigned-get: unsigned",
            "presigned-get-with-token: unsigned",
            "presigned-get-with-disposition: unsigned",
            "presigned-put: unsigned",
            "presigned-put-with-type: unsigned",
        ]
    );
}

#[test]
fn none_is_accepted_with_another_secret() {
    let other = Secret::new(SECRET.replace('w', "W"));
    for (name, now, wire) in cases() {
        let credentials = wire.credentials().unwrap();
        assert_eq!(credentials.access_key_id(), ACCESS_KEY_ID);
        let answer = |secret: Option<&Secret>| {
            let refused =
                wire.with(|request| verify(request, &credentials, secret, now, SCOPE)).unwrap_err();
            (refused.answer().status, refused.answer().code)
        };
        assert_eq!(answer(Some(&other)), (403, "SignatureDoesNotMatch"), "{name}");
        assert_eq!(answer(None), (403, "InvalidAccessKeyId"), "{name}");
    }
}

#[test]
fn temporary_keys_come_with_their_token() {
    for (name, _, wire) in cases() {
        let credentials = wire.credentials().unwrap();
        let is_temporary =
            matches!(name.as_str(), "get-version" | "put-metadata" | "presigned-get-with-token");
        let token = "FwoGZXIvYXdzEXAMPLE//////////wEaDExample+token/with==signs";
        let token = is_temporary.then(|| Secret::new(token));
        assert_eq!(credentials.security_token(), token.as_ref(), "{name}");
    }
}
