//! What a request says about its body, over whole requests.

use stocktake_core::finding::Dialect;
use stocktake_sigv4::{Chunking, ContentSha256};

use super::inventory::{CLI, PUT};
use super::world::{World, brief, request};
use crate::Request;

/// A PUT in one chunk, with a trailer behind it that says this of the body.
fn trailed(world: &World, chunking: Chunking, checksum: &str) -> Request {
    let mut asked = request(PUT, "");
    let length = CLI.len().to_string();
    for (name, value) in [
        ("x-amz-decoded-content-length", length.as_str()),
        ("x-amz-trailer", "x-amz-checksum-crc64nvme"),
        ("x-amz-sdk-checksum-algorithm", "CRC64NVME"),
    ] {
        asked.head.headers.push((name.to_owned(), value.as_bytes().to_vec()));
    }
    let (mut asked, mut signer) =
        world.signed_as("AKADMIN", asked, ContentSha256::Chunked(chunking));
    let trailers = [("x-amz-checksum-crc64nvme", checksum)];
    let text = if chunking == Chunking::SignedTrailer {
        let chunk = signer.chunk(CLI.as_bytes());
        let last = signer.chunk(b"");
        format!("{chunk}{CLI}\r\n{last}{}", signer.trailer(&trailers))
    } else {
        let [(name, value)] = trailers;
        format!("{:x}\r\n{CLI}\r\n0\r\n{name}:{value}\r\n\r\n", CLI.len())
    };
    asked.body = text.into_bytes();
    asked
}

/// What the trailer has to say of [`CLI`].
fn right() -> String {
    use base64::Engine as _;
    let checksum = crc::Crc::<u64>::new(&crc::CRC_64_NVME).checksum(CLI.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(checksum.to_be_bytes())
}

#[test]
fn a_trailer_is_compared_with_the_body_whether_it_is_signed_or_not() {
    for chunking in [Chunking::UnsignedTrailer, Chunking::SignedTrailer] {
        let world = World::new(Dialect::Aws);
        let ask = |checksum: &str| brief(&world.raw(&trailed(&world, chunking, checksum)));
        assert_eq!(ask("AAAAAAAAAAA="), "400 BadDigest");
        assert_eq!(ask("AAAAAA=="), "400 InvalidRequest");
        let get = PUT.replace("PUT", "GET");
        assert_eq!(world.brief(&get, ""), "404 NoSuchConfiguration");
        assert_eq!(ask(&right()), "200");
        // The chunks of one that is not signed can be altered on the way, the checksum tells.
        let mut altered = trailed(&world, chunking, &right());
        let body = String::from_utf8(altered.body).unwrap().replace("docs/", "logs/");
        altered.body = body.into_bytes();
        let expected = match chunking {
            Chunking::UnsignedTrailer => "400 BadDigest",
            _ => "403 SignatureDoesNotMatch",
        };
        assert_eq!(brief(&world.raw(&altered)), expected);
    }
}

#[test]
fn a_body_with_a_wrong_content_md5_or_checksum_is_refused_and_nothing_is_kept() {
    let world = World::new(Dialect::Aws);
    let of_another = "1B2M2Y8AsgTpgAmY7PhCfg==";
    for (name, value, expected) in [
        ("content-md5", of_another, "400 BadDigest"),
        ("content-md5", "no base64", "400 InvalidDigest"),
        ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "400 BadDigest"),
        ("x-amz-checksum-crc32", "AAAA", "400 InvalidRequest"),
    ] {
        let mut asked = request(PUT, CLI);
        asked.head.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        assert_eq!(brief(&world.raw(&world.signed("AKADMIN", asked))), expected, "{name} {value}");
    }
    assert_eq!(world.brief(&PUT.replace("PUT", "GET"), ""), "404 NoSuchConfiguration");
    // An empty body has checksums, too.
    let mut asked = request("GET /orbit-raw?inventory", "");
    asked.head.headers.push(("content-md5".to_owned(), of_another.as_bytes().to_vec()));
    assert_eq!(world.raw(&world.signed("AKADMIN", asked)).status, 200);
}
