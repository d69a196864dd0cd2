//! Whether a body is the one that its sender had: `Content-MD5`, and the checksums of Amazon S3.
//!
//! Codes and messages are those of Amazon S3; which headers there are stands in "Checking object integrity" in its user
//! guide (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use stocktake_sigv4::Trailer;

use crate::http::Head;
use crate::s3::{Code, Error};

/// What the names of headers and trailers begin with that carry a checksum; the algorithm follows.
const MARK: &str = "x-amz-checksum-";

/// Headers that begin so and carry none: which checksums an answer should have, and what kind one is.
const NO_CHECKSUMS: [&str; 3] = ["algorithm", "mode", "type"];

/// The header in which tools say which algorithm they have used.
const ALGORITHM: &str = "x-amz-sdk-checksum-algorithm";

const SEVERAL: &str =
    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
const HEADER_AND_TRAILER: &str = "Expecting a single x-amz-checksum- header";
const UNKNOWN: &str = "The algorithm type you specified in x-amz-checksum- header is invalid.";
const WRONG_ALGORITHM: &str = "Value for x-amz-sdk-checksum-algorithm header is invalid.";
const MISSING: &str = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.";

static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
static CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
static CRC64NVME: Crc<u64> = Crc::<u64>::new(&CRC_64_NVME);

/// How a checksum is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// Every algorithm with its name. In headers names are in lower case. Amazon S3 also has those of xxHash, which are no
/// protection against anybody and which no tool uses of itself.
const ALGORITHMS: [(&str, Algorithm); 7] = [
    ("CRC32", Algorithm::Crc32),
    ("CRC32C", Algorithm::Crc32c),
    ("CRC64NVME", Algorithm::Crc64Nvme),
    ("MD5", Algorithm::Md5),
    ("SHA1", Algorithm::Sha1),
    ("SHA256", Algorithm::Sha256),
    ("SHA512", Algorithm::Sha512),
];

/// Compares a body, without its frames, with all that the request says about it.
///
/// # Errors
/// `InvalidDigest`, `InvalidRequest` where what is said cannot be understood; `BadDigest` where the body is another.
pub(crate) fn check(head: &Head, trailers: &[Trailer], content: &[u8]) -> Result<(), Error> {
    check_md5(head, content)?;
    let header = |(name, value): &(String, Vec<u8>)| {
        Some((suffix(name)?, String::from_utf8_lossy(value).trim().to_owned()))
    };
    let headers: Vec<(String, String)> = head.headers.iter().filter_map(header).collect();
    let trailer = |trailer: &Trailer| Some((suffix(&trailer.name)?, trailer.value.clone()));
    let trailers: Vec<(String, String)> = trailers.iter().filter_map(trailer).collect();
    let (given, value) = match (headers.as_slice(), trailers.as_slice()) {
        ([], []) if head.has_header(ALGORITHM) => return Err(Code::InvalidRequest.saying(MISSING)),
        ([], []) => return Ok(()),
        ([one], []) | ([], [one]) => one,
        ([_], [_]) => return Err(Code::InvalidRequest.saying(HEADER_AND_TRAILER)),
        _ => return Err(Code::InvalidRequest.saying(SEVERAL)),
    };
    let known = ALGORITHMS.iter().find(|(name, _)| name.eq_ignore_ascii_case(given));
    let (name, algorithm) = known.ok_or_else(|| Code::InvalidRequest.saying(UNKNOWN))?;
    let said = head.header(ALGORITHM).unwrap_or(name);
    if !said.eq_ignore_ascii_case(name) {
        return Err(Code::InvalidRequest.saying(WRONG_ALGORITHM));
    }
    let checksum = algorithm.checksum(content);
    match STANDARD.decode(value) {
        Ok(promised) if promised == checksum => Ok(()),
        Ok(promised) if promised.len() == checksum.len() => {
            let message =
                format!("The {name} you specified did not match the calculated checksum.");
            Err(Code::BadDigest.saying(message))
        }
        _ => {
            Err(Code::InvalidRequest.saying(format!("Value for {MARK}{given} header is invalid.")))
        }
    }
}

/// The part of a name that says which algorithm it is about, in lower case; none of other names.
fn suffix(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let suffix = name.strip_prefix(MARK)?;
    (!NO_CHECKSUMS.contains(&suffix)).then(|| suffix.to_owned())
}

/// Compares a body with the MD5 that the request says it has.
fn check_md5(head: &Head, content: &[u8]) -> Result<(), Error> {
    if !head.has_header("content-md5") {
        return Ok(());
    }
    let value = head.header("content-md5").unwrap_or_default();
    let promised = stocktake_sigv4::ContentMd5::parse(value.as_bytes());
    let digest: [u8; 16] = Md5::digest(content).into();
    promised.map_err(|_| Code::InvalidDigest)?.check(digest).map_err(|_| Code::BadDigest.into())
}

