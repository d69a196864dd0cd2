//! What the answer to a HEAD request says about an object.

use std::collections::BTreeMap;

use stocktake_capabilities::{Instant, ObjectDetail};

use super::{Flaw, Response, http_date, invalid, non_empty, timestamp, truth, unquoted};

/// What stores put before user metadata: Amazon and all that follow it, and Tencent.
const META: [&str; 2] = ["x-amz-meta-", "x-cos-meta-"];

/// Where Tencent's store keeps its CRC-64, in decimal.
const COS_CRC64: &str = "x-cos-hash-crc64ecma";

/// Everything that a HEAD tells. The size is always there.
pub(crate) fn detail(response: &Response<'_>) -> Result<ObjectDetail, Flaw> {
    let size = response.declared()?;
    let size = size.ok_or_else(|| Flaw::Wrong("no `content-length`".to_owned()))?;
    let owned = |name| Ok(non_empty(response.header(name)?).map(str::to_owned));
    let replication = non_empty(response.header("x-amz-replication-status")?).map(replication);
    let expires_at = response.header("x-amz-expiration")?.map(expiry_date).transpose()?;
    Ok(ObjectDetail {
        size_bytes: Some(size),
        last_modified: time(response, "last-modified", http_date)?,
        etag: non_empty(response.header("etag")?.map(unquoted)).map(str::to_owned),
        content_type: owned("content-type")?,
        encryption_status: Some(encryption(response)?.to_owned()),
        bucket_key_enabled: Some(has_bucket_key(response)?),
        // What could not be replicated is kept, whatever the rule says.
        expires_at: expires_at.filter(|_| replication.as_deref() != Some("FAILED")),
        replication_status: replication,
        object_lock_mode: owned("x-amz-object-lock-mode")?,
        object_lock_retain_until: time(response, "x-amz-object-lock-retain-until-date", timestamp)?,
        object_lock_legal_hold: legal_hold(response)?,
        access_tier: non_empty(response.header("x-amz-archive-status")?).map(access_tier),
        crc64: owned(COS_CRC64)?,
        user_metadata: user_metadata(response)?,
        tags: None,
        acl: None,
    })
}

fn time(
    response: &Response<'_>,
    name: &str,
    parse: fn(&str, &str) -> Result<Instant, Flaw>,
) -> Result<Option<Instant>, Flaw> {
    response.header(name)?.map(|value| parse(name, value)).transpose()
}

