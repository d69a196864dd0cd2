//! What holds for any input.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::chunks::{decode, decoder, encode, request};
use super::{NOW, SCOPE, SECRET, Wire, answers, botocore, signer};
use crate::{BodyError, Chunking, ContentMd5, ContentSha256, Error, Payload, Secret, UnixSeconds};

/// Requests to begin with: all that were ever signed or refused in other tests.
fn corpus() -> Vec<Wire> {
    let signed = botocore::cases().into_iter().map(|(_, _, wire)| wire);
    signed.chain(answers::cases().into_iter().map(|(_, wire)| wire)).collect()
}

/// Texts with the characters that the syntax is made of.
fn text() -> impl Strategy<Value = String> {
    "([A-Za-z0-9/=&;,:. %+~-]|X-Amz-|x-amz-|[^\r\n]){0,60}"
}

/// A request whose parts are mostly right.
fn any_request() -> impl Strategy<Value = Wire> {
    let names = select(vec!["authorization", "x-amz-date", "date", "host", "x-amz-content-sha256"])
        .prop_map(str::to_owned);
    let names = prop_oneof![4 => names, 1 => any::<String>()];
    let values = prop_oneof![
        text().prop_map(String::into_bytes),
        text().prop_map(|text| format!("AWS4-HMAC-SHA256 {text}").into_bytes()),
        text().prop_map(|text| format!("Bearer {text}").into_bytes()),
        vec(any::<u8>(), 0..80),
    ];
    (any::<String>(), text(), text(), vec((names, values), 0..8), any::<Option<Vec<u8>>>())
        .prop_map(|(method, path, query, headers, body)| Wire {
            method,
            path,
            query,
            headers,
            body,
        })
}