impl Algorithm {
    fn checksum(self, content: &[u8]) -> Vec<u8> {
        match self {
            Self::Crc32 => CRC32.checksum(content).to_be_bytes().to_vec(),
            Self::Crc32c => CRC32C.checksum(content).to_be_bytes().to_vec(),
            Self::Crc64Nvme => CRC64NVME.checksum(content).to_be_bytes().to_vec(),
            Self::Md5 => Md5::digest(content).to_vec(),
            Self::Sha1 => Sha1::digest(content).to_vec(),
            Self::Sha256 => Sha256::digest(content).to_vec(),
            Self::Sha512 => Sha512::digest(content).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of "123456789": the catalogue of parametrised CRC algorithms for the CRCs (CRC-32/ISO-HDLC,
    /// CRC-32/ISCSI, CRC-64/NVME).
    const CRCS: [(Algorithm, &[u8]); 3] = [
        (Algorithm::Crc32, &[0xcb, 0xf4, 0x39, 0x26]),
        (Algorithm::Crc32c, &[0xe3, 0x06, 0x92, 0x83]),
        (Algorithm::Crc64Nvme, &[0xae, 0x8b, 0x14, 0x86, 0x0a, 0x79, 0x98, 0x88]),
    ];

    fn head(headers: &[(&str, &str)]) -> Head {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        Head { headers: headers.iter().map(owned).collect(), ..Head::default() }
    }

    fn trailers(trailers: &[(&str, &str)]) -> Vec<Trailer> {
        let owned = |(name, value): &(&str, &str)| Trailer {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        trailers.iter().map(owned).collect()
    }

    /// Code and message of the refusal of "hello".
    #[track_caller]
    fn checked(headers: &[(&str, &str)], trailing: &[(&str, &str)]) -> Result<(), String> {
        let checked = check(&head(headers), &trailers(trailing), b"hello");
        checked.map_err(|error| format!("{} {}", error.code, error.message))
    }

    const CRC32_OF_HELLO: (&str, &str) = ("x-amz-checksum-crc32", "NhCmhg==");

    #[test]
    fn checksums_are_those_of_their_algorithms() {
        for (algorithm, expected) in CRCS {
            assert_eq!(algorithm.checksum(b"123456789"), expected, "{algorithm:?}");
        }
    }

    #[test]
    fn a_checksum_that_fits_is_accepted_wherever_it_is() {
        for (name, value) in [
            CRC32_OF_HELLO,
            ("X-Amz-Checksum-Crc32c", " mnG7TA=="),
            ("x-amz-checksum-crc64nvme", "M3eFcAZSQlc="),
            ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
            ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
            (
                "x-amz-checksum-sha512",
                "m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==",
            ),
            ("x-amz-checksum-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
            ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
        ] {
            assert_eq!(checked(&[(name, value)], &[]), Ok(()), "{name}");
            let body = check(&head(&[(name, value)]), &[], b"hellp").unwrap_err();
            assert_eq!((body.status, body.code), (400, "BadDigest"), "{name}");
        }
        assert_eq!(checked(&[], &[CRC32_OF_HELLO]), Ok(()));
        assert_eq!(checked(&[(ALGORITHM, "crc32")], &[CRC32_OF_HELLO]), Ok(()));
        assert_eq!(checked(&[(ALGORITHM, "CRC32"), CRC32_OF_HELLO], &[]), Ok(()));
        let others = [("x-amz-checksum-mode", "ENABLED"), ("x-amz-checksum-type", "FULL_OBJECT")];
        assert_eq!(checked(&others, &[("x-amz-meta-a", "b")]), Ok(()));
    }

    #[test]
    fn what_is_said_and_does_not_fit_is_refused_in_the_words_of_s3() {
        let of = |name, value| (name, value);
        let wrong = of("x-amz-checksum-crc32", "NhCmhw==");
        let did_not = "BadDigest The CRC32 you specified did not match the calculated checksum.";
        assert_eq!(checked(&[wrong], &[]), Err(did_not.to_owned()));
        assert_eq!(checked(&[], &[wrong]), Err(did_not.to_owned()));
        for value in ["", "NhCmhg", "NhCmhg==NhCmhg==", "3610a686", "NhCmhg=*", "ü"] {
            let invalid = "InvalidRequest Value for x-amz-checksum-crc32 header is invalid.";
            let checked = checked(&[("x-amz-checksum-crc32", value)], &[]);
            assert_eq!(checked, Err(invalid.to_owned()), "{value}");
        }
        let sha1 = of("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=");
        for (headers, trailers, message) in [
            (vec![CRC32_OF_HELLO, sha1], vec![], SEVERAL),
            (vec![CRC32_OF_HELLO, CRC32_OF_HELLO], vec![], SEVERAL),
            (vec![], vec![CRC32_OF_HELLO, sha1], SEVERAL),
            (vec![CRC32_OF_HELLO], vec![sha1], HEADER_AND_TRAILER),
            (vec![of("x-amz-checksum-xxhash64", "AAAAAAAAAAA=")], vec![], UNKNOWN),
            (vec![of(ALGORITHM, "CRC32")], vec![], MISSING),
            (vec![of(ALGORITHM, "CRC32C"), CRC32_OF_HELLO], vec![], WRONG_ALGORITHM),
            (vec![of(ALGORITHM, ""), CRC32_OF_HELLO], vec![], WRONG_ALGORITHM),
        ] {
            let expected = Err(format!("InvalidRequest {message}"));
            assert_eq!(checked(&headers, &trailers), expected, "{headers:?} {trailers:?}");
        }
        for (value, code) in [
            ("", "InvalidDigest"),
            ("5d41402abc4b2a76b9719d911017c592", "InvalidDigest"),
            ("XUFAKrxLKna5cZ2REBfFkQ==", "BadDigest"),
        ] {
            let refused = checked(&[("Content-MD5", value)], &[]).unwrap_err();
            assert!(refused.starts_with(code), "{value}: {refused}");
        }
    }
}
