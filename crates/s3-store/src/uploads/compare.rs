//! Whether a store has kept what it was sent.
//!
//! Stores say so by the entity tag, which is the MD5 of the content, or of the MD5s of the parts and their number. With
//! keys of a key service or of the customer it is something else that may look the same, and then a checksum serves,
//! where the store returns one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc::Crc;
use sha2::Digest as _;
use stocktake_capabilities::{Error, Part, etags};

use crate::Etags;
use crate::answers::uploads::{SSE_S3, Written};

/// A body as it goes out.
pub(super) struct Sent<'a> {
    body: &'a [u8],
    /// In lower-case hex.
    md5: String,
    etags: Etags,
}

impl<'a> Sent<'a> {
    pub(super) fn of(body: &'a [u8], etags: Etags) -> Self {
        Self { body, md5: etags::of_content(body), etags }
    }

    /// The header by which the store can refuse what was damaged on its way.
    pub(super) fn content_md5(&self) -> String {
        let md5 = u128::from_str_radix(&self.md5, 16).unwrap_or_default();
        STANDARD.encode(md5.to_be_bytes())
    }

    /// The entity tag, unless the store says that it has kept something else. `what` names call and object.
    pub(super) fn confirmed(&self, what: &str, written: Written) -> Result<String, Error> {
        let is_comparable = self.etags == Etags::Md5 && is_md5_of_content(&written);
        let Some(etag) = written.etag else { return Err(no_tag(what)) };
        if is_comparable && is_md5(&etag) {
            if etag.eq_ignore_ascii_case(&self.md5) {
                return Ok(etag);
            }
            return Err(other_content(what, &format!("the MD5 {}", self.md5), &etag));
        }
        if let Some((name, kept)) = written.checksum
            && let Some(sent) = checksum(name, self.body)
            && sent != kept
        {
            return Err(other_content(what, &format!("the {name} {sent}"), &kept));
        }
        Ok(etag)
    }
}

/// The entity tag of an object that was joined from these parts, unless the store says that it has joined others.
pub(super) fn joined(
    what: &str,
    parts: &[Part],
    written: Written,
    etags: Etags,
) -> Result<String, Error> {
    let is_comparable = etags == Etags::Md5 && is_md5_of_content(&written);
    let Some(etag) = written.etag else { return Err(no_tag(what)) };
    let wanted =
        stocktake_capabilities::etags::of_parts(parts.iter().map(|part| part.etag.as_str()));
    if is_comparable
        && let Some(wanted) = wanted
        && is_md5_of_parts(&etag)
        && !etag.eq_ignore_ascii_case(&wanted)
    {
        return Err(other_content(what, &format!("parts with the entity tag {wanted}"), &etag));
    }
    Ok(etag)
}

/// Whether the entity tag can be an MD5 of what was sent, as far as encryption is concerned.
fn is_md5_of_content(written: &Written) -> bool {
    !written.has_other_key && written.encryption.as_deref().is_none_or(|word| word == SSE_S3)
}

fn is_md5(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn is_md5_of_parts(etag: &str) -> bool {
    let parsed = etag.split_once('-');
    parsed.is_some_and(|(md5, count)| is_md5(md5) && count.bytes().all(|it| it.is_ascii_digit()))
}

/// The checksum of a body as this header bears it; none for a header that is not known.
fn checksum(name: &str, body: &[u8]) -> Option<String> {
    Some(match name {
        "x-amz-checksum-sha256" => STANDARD.encode(sha2::Sha256::digest(body)),
        "x-amz-checksum-sha1" => STANDARD.encode(sha1::Sha1::digest(body)),
        "x-amz-checksum-crc64nvme" => {
            STANDARD.encode(Crc::<u64>::new(&crc::CRC_64_NVME).checksum(body).to_be_bytes())
        }
        "x-amz-checksum-crc32c" => {
            STANDARD.encode(Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(body).to_be_bytes())
        }
        "x-amz-checksum-crc32" => {
            STANDARD.encode(Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(body).to_be_bytes())
        }
        _ => return None,
    })
}

fn no_tag(what: &str) -> Error {
    Error::Other(format!(
        "{what}: the store tells no entity tag, so that it cannot be said whether it has kept what it was sent"
    ))
}

/// Not [`Error::Unavailable`]: the store works, and who reads of the failure has to look at what is in its way.
fn other_content(what: &str, sent: &str, kept: &str) -> Error {
    Error::Other(format!(
        "{what}: {sent} was sent, and the store has kept {kept}; look for what changes requests between here and the store, or write etags=opaque behind the endpoint if this store forms its entity tags in a way of its own"
    ))
}
