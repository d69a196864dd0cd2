//! Bodies in chunks: what is accepted, and every way to be refused.

use super::{NOW, SCOPE, Wire, sign};
use crate::sign::ChunkSigner;
use crate::{
    BodyError, CHUNK_BYTES_MIN, ChunkedDecoder, Chunking, ContentSha256, Error, Payload,
    TRAILER_BYTES_MAX, Trailer,
};

const CHECKSUM: (&str, &str) = ("x-amz-checksum-crc32", "AAAAAA==");

/// A signed request for an object of so many bytes, and what signs its chunks.
pub(super) fn request(
    chunking: Chunking,
    object_bytes: u64,
    trailers: &str,
) -> (Wire, ChunkSigner) {
    let mut wire = Wire::new("PUT", "/bucket/key", "");
    wire.push("host", "localhost");
    wire.push("content-encoding", "aws-chunked");
    wire.push("x-amz-decoded-content-length", &object_bytes.to_string());
    if !trailers.is_empty() {
        wire.push("x-amz-trailer", trailers);
    }
    let signer = sign(&mut wire, ContentSha256::Chunked(chunking));
    (wire, signer)
}

pub(super) fn decoder(wire: &Wire) -> ChunkedDecoder {
    match wire.judge(NOW, SCOPE) {
        Ok(Payload::Chunked(decoder)) => *decoder,
        other => panic!("{other:?}"),
    }
}

/// The body of an object in chunks of these sizes.
pub(super) fn encode(chunking: Chunking, mut signer: ChunkSigner, chunks: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for data in chunks.iter().copied().chain([b"".as_slice()]) {
        match chunking {
            Chunking::UnsignedTrailer => body.extend(format!("{:x}\r\n", data.len()).bytes()),
            _ => body.extend(signer.chunk(data).bytes()),
        }
        body.extend(data);
        if !data.is_empty() {
            body.extend(b"\r\n");
        }
    }
    match chunking {
        Chunking::Signed => body.extend(b"\r\n"),
        Chunking::SignedTrailer => body.extend(signer.trailer(&[CHECKSUM]).bytes()),
        Chunking::UnsignedTrailer => {
            body.extend(format!("{}:{}\r\n\r\n", CHECKSUM.0, CHECKSUM.1).bytes());
        }
    }
    body
}

/// The object and the trailer of a body that comes in pieces of this size.
pub(super) fn decode(
    mut decoder: ChunkedDecoder,
    body: &[u8],
    piece_bytes: usize,
) -> Result<(Vec<u8>, Vec<Trailer>), BodyError> {
    let mut object = Vec::new();
    for mut piece in body.chunks(piece_bytes) {
        while let Some(data) = decoder.decode(&mut piece)? {
            assert!(!data.is_empty());
            object.extend_from_slice(data);
        }
        assert!(piece.is_empty());
    }
    let object_bytes = decoder.object_bytes();
    let trailers = decoder.finish()?;
    assert_eq!(object.len() as u64, object_bytes);
    Ok((object, trailers))
}

fn announced(chunking: Chunking) -> &'static str {
    if chunking == Chunking::Signed { "" } else { CHECKSUM.0 }
}

/// A body of 8,192 and 100 bytes, and its request.
fn sample(chunking: Chunking) -> (Wire, Vec<u8>) {
    let (wire, signer) = request(chunking, 8292, announced(chunking));
    let body = encode(chunking, signer, &[&[b'a'; 8192], &[b'b'; 100]]);
    (wire, body)
}

const ALL: [Chunking; 3] = [Chunking::Signed, Chunking::SignedTrailer, Chunking::UnsignedTrailer];

#[test]
fn the_same_object_comes_of_any_cut() {
    for chunking in ALL {
        let (wire, body) = sample(chunking);
        for piece_bytes in [1, 2, 3, 7, 64, 8191, 8192, 8193, usize::MAX] {
            let (object, trailers) = decode(decoder(&wire), &body, piece_bytes).unwrap();
            assert_eq!(object, [[b'a'; 8192].as_slice(), &[b'b'; 100]].concat());
            let names: Vec<_> = trailers
                .iter()
                .map(|trailer| (trailer.name.as_str(), trailer.value.as_str()))
                .collect();
            assert_eq!(names, if chunking == Chunking::Signed { vec![] } else { vec![CHECKSUM] });
        }
    }
}

#[test]
fn no_byte_of_a_signed_body_may_change() {
    for chunking in [Chunking::Signed, Chunking::SignedTrailer] {
        let (wire, signer) = request(chunking, 5, announced(chunking));
        let body = encode(chunking, signer, &[b"abcde"]);
        for place in 0..body.len() {
            let mut body = body.clone();
            body[place] ^= 1;
            let outcome = decode(decoder(&wire), &body, 16);
            assert!(outcome.is_err(), "{chunking:?}, byte {place}: {outcome:?}");
        }
    }
}