/// One edit of a corpus request: the bytes at a place are replaced by others.
fn mutate(wire: &mut Wire, part: usize, at: Index, removed: usize, added: &[u8]) {
    let splice = |bytes: &mut Vec<u8>| {
        let from = at.index(bytes.len() + 1);
        let to = (from + removed).min(bytes.len());
        bytes.splice(from..to, added.iter().copied());
    };
    let splice_text = |text: &mut String| {
        let mut bytes = std::mem::take(text).into_bytes();
        splice(&mut bytes);
        *text = String::from_utf8_lossy(&bytes).into_owned();
    };
    match part {
        0 => splice_text(&mut wire.method),
        1 => splice_text(&mut wire.path),
        2 => splice_text(&mut wire.query),
        part => {
            let place = part % wire.headers.len().max(1);
            if let Some((name, value)) = wire.headers.get_mut(place) {
                if part.is_multiple_of(7) { splice_text(name) } else { splice(value) }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_too_strange_to_be_judged(wire in any_request(), now: i64) {
        if let Err(error) = wire.judge(UnixSeconds(now), SCOPE) {
            prop_assert!((400..600).contains(&error.answer().status));
            prop_assert!(!error.to_string().contains(SECRET));
        }
    }

    #[test]
    fn a_few_bytes_changed_are_judged_too(
        wire in select(corpus()),
        edits in vec((0_usize..40, any::<Index>(), 0_usize..12, vec(any::<u8>(), 0..12)), 1..4),
    ) {
        let mut wire = wire;
        for (part, at, removed, added) in edits {
            mutate(&mut wire, part, at, removed, &added);
        }
        let scope = crate::Scope { region: "eu-central-1", service: "s3" };
        for (now, scope) in [(NOW, SCOPE), (UnixSeconds(1_794_099_600), scope)] {
            if let Ok(Payload::Chunked(mut decoder)) = wire.judge(now, scope) {
                let mut input = wire.body.as_deref().unwrap_or_default();
                while let Ok(Some(_)) = decoder.decode(&mut input) {}
            }
        }
    }

    #[test]
    fn no_body_is_too_strange_to_be_decoded(
        chunking in select(vec![Chunking::Signed, Chunking::SignedTrailer, Chunking::UnsignedTrailer]),
        body in prop_oneof![
            vec(any::<u8>(), 0..300),
            "([0-9a-f;:\r\n]|\r\n|chunk-signature=|x-amz-){0,80}".prop_map(String::into_bytes),
        ],
        piece_bytes in 1_usize..40,
    ) {
        let (wire, _) = request(chunking, 3, "");
        if let Ok((object, _)) = decode(decoder(&wire), &body, piece_bytes) {
            prop_assert_eq!(object.len(), 3);
            prop_assert_eq!(chunking, Chunking::UnsignedTrailer);
        }
    }
}

/// Octets as a client may send them in a path or a query: as they are, or encoded in either case.
fn encoded() -> impl Strategy<Value = String> {
    let octet = prop_oneof![
        "[A-Za-z0-9._~!$'()*,:;@ -]",
        any::<u8>().prop_map(|byte| format!("%{byte:02X}")),
        any::<u8>().prop_map(|byte| format!("%{byte:02x}")),
        Just("/".to_owned()),
        Just("é".to_owned()),
    ];
    vec(octet, 0..20).prop_map(|octets| octets.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_is_verified(
        method in select(vec!["GET", "PUT", "POST", "DELETE", "HEAD"]),
        path in encoded(),
        query in vec((encoded(), encoded()), 0..6),
        headers in vec(("x-amz-meta-[a-z]{1,3}|[A-Z][a-z]{1,8}", "[ -~]{0,30}"), 0..6),
        body in vec(any::<u8>(), 0..100),
        now in 0_i64..253_402_300_799,
        skew in -900_i64..=900,
        token in proptest::option::of("[A-Za-z0-9+/]{1,30}={0,2}"),
        other in any::<Index>(),
    ) {
        let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut wire = Wire::new(method, &format!("/{path}"), &pairs.join("&"));
        wire.push("host", "localhost");
        // A header of the signature's own would be there twice.
        headers.iter().filter(|(name, _)| !["Date", "Host"].contains(&name.as_str())).for_each(|(name, value)| wire.push(name, value));
        let (secret, token) = (Secret::new(SECRET), token.map(Secret::new));
        let signer = signer(&secret, token.as_ref());
        let (now, later) = (UnixSeconds(now), UnixSeconds(now + skew));

        let mut presigned = wire.clone();
        presigned.query = wire.with(|request| signer.presign(request, 900, now)).unwrap();
        prop_assert!(presigned.credentials().unwrap().security_token() == token.as_ref());
        prop_assert!(matches!(presigned.judge(later, SCOPE), Ok(Payload::Unsigned)));

        let signed = wire.with(|request| signer.sign(request, ContentSha256::of(&body), now)).unwrap();
        signed.headers.iter().for_each(|(name, value)| wire.push(name, value));
        wire.body = Some(body.clone());
        prop_assert!(wire.credentials().unwrap().security_token() == token.as_ref());
        prop_assert!(matches!(wire.judge(later, SCOPE), Ok(Payload::Checked)));

        // Any signed header that changes its name or goes is missed.
        let gone = other.index(wire.headers.len());
        let (name, value) = wire.headers.remove(gone);
        if !value.trim_ascii().is_empty() {
            prop_assert!(wire.judge(later, SCOPE).is_err(), "{}", name);
        }
    }

    #[test]
    fn any_object_comes_through_any_chunks(
        chunking in select(vec![Chunking::Signed, Chunking::SignedTrailer, Chunking::UnsignedTrailer]),
        sizes in vec(8192_usize..10_000, 0..4),
        last in vec(any::<u8>(), 1..200),
        piece_bytes in 1_usize..20_000,
    ) {
        let chunks: Vec<Vec<u8>> = sizes.iter().map(|size| last.iter().copied().cycle().take(*size).collect()).chain([last.clone()]).collect();
        let slices: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let object = chunks.concat();
        let announced = if chunking == Chunking::Signed { "" } else { "x-amz-checksum-crc32" };
        let (wire, signer) = request(chunking, object.len() as u64, announced);
        let body = encode(chunking, signer, &slices);
        let (decoded, _) = decode(decoder(&wire), &body, piece_bytes).unwrap();
        prop_assert_eq!(decoded, object);
    }

    #[test]
    fn content_md5_is_read_as_base64_writes_it(body in vec(any::<u8>(), 0..40), place in 0_usize..22, digit in "[A-Za-z0-9+/=]") {
        let md5: [u8; 16] = Md5::digest(&body).into();
        let text = BASE64_STANDARD.encode(md5);
        let promised = ContentMd5::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(promised.check(md5), Ok(()));
        let mut other = text.clone();
        other.replace_range(place..=place, &digit);
        if other != text {
            match ContentMd5::parse(other.as_bytes()) {
                Ok(promised) => prop_assert_eq!(promised.check(md5), Err(BodyError::BadDigest)),
                Err(error) => prop_assert_eq!(error, BodyError::InvalidDigest),
            }
        }
        for broken in [&text[..23], &text[..22], &format!("{text}="), ""] {
            prop_assert_eq!(ContentMd5::parse(broken.as_bytes()), Err(BodyError::InvalidDigest));
        }
    }
}

/// The codes of errors about the body are told through [`Error`] as they are.
#[test]
fn an_error_about_the_body_keeps_its_answer() {
    for (error, status, code) in [
        (BodyError::InvalidDigest, 400, "InvalidDigest"),
        (BodyError::BadDigest, 400, "BadDigest"),
        (BodyError::IncompleteBody, 400, "IncompleteBody"),
        (BodyError::ChunkTooSmall, 403, "InvalidChunkSizeError"),
        (BodyError::MalformedTrailer, 400, "MalformedTrailerError"),
        (BodyError::SignatureDoesNotMatch, 403, "SignatureDoesNotMatch"),
    ] {
        let answer = Error::from(error).answer();
        assert_eq!((answer.status, answer.code), (status, code));
        assert_eq!(Error::from(error).to_string(), error.to_string());
    }
}
