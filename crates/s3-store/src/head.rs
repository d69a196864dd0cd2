//! Details of many objects.

use std::collections::VecDeque;

use aws_sdk_s3::Client;
use stocktake_capabilities::{DetailKinds, Error, Grant, ObjectDetail, ObjectRef};
use tokio::task::JoinSet;

use crate::answers::object::Range;
use crate::answers::{details, head as answer, object as content};
use crate::failure::{Answer, Failure};
use crate::names::{check_key, sent};
use crate::whole::Whole;

/// How many objects of a batch are asked for at once. A store answers a HEAD within some milliseconds, so this
/// many give thousands of objects a second, and more would only take connections from other batches.
const AT_ONCE: usize = 32;

/// Asks for the details of objects, some at once; answers in their order, none for what is gone.
pub(crate) async fn many(
    client: &Client,
    bucket: &str,
    refs: &[ObjectRef],
    kinds: DetailKinds,
) -> Result<Vec<Option<ObjectDetail>>, Error> {
    let mut left: VecDeque<(usize, &ObjectRef)> = refs.iter().enumerate().collect();
    let mut details: Vec<Option<ObjectDetail>> = vec![None; refs.len()];
    // Dropping the set, as an error does, ends what is under way.
    let mut asked = JoinSet::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some((at, object)) = left.pop_front()
        {
            let (client, bucket, object) = (client.clone(), bucket.to_owned(), object.clone());
            asked.spawn(async move { (at, one(&client, &bucket, &object, kinds).await) });
        }
        let Some(answered) = asked.join_next().await else { return Ok(details) };
        let (at, detail) =
            answered.map_err(|error| Error::Other(format!("HeadObject: {error}")))?;
        if let Some(place) = details.get_mut(at) {
            *place = detail?;
        }
    }
}

/// Whether a store means that there is no such object, in words for a wrong argument.
pub(crate) fn is_none_such(failure: &Failure, object: &ObjectRef) -> bool {
    const VERSIONS: [&str; 3] = ["InvalidArgument", "InvalidVersionId", "NoSuchVersion"];
    let no_version = object.version_id.is_some() && VERSIONS.contains(&failure.code());
    // A store that cannot take such a key has none.
    no_version || (failure.status() == 400 && object.key.contains('\0'))
}

async fn one(
    client: &Client,
    bucket: &str,
    object: &ObjectRef,
    kinds: DetailKinds,
) -> Result<Option<ObjectDetail>, Error> {
    if check_key(&object.key).is_err() {
        return Ok(None);
    }
    let mut told = ObjectDetail::default();
    // Something has to tell whether the object is there at all.
    if kinds.head || !(kinds.tags || kinds.acl) {
        let Some(head) = head(client, bucket, object).await? else { return Ok(None) };
        if kinds.head {
            told = head;
        }
    }
    if kinds.tags {
        let Some(tags) = tags(client, bucket, object).await? else { return Ok(None) };
        told.tags = Some(tags);
    }
    if kinds.acl {
        let Some(acl) = acl(client, bucket, object).await? else { return Ok(None) };
        told.acl = Some(acl);
    }
    Ok(Some(told))
}

async fn head(
    client: &Client,
    bucket: &str,
    object: &ObjectRef,
) -> Result<Option<ObjectDetail>, Error> {
    let whole = Whole::head(answer::detail);
    let request = client
        .head_object()
        .bucket(bucket)
        .key(sent(&object.key))
        .set_version_id(object.version_id.clone())
        .customize()
        .interceptor(whole.interceptor());
    let failure = match whole.taken(request.send().await) {
        Ok(detail) => return Ok(Some(detail)),
        Err(failure) => failure,
    };
    match failure.status() {
        404 => Ok(None),
        // A delete marker, which was named by its version.
        405 if object.version_id.is_some() => Ok(None),
        400 => why_bad(client, bucket, object).await,
        _ => Err(failure.error("HeadObject")),
    }
}