#[test]
fn a_body_that_ends_early_or_goes_on_is_refused() {
    for chunking in ALL {
        let (wire, signer) = request(chunking, 5, announced(chunking));
        let body = encode(chunking, signer, &[b"abcde"]);
        for end in 0..body.len() {
            let outcome = decode(decoder(&wire), &body[..end], 16);
            assert_eq!(outcome, Err(BodyError::IncompleteBody), "{chunking:?}, {end}");
        }
        let longer = [body.as_slice(), b"\r\n"].concat();
        assert_eq!(decode(decoder(&wire), &longer, 16), Err(BodyError::MalformedChunk));
    }
}

#[test]
fn the_last_piece_of_a_wrong_chunk_is_not_given() {
    let (wire, signer) = request(Chunking::Signed, 5, "");
    let body = encode(Chunking::Signed, signer, &[b"abcde"]);
    let body = String::from_utf8(body).unwrap().replace("abcde", "abcdf");
    let mut decoder = decoder(&wire);
    let mut input = body.as_bytes();
    assert_eq!(decoder.decode(&mut input), Err(BodyError::SignatureDoesNotMatch));
    assert_eq!(decoder.decode(&mut input), Err(BodyError::MalformedChunk));
    assert_eq!(decoder.finish(), Err(BodyError::IncompleteBody));
}

#[test]
fn chunks_cannot_be_swapped_left_out_or_said_twice() {
    let chunk = 8192_usize;
    let data = [vec![b'a'; chunk], vec![b'b'; chunk], vec![b'c'; chunk]];
    let (wire, signer) = request(Chunking::Signed, 3 * chunk as u64, "");
    let slices: Vec<&[u8]> = data.iter().map(Vec::as_slice).collect();
    let body = encode(Chunking::Signed, signer, &slices);
    let framed = "2000;chunk-signature=".len() + 64 + 2 + chunk + 2;
    let part = |place: usize| &body[place * framed..(place + 1) * framed];
    let end = &body[3 * framed..];
    assert!(decode(decoder(&wire), &[part(0), part(1), part(2), end].concat(), 4096).is_ok());
    for parts in [[1, 0, 2], [0, 0, 1], [0, 2, 1], [2, 1, 0]] {
        let body = [part(parts[0]), part(parts[1]), part(parts[2]), end].concat();
        let outcome = decode(decoder(&wire), &body, 4096);
        assert_eq!(outcome, Err(BodyError::SignatureDoesNotMatch), "{parts:?}");
    }
    let left_out = [part(0), part(1), end].concat();
    assert_eq!(decode(decoder(&wire), &left_out, 4096), Err(BodyError::SignatureDoesNotMatch));
}

#[test]
fn the_length_is_the_one_that_was_signed() {
    for (said, expected) in [(4, BodyError::IncompleteBody), (6, BodyError::IncompleteBody)] {
        for chunking in ALL {
            let (wire, signer) = request(chunking, said, announced(chunking));
            let body = encode(chunking, signer, &[b"abcde"]);
            assert_eq!(decode(decoder(&wire), &body, 16), Err(expected), "{chunking:?}, {said}");
        }
    }
    let (mut wire, _) = sample(Chunking::Signed);
    wire.headers.retain(|(name, _)| name != "x-amz-decoded-content-length");
    wire.push("x-amz-decoded-content-length", "8293");
    assert_eq!(wire.judge(NOW, SCOPE).unwrap_err(), Error::SignatureDoesNotMatch);
}

#[test]
fn only_the_last_chunk_may_be_small() {
    for chunking in ALL {
        for (first, expected) in
            [(CHUNK_BYTES_MIN, Ok(())), (CHUNK_BYTES_MIN - 1, Err(BodyError::ChunkTooSmall))]
        {
            let (wire, signer) = request(chunking, first + 1, announced(chunking));
            let large = vec![b'a'; usize::try_from(first).unwrap()];
            let body = encode(chunking, signer, &[&large, b"b"]);
            assert_eq!(decode(decoder(&wire), &body, 4096).map(|_| ()), expected, "{chunking:?}");
        }
    }
}

/// What becomes of an unsigned body with this text, for an object of five bytes with a checksum announced.
fn unsigned(body: &str) -> Result<Vec<Trailer>, BodyError> {
    let (wire, _) = request(Chunking::UnsignedTrailer, 5, "X-Amz-Checksum-Crc32");
    decode(decoder(&wire), body.as_bytes(), 16).map(|(_, trailers)| trailers)
}

