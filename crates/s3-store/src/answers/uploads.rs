//! What was written, and uploads in parts.

use std::borrow::Cow;

use super::xml::Document;
use super::{Flaw, Response, non_empty, truth, unquoted};

/// The most bytes of a page of unfinished uploads; its entries are like those of a listing.
pub(crate) const UPLOADS_BYTES_MAX: usize = super::listing::PAGE_BYTES_MAX;

/// The most bytes of any other answer about an upload, with the white space that stores send while they join parts: a
/// byte every ten seconds or so.
pub(crate) const UPLOAD_BYTES_MAX: usize = 256 << 10;

/// Of what stores call encryption, the one with which an entity tag is an MD5 still.
pub(crate) const SSE_S3: &str = "AES256";

/// Headers that bear a checksum of a whole body, in the order in which they are trusted.
pub(crate) const CHECKSUMS: [&str; 5] = [
    "x-amz-checksum-sha256",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc32",
    "x-amz-checksum-sha1",
];

/// What a store says about content that it has stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Without quotes.
    pub(crate) etag: Option<String>,
    /// Encryption with keys of the store or of a key service, in the store's word.
    pub(crate) encryption: Option<String>,
    /// Whether it is encrypted so that its entity tag is no MD5, as far as other headers say.
    pub(crate) has_other_key: bool,
    /// Header and value of the first of [`CHECKSUMS`] that is there.
    pub(crate) checksum: Option<(&'static str, String)>,
}

/// The answer to a `PutObject` or `UploadPart`.
pub(crate) fn written(response: &Response<'_>) -> Result<Written, Flaw> {
    super::service::nothing(response)?;
    let mut written = by_headers(response)?;
    written.etag = non_empty(response.header("etag")?.map(unquoted)).map(str::to_owned);
    Ok(written)
}

/// What headers say of the object or part that was written, but its entity tag.
fn by_headers(response: &Response<'_>) -> Result<Written, Flaw> {
    let mut checksum = None;
    for name in CHECKSUMS {
        if let (None, Some(value)) = (&checksum, response.header(name)?) {
            checksum = Some((name, value.to_owned()));
        }
    }
    let customer = response.header("x-amz-server-side-encryption-customer-algorithm")?;
    // Tencent's store has headers of its own.
    let tencent = response.header("x-cos-server-side-encryption")?;
    Ok(Written {
        etag: None,
        encryption: response.header("x-amz-server-side-encryption")?.map(str::to_owned),
        has_other_key: customer.is_some() || tencent.is_some_and(|word| word != SSE_S3),
        checksum,
    })
}

/// The id of an upload that has begun, and what is said of its encryption.
pub(crate) fn begun(response: &Response<'_>) -> Result<(String, Written), Flaw> {
    let mut document = Document::of(response, "InitiateMultipartUploadResult")?;
    let mut id = None;
    while document.next(&[("UploadId", ())])?.is_some() {
        document.once(&mut id, "UploadId")?;
    }
    let id = non_empty(id).ok_or_else(|| document.missing("UploadId"))?;
    document.finish()?;
    Ok((id.into_owned(), by_headers(response)?))
}

/// The answer to a `CompleteMultipartUpload`. Some stores leave out the entity tag.
pub(crate) fn completed(response: &Response<'_>) -> Result<Written, Flaw> {
    let mut document = Document::of(response, "CompleteMultipartUploadResult")?;
    let mut etag = None;
    while document.next(&[("ETag", ())])?.is_some() {
        document.once(&mut etag, "ETag")?;
    }
    document.finish()?;
    let etag = etag.map(|etag| unquoted(&etag).to_owned());
    Ok(Written { etag: non_empty(etag), ..by_headers(response)? })
}

#[derive(Clone, Copy)]
enum Member {
    Upload,
    IsTruncated,
}

#[derive(Clone, Copy)]
enum Field {
    Key,
    UploadId,
}

/// Unfinished uploads of one page, as keys and ids.
pub(crate) fn unfinished(response: &Response<'_>) -> Result<Vec<(String, String)>, Flaw> {
    let mut document = Document::of(response, "ListMultipartUploadsResult")?;
    let (mut uploads, mut is_truncated) = (Vec::new(), None);
    let members = [("Upload", Member::Upload), ("IsTruncated", Member::IsTruncated)];
    while let Some(member) = document.next(&members)? {
        match member {
            Member::Upload => uploads.push(upload(&mut document)?),
            Member::IsTruncated => document.once(&mut is_truncated, "IsTruncated")?,
        }
    }
    let is_truncated = is_truncated.ok_or_else(|| document.missing("IsTruncated"))?;
    truth("IsTruncated", &is_truncated).map_err(|flaw| document.here(flaw))?;
    document.finish()?;
    Ok(uploads)
}

fn upload(document: &mut Document<'_>) -> Result<(String, String), Flaw> {
    let (mut key, mut id) = (None, None);
    while let Some(field) = document.next(&[("Key", Field::Key), ("UploadId", Field::UploadId)])? {
        match field {
            Field::Key => document.once(&mut key, "Key")?,
            Field::UploadId => document.once(&mut id, "UploadId")?,
        }
    }
    let key = non_empty(key).ok_or_else(|| document.missing("Key"))?;
    let id = non_empty(id).ok_or_else(|| document.missing("UploadId"))?;
    Ok((key.into_owned(), id.into_owned()))
}

/// The answer to a `ListParts`, of which only matters that it is one.
pub(crate) fn parts(response: &Response<'_>) -> Result<(), Flaw> {
    let mut document = Document::of(response, "ListPartsResult")?;
    let mut id: Option<Cow<'_, str>> = None;
    while document.next(&[("UploadId", ())])?.is_some() {
        document.once(&mut id, "UploadId")?;
    }
    if non_empty(id).is_none() {
        return Err(document.missing("UploadId"));
    }
    document.finish()
}