/// Finds out what a store dislikes about a HEAD, whose answer has no body that could say so.
///
/// The usual cause is an object under a key of the customer's, which can be listed and not be read.
async fn why_bad(
    client: &Client,
    bucket: &str,
    object: &ObjectRef,
) -> Result<Option<ObjectDetail>, Error> {
    let whole = Whole::new(1, |answer| content::range(answer, Range { first: 0, last: 0 }));
    let request = client
        .get_object()
        .bucket(bucket)
        .key(sent(&object.key))
        .set_version_id(object.version_id.clone())
        .range("bytes=0-0")
        .customize()
        .interceptor(whole.interceptor());
    let Err(failure) = whole.taken(request.send().await) else {
        return Err(Error::Other("HeadObject: the store answers GET and refuses HEAD".to_owned()));
    };
    if let Failure::Answer(answer) = &failure
        && is_about_customer_key(answer)
    {
        let encryption_status = Some("SSE-C".to_owned());
        return Ok(Some(ObjectDetail { encryption_status, ..ObjectDetail::default() }));
    }
    if failure.status() == 404 || is_none_such(&failure, object) {
        return Ok(None);
    }
    Err(failure.error("HeadObject"))
}

/// Amazon answers `InvalidRequest` and Ceph `InvalidArgument`, which both are for many things; the words tell.
fn is_about_customer_key(answer: &Answer) -> bool {
    let message = answer.message.to_ascii_lowercase();
    answer.status == 400
        && matches!(answer.code.as_str(), "InvalidRequest" | "InvalidArgument")
        && message.contains("server side encryption")
}

async fn tags(
    client: &Client,
    bucket: &str,
    object: &ObjectRef,
) -> Result<Option<Vec<(String, String)>>, Error> {
    let whole = Whole::new(details::TAGS_BYTES_MAX, details::tags);
    let request = client
        .get_object_tagging()
        .bucket(bucket)
        .key(sent(&object.key))
        .set_version_id(object.version_id.clone())
        .customize()
        .interceptor(whole.interceptor());
    match whole.taken(request.send().await) {
        Ok(mut tags) => {
            tags.sort();
            Ok(Some(tags))
        }
        // Some stores answer an error for an object without tags.
        Err(failure) if failure.code() == "NoSuchTagSet" => Ok(Some(Vec::new())),
        Err(failure) => {
            let remedy = "leave out tags where this store is concerned";
            gone(&failure, "GetObjectTagging", remedy, object)
        }
    }
}

async fn acl(
    client: &Client,
    bucket: &str,
    object: &ObjectRef,
) -> Result<Option<Vec<Grant>>, Error> {
    let whole = Whole::new(details::ACL_BYTES_MAX, details::grants);
    let request = client
        .get_object_acl()
        .bucket(bucket)
        .key(sent(&object.key))
        .set_version_id(object.version_id.clone())
        .customize()
        .interceptor(whole.interceptor());
    whole.taken(request.send().await).map(Some).or_else(|failure| {
        let remedy = "leave out `ObjectAccessControlList` where this store is concerned";
        gone(&failure, "GetObjectAcl", remedy, object)
    })
}

/// None where the object is gone, or is a delete marker.
fn gone<T>(
    failure: &Failure,
    call: &str,
    remedy: &str,
    object: &ObjectRef,
) -> Result<Option<T>, Error> {
    let is_marker = failure.status() == 405 && object.version_id.is_some();
    if failure.code() == "NoSuchBucket" {
        return Err(Error::NoSuchBucket);
    }
    if failure.status() == 404 || is_marker || is_none_such(failure, object) {
        return Ok(None);
    }
    Err(failure.error_or(call, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_under_a_customers_key_is_told_from_other_refusals() {
        let is_about = |code: &str, message: &str| {
            let (code, message) = (code.to_owned(), message.to_owned());
            is_about_customer_key(&Answer { status: 400, code, message, ..Answer::default() })
        };
        let amazon = "The object was stored using a form of Server Side Encryption. The correct \
                      parameters must be provided to retrieve the object.";
        assert!(is_about("InvalidRequest", amazon));
        let ceph = "Requests specifying Server Side Encryption with Customer provided keys must \
                    provide a valid encryption algorithm.";
        assert!(is_about("InvalidArgument", ceph));
        assert!(!is_about("InvalidRequest", "Something else."));
        assert!(!is_about("ExpiredToken", amazon));
    }
}