fn encryption(response: &Response<'_>) -> Result<&'static str, Flaw> {
    if response.header("x-amz-server-side-encryption-customer-algorithm")?.is_some() {
        return Ok("SSE-C");
    }
    Ok(match response.header("x-amz-server-side-encryption")? {
        None => "NOT-SSE",
        Some("aws:kms") => "SSE-KMS",
        Some("aws:kms:dsse") => "DSSE-KMS",
        // `AES256`, Amazon's file systems, and what is yet to come: the store keeps the key.
        Some(_) => "SSE-S3",
    })
}

/// S3 has the header only where there is a bucket key.
fn has_bucket_key(response: &Response<'_>) -> Result<bool, Flaw> {
    let name = "x-amz-server-side-encryption-bucket-key-enabled";
    let enabled = response.header(name)?.map(|value| truth(name, value)).transpose()?;
    Ok(enabled == Some(true))
}

fn legal_hold(response: &Response<'_>) -> Result<Option<bool>, Flaw> {
    let name = "x-amz-object-lock-legal-hold";
    match response.header(name)? {
        None => Ok(None),
        Some("ON") => Ok(Some(true)),
        Some("OFF") => Ok(Some(false)),
        Some(other) => Err(invalid(name, other, "ON or OFF")),
    }
}

/// Reports say `COMPLETED` where requests say `COMPLETE`.
fn replication(status: &str) -> String {
    let word = if status == "COMPLETE" { "COMPLETED" } else { status };
    word.to_owned()
}

fn access_tier(status: &str) -> String {
    let word = match status {
        "ARCHIVE_ACCESS" => "ARCHIVE",
        "DEEP_ARCHIVE_ACCESS" => "DEEP_ARCHIVE",
        other => other,
    };
    word.to_owned()
}

/// The date in `expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="..."`.
fn expiry_date(expiration: &str) -> Result<Instant, Flaw> {
    let name = "x-amz-expiration";
    let behind = expiration.split_once("expiry-date=\"").map(|(_, behind)| behind);
    let date = behind.and_then(|behind| behind.split_once('"')).map(|(date, _)| date);
    let date = date.ok_or_else(|| invalid(name, expiration, "an `expiry-date`"))?;
    http_date(name, date)
}

/// By name, without the vendor's prefix.
fn user_metadata(response: &Response<'_>) -> Result<Vec<(String, String)>, Flaw> {
    let mut all = BTreeMap::new();
    for prefix in META {
        for (name, value) in &response.headers {
            if let Some(short) = name.strip_prefix(prefix) {
                let value = super::header_text(name, value)?;
                all.insert(short.to_owned(), value.to_owned());
            }
        }
    }
    Ok(all.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<ObjectDetail, Flaw> {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        detail(&Response { status: 200, headers, bytes: b"", limit: 0, is_head: true })
    }

    fn told(headers: &[(&str, &str)]) -> ObjectDetail {
        read(&[&[("content-length", "5")], headers].concat()).unwrap()
    }

    #[test]
    fn encryption_has_the_words_of_reports() {
        let status = |headers: &[(&str, &str)]| told(headers).encryption_status.unwrap();
        let sse = |word| status(&[("x-amz-server-side-encryption", word)]);
        assert_eq!(sse("AES256"), "SSE-S3");
        assert_eq!(sse("aws:kms"), "SSE-KMS");
        assert_eq!(sse("aws:kms:dsse"), "DSSE-KMS");
        assert_eq!(status(&[]), "NOT-SSE");
        let customer = ("x-amz-server-side-encryption-customer-algorithm", "AES256");
        assert_eq!(status(&[customer]), "SSE-C");
    }

    #[test]
    fn locks_tiers_and_replication_have_the_words_of_reports() {
        let detail = told(&[
            ("x-amz-replication-status", "COMPLETE"),
            ("x-amz-archive-status", "DEEP_ARCHIVE_ACCESS"),
            ("x-amz-object-lock-mode", "GOVERNANCE"),
            ("x-amz-object-lock-retain-until-date", "1970-01-01T00:00:07Z"),
            ("x-amz-object-lock-legal-hold", "OFF"),
            ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        ]);
        assert_eq!(detail.replication_status.as_deref(), Some("COMPLETED"));
        assert_eq!(detail.access_tier.as_deref(), Some("DEEP_ARCHIVE"));
        assert_eq!(detail.object_lock_mode.as_deref(), Some("GOVERNANCE"));
        let until = Some(Instant { seconds: 7, nanoseconds: 0 });
        assert_eq!(detail.object_lock_retain_until, until);
        assert_eq!(
            (detail.object_lock_legal_hold, detail.bucket_key_enabled),
            (Some(false), Some(true))
        );
        let tier = told(&[("x-amz-archive-status", "ARCHIVE_ACCESS")]);
        assert_eq!(tier.access_tier.as_deref(), Some("ARCHIVE"));
        let none = told(&[]);
        assert_eq!((none.object_lock_legal_hold, none.bucket_key_enabled), (None, Some(false)));
    }

    #[test]
    fn expiry_is_read_off_its_header_and_waits_for_replication() {
        let header = r#"expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="picture%20rule""#;
        let expiring = ("x-amz-expiration", header);
        let at = Some(Instant { seconds: 1_356_048_000, nanoseconds: 0 });
        assert_eq!(told(&[expiring]).expires_at, at);
        assert_eq!(told(&[expiring, ("x-amz-replication-status", "FAILED")]).expires_at, None);
        for broken in ["", "expiry-date=", "expiry-date=\"soon\"", "expiry-date=\"Fri"] {
            assert!(read(&[("content-length", "5"), ("x-amz-expiration", broken)]).is_err());
        }
    }

    #[test]
    fn metadata_is_sorted_and_bears_no_vendor() {
        let detail = told(&[
            ("x-amz-meta-b", "2"),
            ("x-amz-meta-a", "1"),
            ("x-cos-meta-c", "3"),
            (COS_CRC64, "42"),
            ("x-cos-request-id", "x"),
        ]);
        let expected = [("a", "1"), ("b", "2"), ("c", "3")];
        assert_eq!(detail.user_metadata, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(detail.crc64.as_deref(), Some("42"));
    }

    #[test]
    fn what_a_header_cannot_say_is_an_error() {
        assert!(read(&[]).is_err(), "no size");
        assert!(read(&[("content-length", "-5")]).is_err());
        for (name, value) in [
            ("last-modified", "yesterday"),
            ("x-amz-object-lock-legal-hold", "MAYBE"),
            ("x-amz-object-lock-retain-until-date", "soon"),
            ("x-amz-server-side-encryption-bucket-key-enabled", "1"),
        ] {
            let error = read(&[("content-length", "5"), (name, value)]).unwrap_err();
            let Flaw::Wrong(text) = error else { panic!("{error:?}") };
            assert!(text.contains(name) && text.contains(value), "{text}");
        }
    }
}
