//! The examples of "Authenticating Requests" in the Amazon S3 API reference, with the signatures printed there.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>.

use super::{NOW, SCOPE, Wire};
use crate::{Error, Mechanism, Payload, Trailer, UnixSeconds};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// An example to a bucket by the name of its host, whose signature is also seen to matter.
#[track_caller]
fn check(line: &str, headers: &str, hash: &str, body: &str, signed: &str, signature: &str) {
    let text = |signature: &str| {
        format!(
            "{line} HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n{headers}x-amz-date: 20130524T000000Z\n\
             x-amz-content-sha256: {hash}\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},\
             Signature={signature}\n\n{body}"
        )
    };
    let payload = Wire::parse(&text(signature)).judge(NOW, SCOPE);
    assert!(matches!(payload, Ok(Payload::Checked)), "{payload:?}");
    let reversed: String = signature.chars().rev().collect();
    let refused = Wire::parse(&text(&reversed)).judge(NOW, SCOPE);
    assert_eq!(refused.unwrap_err(), Error::SignatureDoesNotMatch);
}

#[test]
fn get_object_with_a_range() {
    check(
        "GET /test.txt",
        "Range: bytes=0-9\n",
        EMPTY,
        "",
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
}

#[test]
fn put_object() {
    for path in ["/test%24file.text", "/test$file.text"] {
        check(
            &format!("PUT {path}"),
            "Date: Fri, 24 May 2013 00:00:00 GMT\nx-amz-storage-class: REDUCED_REDUNDANCY\n",
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "Welcome to Amazon S3.",
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        );
    }
}

#[test]
fn get_bucket_lifecycle() {
    check(
        "GET /?lifecycle",
        "",
        EMPTY,
        "",
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
}

#[test]
fn list_objects() {
    for query in ["max-keys=2&prefix=J", "prefix=%4a&max-keys=2"] {
        check(
            &format!("GET /?{query}"),
            "",
            EMPTY,
            "",
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        );
    }
}

#[test]
fn presigned_get() {
    let presigned = Wire::parse(
        "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\n\
         Host: examplebucket.s3.amazonaws.com\n",
    );
    let credentials = presigned.credentials().unwrap();
    assert_eq!(credentials.mechanism(), Mechanism::Presigned);
    assert_eq!(credentials.security_token(), None);
    for seconds in [-900, 0, 86_400] {
        let payload = presigned.judge(UnixSeconds(NOW.0 + seconds), SCOPE);
        assert!(matches!(payload, Ok(Payload::Unsigned)), "{seconds}: {payload:?}");
    }
    for (seconds, error) in [(-901, Error::NotYetValid), (86_401, Error::Expired)] {
        assert_eq!(presigned.judge(UnixSeconds(NOW.0 + seconds), SCOPE).unwrap_err(), error);
    }
}

/// The upload of 65 KiB of the letter `a`, in chunks of 64 KiB, 1 KiB and nothing.
fn upload(header: &str, signed: &str, seed: &str, chunks: [&str; 3], end: &str) -> (Wire, Vec<u8>) {
    let wire = Wire::parse(&format!(
        "PUT /examplebucket/chunkObject.txt HTTP/1.1\nHost: s3.amazonaws.com\nx-amz-date: 20130524T000000Z\n\
         x-amz-storage-class: REDUCED_REDUNDANCY\nContent-Encoding: aws-chunked\n\
         x-amz-decoded-content-length: 66560\nContent-Length: 66824\n{header}Authorization: AWS4-HMAC-SHA256 \
         Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},Signature={seed}\n"
    ));
    let [first, second, last] = chunks;
    let (large, small) = ("a".repeat(65_536), "a".repeat(1024));
    let body = format!(
        "10000;chunk-signature={first}\r\n{large}\r\n400;chunk-signature={second}\r\n{small}\r\n\
         0;chunk-signature={last}\r\n{end}"
    );
    (wire, body.into_bytes())
}

#[track_caller]
fn check_upload((wire, body): (Wire, Vec<u8>), trailers: &[Trailer]) {
    let Ok(Payload::Chunked(mut decoder)) = wire.judge(NOW, SCOPE) else {
        panic!("{:?}", wire.judge(NOW, SCOPE))
    };
    assert_eq!(decoder.object_bytes(), 66_560);
    let (mut object, mut input) = (Vec::new(), body.as_slice());
    while let Some(piece) = decoder.decode(&mut input).unwrap() {
        object.extend_from_slice(piece);
    }
    assert!(object.len() == 66_560 && object.iter().all(|byte| *byte == b'a'));
    assert_eq!(decoder.finish().unwrap(), trailers);
}

#[test]
fn chunked_upload() {
    check_upload(
        upload(
            "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n",
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
             x-amz-storage-class",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            [
                "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            ],
            "\r\n",
        ),
        &[],
    );
}

#[test]
fn chunked_upload_with_a_trailer() {
    // The second form is that of the printed example, with a line end of its own before the signature.
    for end in ["\r\n", "\n\r\n"] {
        check_upload(
            upload(
                "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\n\
                 x-amz-trailer: x-amz-checksum-crc32c\n",
                "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
                 x-amz-storage-class;x-amz-trailer",
                "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
                [
                    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
                    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
                    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
                ],
                &format!(
                    "x-amz-checksum-crc32c:sOO8/Q=={end}x-amz-trailer-signature:\
                     d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
                ),
            ),
            &[Trailer { name: "x-amz-checksum-crc32c".into(), value: "sOO8/Q==".into() }],
        );
    }
}
