//! Tags and access control lists.

use stocktake_capabilities::Grant;

use super::xml::Document;
use super::{Flaw, Response, non_empty};

/// The most bytes of a set of tags: S3 has ten of 384 characters at most, other stores some more.
pub(crate) const TAGS_BYTES_MAX: usize = 256 << 10;

/// The most bytes of an access control list: S3 has a hundred grants at most.
pub(crate) const ACL_BYTES_MAX: usize = 256 << 10;

#[derive(Clone, Copy)]
enum TagField {
    Key,
    Value,
}

/// Tags in the store's order.
pub(crate) fn tags(response: &Response<'_>) -> Result<Vec<(String, String)>, Flaw> {
    let mut document = Document::of(response, "Tagging")?;
    let mut tags = None;
    while document.next(&[("TagSet", ())])?.is_some() {
        if tags.is_some() {
            return Err(document.wrong("`TagSet` is there twice"));
        }
        let mut found = Vec::new();
        while document.next(&[("Tag", ())])?.is_some() {
            found.push(tag(&mut document)?);
        }
        tags = Some(found);
    }
    let tags = tags.ok_or_else(|| document.missing("TagSet"))?;
    document.finish()?;
    Ok(tags)
}

fn tag(document: &mut Document<'_>) -> Result<(String, String), Flaw> {
    let (mut key, mut value) = (None, None);
    while let Some(field) = document.next(&[("Key", TagField::Key), ("Value", TagField::Value)])? {
        match field {
            TagField::Key => document.once(&mut key, "Key")?,
            TagField::Value => document.once(&mut value, "Value")?,
        }
    }
    let key = key.ok_or_else(|| document.missing("Key"))?;
    let value = value.ok_or_else(|| document.missing("Value"))?;
    Ok((key.into_owned(), value.into_owned()))
}

#[derive(Clone, Copy)]
enum GrantField {
    Grantee,
    Permission,
}

#[derive(Clone, Copy)]
enum Name {
    Id,
    Uri,
    /// What names a grantee of a kind that reports have no place for.
    Other,
}

/// Grants in the store's order.
pub(crate) fn grants(response: &Response<'_>) -> Result<Vec<Grant>, Flaw> {
    let mut document = Document::of(response, "AccessControlPolicy")?;
    let mut grants = None;
    while document.next(&[("AccessControlList", ())])?.is_some() {
        if grants.is_some() {
            return Err(document.wrong("`AccessControlList` is there twice"));
        }
        let mut found = Vec::new();
        while document.next(&[("Grant", ())])?.is_some() {
            found.push(grant(&mut document)?);
        }
        grants = Some(found);
    }
    let grants = grants.ok_or_else(|| document.missing("AccessControlList"))?;
    document.finish()?;
    Ok(grants)
}

fn grant(document: &mut Document<'_>) -> Result<Grant, Flaw> {
    let (mut id, mut uri, mut other, mut permission) = (None, None, None, None);
    let mut has_grantee = false;
    let fields = [("Grantee", GrantField::Grantee), ("Permission", GrantField::Permission)];
    let names =
        [("ID", Name::Id), ("URI", Name::Uri), ("EmailAddress", Name::Other), ("URL", Name::Other)];
    while let Some(field) = document.next(&fields)? {
        match field {
            GrantField::Permission => document.once(&mut permission, "Permission")?,
            GrantField::Grantee if has_grantee => {
                return Err(document.wrong("`Grantee` is there twice"));
            }
            GrantField::Grantee => {
                has_grantee = true;
                while let Some(name) = document.next(&names)? {
                    match name {
                        Name::Id => document.once(&mut id, "ID")?,
                        Name::Uri => document.once(&mut uri, "URI")?,
                        Name::Other => document.once(&mut other, "EmailAddress")?,
                    }
                }
            }
        }
    }
    let permission = non_empty(permission).ok_or_else(|| document.missing("Permission"))?;
    let (id, uri) = (non_empty(id), non_empty(uri));
    if id.is_none() && uri.is_none() && non_empty(other).is_none() {
        return Err(document.missing("Grantee"));
    }
    Ok(Grant {
        canonical_id: id.filter(|_| uri.is_none()).map(std::borrow::Cow::into_owned),
        uri: uri.map(std::borrow::Cow::into_owned),
        permission: permission.into_owned(),
    })
}
