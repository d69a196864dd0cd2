//! Which buckets there are, and what is said of one.

use stocktake_capabilities::Bucket;

use super::xml::Document;
use super::{Flaw, Response, non_empty, shown_end, timestamp, truth};

/// The most bytes of a list of buckets: stores without pages answer all of them, and 256 bytes of 65,536 fit.
pub(crate) const BUCKETS_BYTES_MAX: usize = 16 << 20;

/// The most bytes of an answer that has nothing to say.
pub(crate) const NOTHING_BYTES_MAX: usize = 64 << 10;

#[derive(Clone, Copy)]
enum Member {
    Buckets,
    Token,
    IsTruncated,
}

#[derive(Clone, Copy)]
enum Field {
    Name,
    CreationDate,
}

/// Buckets in the store's order, and the store's word for what follows.
pub(crate) fn buckets(response: &Response<'_>) -> Result<(Vec<Bucket>, Option<String>), Flaw> {
    let mut document = Document::of(response, "ListAllMyBucketsResult")?;
    let (mut buckets, mut token, mut is_truncated) = (None, None, None);
    let members = [
        ("Buckets", Member::Buckets),
        ("ContinuationToken", Member::Token),
        ("IsTruncated", Member::IsTruncated),
    ];
    while let Some(member) = document.next(&members)? {
        match member {
            Member::Token => document.once(&mut token, "ContinuationToken")?,
            Member::IsTruncated => document.once(&mut is_truncated, "IsTruncated")?,
            Member::Buckets if buckets.is_some() => {
                return Err(document.wrong("`Buckets` is there twice"));
            }
            Member::Buckets => {
                let mut found = Vec::new();
                while document.next(&[("Bucket", ())])?.is_some() {
                    found.push(bucket(&mut document)?);
                }
                buckets = Some(found);
            }
        }
    }
    let buckets = buckets.ok_or_else(|| document.missing("Buckets"))?;
    let token = non_empty(token);
    if let Some(is_truncated) = is_truncated
        && truth("IsTruncated", &is_truncated).map_err(|flaw| document.here(flaw))?
        && token.is_none()
    {
        return Err(document.missing("ContinuationToken"));
    }
    document.finish()?;
    Ok((buckets, token.map(std::borrow::Cow::into_owned)))
}

fn bucket(document: &mut Document<'_>) -> Result<Bucket, Flaw> {
    let (mut name, mut created) = (None, None);
    let fields = [("Name", Field::Name), ("CreationDate", Field::CreationDate)];
    while let Some(field) = document.next(&fields)? {
        match field {
            Field::Name => document.once(&mut name, "Name")?,
            Field::CreationDate => document.once(&mut created, "CreationDate")?,
        }
    }
    let name = non_empty(name).ok_or_else(|| document.missing("Name"))?.into_owned();
    let created = non_empty(created).map(|text| timestamp("CreationDate", &text)).transpose();
    Ok(Bucket { name, created: created.map_err(|flaw| document.here(flaw))? })
}

/// The policy of a bucket, which is whole JSON; none where the store says that there is no content.
pub(crate) fn policy(response: &Response<'_>) -> Result<Option<String>, Flaw> {
    if response.status == 204 {
        return Ok(None);
    }
    let body = response.body()?;
    let is_whole = serde_json::from_slice::<serde::de::IgnoredAny>(body);
    if let Err(error) = is_whole {
        let what = format!("the policy is not whole: {error}; its end is \"{}\"", shown_end(body));
        return Err(if error.is_eof() { Flaw::Cut(what) } else { Flaw::Wrong(what) });
    }
    let text = std::str::from_utf8(body)
        .map_err(|error| Flaw::Wrong(format!("the policy is not UTF-8: {error}")))?;
    Ok(Some(text.to_owned()))
}

/// An answer that merely says that the call succeeded, unless it is an error.
pub(crate) fn nothing(response: &Response<'_>) -> Result<(), Flaw> {
    if response.body()?.trim_ascii().is_empty() {
        return Ok(());
    }
    // No document has this name: an error is told, and what else a store may say is not read.
    match Document::of(response, "Nothing") {
        Err(flaw @ (Flaw::Refused(_) | Flaw::Cut(_))) => Err(flaw),
        _ => Ok(()),
    }
}