#[test]
fn frames_are_read_strictly() {
    let end = "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    assert_eq!(unsigned(&format!("5\r\nabcde\r\n{end}")).unwrap().len(), 1);
    assert_eq!(unsigned(&format!("0000000000000005\r\nabcde\r\n{end}")).unwrap().len(), 1);
    for frame in
        ["5\nabcde\r\n", "5\r\nabcde\n", "5\r\nabcdef\r\n", "5 \r\nabcde\r\n", "+5\r\nabcde\r\n"]
    {
        assert_eq!(unsigned(&format!("{frame}{end}")), Err(BodyError::MalformedChunk), "{frame}");
    }
    for frame in [
        "\r\n5\r\nabcde\r\n",
        "0x5\r\nabcde\r\n",
        "5;\r\nabcde\r\n",
        "00000000000000005\r\nabcde\r\n",
    ] {
        assert_eq!(unsigned(&format!("{frame}{end}")), Err(BodyError::MalformedChunk), "{frame}");
    }
    assert_eq!(unsigned("5;chunk-signature=00\r\nabcde\r\n"), Err(BodyError::MalformedChunk));
    assert_eq!(unsigned("ffffffffffffffff\r\n"), Err(BodyError::IncompleteBody));
    assert_eq!(unsigned(&"5".repeat(100)), Err(BodyError::MalformedChunk));
    assert_eq!(unsigned("é\r\n"), Err(BodyError::MalformedChunk));
}

#[test]
fn the_trailer_is_the_one_that_was_announced() {
    let read = |trailer: &str| unsigned(&format!("5\r\nabcde\r\n0\r\n{trailer}\r\n"));
    let checksum = "x-amz-checksum-crc32:AAAAAA==\r\n";
    assert_eq!(
        read("X-Amz-Checksum-Crc32:  AAAAAA== \r\n").unwrap(),
        [Trailer { name: CHECKSUM.0.into(), value: CHECKSUM.1.into() }]
    );
    let malformed = Err(BodyError::MalformedTrailer);
    assert_eq!(read(""), malformed);
    assert_eq!(read("x-amz-checksum-crc32\r\n"), malformed);
    assert_eq!(read("x-amz-checksum-sha256:AAAA\r\n"), malformed);
    assert_eq!(read(&format!("{checksum}{checksum}")), malformed);
    assert_eq!(read(&format!("{checksum}x-amz-meta-a:b\r\n")), malformed);
    assert_eq!(read("x-amz-checksum-crc32:\u{c}AAAAAA==\r\n"), malformed);
    assert_eq!(read("x-amz-checksum-crc32 :AAAAAA==\r\n"), malformed);
    let room = TRAILER_BYTES_MAX - "x-amz-checksum-crc32:\r\n\r\n".len();
    assert!(read(&format!("x-amz-checksum-crc32:{}\r\n", "A".repeat(room))).is_ok());
    assert_eq!(read(&format!("x-amz-checksum-crc32:{}\r\n", "A".repeat(room + 1))), malformed);
    assert_eq!(read(&"A".repeat(100_000)), malformed);
    assert_eq!(read(&"\r\n".repeat(2)), malformed);
}

#[test]
fn a_signed_trailer_needs_its_signature() {
    let chunking = Chunking::SignedTrailer;
    let (wire, signer) = request(chunking, 5, CHECKSUM.0);
    let body = String::from_utf8(encode(chunking, signer, &[b"abcde"])).unwrap();
    let (frames, signature) = body.split_once("x-amz-trailer-signature").unwrap();
    let judge = |body: String| decode(decoder(&wire), body.as_bytes(), 64).map(|_| ());
    assert_eq!(judge(body.clone()), Ok(()));
    assert_eq!(judge(format!("{frames}\r\n")), Err(BodyError::IncompleteBody));
    assert_eq!(judge(format!("{frames}{}", "\r\n".repeat(2000))), Err(BodyError::MalformedTrailer));
    assert_eq!(judge(body.replace("AAAAAA==", "BAAAAA==")), Err(BodyError::SignatureDoesNotMatch));
    let last = format!("x-amz-trailer-signature{signature}");
    assert_eq!(
        judge(body.replace(&last, &format!("{}{last}", &last[..last.len() - 2]))),
        Err(BodyError::MalformedTrailer)
    );
    assert_eq!(
        judge(body.replace(CHECKSUM.0, "x-amz-checksum-sha1")),
        Err(BodyError::MalformedTrailer)
    );
}

#[test]
fn few_trailers_can_be_announced() {
    let names: Vec<String> = (0..9).map(|name| format!("t{name}")).collect();
    let (wire, _) = request(Chunking::UnsignedTrailer, 5, &names[..8].join(", "));
    assert!(wire.judge(NOW, SCOPE).is_ok());
    let (wire, _) = request(Chunking::UnsignedTrailer, 5, &names.join(","));
    let refused = wire.judge(NOW, SCOPE).unwrap_err();
    assert_eq!(refused, Error::TooLarge { what: "number of trailers", limit: 8 });
}
