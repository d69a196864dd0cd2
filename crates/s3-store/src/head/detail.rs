//! What the answer to a HEAD request says about an object.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sdk_s3::types::{
    ArchiveStatus, ObjectLockLegalHoldStatus, ReplicationStatus, ServerSideEncryption,
};
use stocktake_capabilities::{Instant, ObjectDetail};

use crate::listing::{instant, unquoted};

/// What Tencent's store puts before user metadata; the SDK knows Amazon's word alone.
const COS_META: &str = "x-cos-meta-";

/// Where Tencent's store keeps its CRC-64, in decimal.
const COS_CRC64: &str = "x-cos-hash-crc64ecma";

/// Headers of one answer that the SDK has no field for. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers(Arc<Mutex<BTreeMap<String, String>>>);

impl Headers {
    pub(super) fn taken(&self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Headers {
    fn name(&self) -> &'static str {
        "Headers"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.response().headers().iter();
        let kept = headers.filter(|(name, _)| name.starts_with("x-cos-"));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(())
    }
}

/// Everything that a HEAD tells.
pub(super) fn detail(
    answer: &HeadObjectOutput,
    headers: &BTreeMap<String, String>,
) -> ObjectDetail {
    let replication = answer.replication_status().map(replication);
    let expires_at = answer.expiration().and_then(expiry_date);
    ObjectDetail {
        size_bytes: answer.content_length().and_then(|bytes| bytes.try_into().ok()),
        last_modified: answer.last_modified().copied().map(instant),
        etag: answer.e_tag().map(unquoted),
        content_type: answer.content_type().map(str::to_owned),
        encryption_status: Some(encryption(answer).to_owned()),
        bucket_key_enabled: Some(answer.bucket_key_enabled().unwrap_or_default()),
        // What could not be replicated is kept, whatever the rule says.
        expires_at: expires_at.filter(|_| replication.as_deref() != Some("FAILED")),
        replication_status: replication,
        object_lock_mode: answer.object_lock_mode().map(|mode| mode.as_str().to_owned()),
        object_lock_retain_until: answer.object_lock_retain_until_date().copied().map(instant),
        object_lock_legal_hold: answer
            .object_lock_legal_hold_status()
            .map(|status| *status == ObjectLockLegalHoldStatus::On),
        access_tier: answer.archive_status().map(access_tier),
        crc64: headers.get(COS_CRC64).cloned(),
        user_metadata: user_metadata(answer, headers),
        tags: None,
        acl: None,
    }
}

fn encryption(answer: &HeadObjectOutput) -> &str {
    if answer.sse_customer_algorithm().is_some() {
        return "SSE-C";
    }
    match answer.server_side_encryption() {
        None => "NOT-SSE",
        Some(ServerSideEncryption::AwsKms) => "SSE-KMS",
        Some(ServerSideEncryption::AwsKmsDsse) => "DSSE-KMS",
        // `AES256`, Amazon's file systems, and what is yet to come: the store keeps the key.
        Some(_) => "SSE-S3",
    }
}

/// Reports say `COMPLETED` where requests say `COMPLETE`.
fn replication(status: &ReplicationStatus) -> String {
    match status {
        ReplicationStatus::Complete => "COMPLETED".to_owned(),
        other => other.as_str().to_owned(),
    }
}

fn access_tier(status: &ArchiveStatus) -> String {
    match status {
        ArchiveStatus::ArchiveAccess => "ARCHIVE".to_owned(),
        ArchiveStatus::DeepArchiveAccess => "DEEP_ARCHIVE".to_owned(),
        other => other.as_str().to_owned(),
    }
}

/// The date in `expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="..."`.
fn expiry_date(expiration: &str) -> Option<Instant> {
    let (_, behind) = expiration.split_once("expiry-date=\"")?;
    let (date, _) = behind.split_once('"')?;
    DateTime::from_str(date, DateTimeFormat::HttpDate).ok().map(instant)
}

fn user_metadata(
    answer: &HeadObjectOutput,
    headers: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let amazon = answer.metadata().into_iter().flatten();
    let mut all: BTreeMap<String, String> =
        amazon.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    for (name, value) in headers {
        if let Some(name) = name.strip_prefix(COS_META) {
            all.insert(name.to_owned(), value.clone());
        }
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::ObjectLockMode;

    fn told(answer: impl std::borrow::Borrow<HeadObjectOutput>) -> ObjectDetail {
        detail(answer.borrow(), &BTreeMap::new())
    }

    #[test]
    fn encryption_has_the_words_of_reports() {
        let sse = |sse| told(HeadObjectOutput::builder().server_side_encryption(sse).build());
        let status = |detail: ObjectDetail| detail.encryption_status.unwrap();
        assert_eq!(status(sse(ServerSideEncryption::Aes256)), "SSE-S3");
        assert_eq!(status(sse(ServerSideEncryption::AwsKms)), "SSE-KMS");
        assert_eq!(status(sse(ServerSideEncryption::AwsKmsDsse)), "DSSE-KMS");
        assert_eq!(status(told(HeadObjectOutput::builder().build())), "NOT-SSE");
        let customer = HeadObjectOutput::builder().sse_customer_algorithm("AES256").build();
        assert_eq!(status(told(customer)), "SSE-C");
    }

    #[test]
    fn locks_tiers_and_replication_have_the_words_of_reports() {
        let answer = HeadObjectOutput::builder()
            .replication_status(ReplicationStatus::Complete)
            .archive_status(ArchiveStatus::DeepArchiveAccess)
            .object_lock_mode(ObjectLockMode::Governance)
            .object_lock_retain_until_date(DateTime::from_secs(7))
            .object_lock_legal_hold_status(ObjectLockLegalHoldStatus::Off)
            .bucket_key_enabled(true)
            .build();
        let detail = told(answer);
        assert_eq!(detail.replication_status.as_deref(), Some("COMPLETED"));
        assert_eq!(detail.access_tier.as_deref(), Some("DEEP_ARCHIVE"));
        assert_eq!(detail.object_lock_mode.as_deref(), Some("GOVERNANCE"));
        let until = Some(Instant { seconds: 7, nanoseconds: 0 });
        assert_eq!(detail.object_lock_retain_until, until);
        assert_eq!(
            (detail.object_lock_legal_hold, detail.bucket_key_enabled),
            (Some(false), Some(true))
        );
        let tier = HeadObjectOutput::builder().archive_status(ArchiveStatus::ArchiveAccess).build();
        assert_eq!(told(tier).access_tier.as_deref(), Some("ARCHIVE"));
        let none = told(HeadObjectOutput::builder().build());
        assert_eq!((none.object_lock_legal_hold, none.bucket_key_enabled), (None, Some(false)));
    }

    #[test]
    fn expiry_is_read_off_its_header_and_waits_for_replication() {
        let header = r#"expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="picture%20rule""#;
        let expiring = HeadObjectOutput::builder().expiration(header);
        let at = Some(Instant { seconds: 1_356_048_000, nanoseconds: 0 });
        assert_eq!(told(expiring.clone().build()).expires_at, at);
        let failed = expiring.replication_status(ReplicationStatus::Failed).build();
        assert_eq!(told(failed).expires_at, None);
        for broken in ["", "expiry-date=", "expiry-date=\"soon\"", "expiry-date=\"Fri"] {
            assert_eq!(expiry_date(broken), None, "{broken}");
        }
    }

    #[test]
    fn metadata_is_sorted_and_bears_no_vendor() {
        let answer = HeadObjectOutput::builder().metadata("b", "2").metadata("A", "1").build();
        let headers = [("x-cos-meta-c", "3"), (COS_CRC64, "42"), ("x-cos-request-id", "x")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let detail = detail(&answer, &headers);
        let expected = [("a", "1"), ("b", "2"), ("c", "3")];
        assert_eq!(detail.user_metadata, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(detail.crc64.as_deref(), Some("42"));
    }
}
