//! Writing objects.

use stocktake_capabilities as plain;

use crate::Host;
use crate::bindings::stocktake::host::uploads as wit;

impl plain::Uploads for Host {
    fn put(
        &self,
        bucket: &str,
        key: &str,
        body: &[u8],
        options: &plain::PutOptions,
    ) -> Result<plain::PutOutcome, plain::Error> {
        Ok(wit::put(bucket, key, body, &options.into())?.into())
    }

    fn begin(
        &self,
        bucket: &str,
        key: &str,
        options: &plain::PutOptions,
    ) -> Result<String, plain::Error> {
        Ok(wit::begin(bucket, key, &options.into())?)
    }

    fn write_part(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        number: u32,
        body: &[u8],
    ) -> Result<plain::Part, plain::Error> {
        let part = wit::write_part(bucket, key, upload, number, body)?;
        Ok(plain::Part { number: part.number, etag: part.etag })
    }

    fn complete(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[plain::Part],
        options: &plain::PutOptions,
    ) -> Result<plain::PutOutcome, plain::Error> {
        let parts: Vec<_> = parts
            .iter()
            .map(|part| wit::Part { number: part.number, etag: part.etag.clone() })
            .collect();
        Ok(wit::complete(bucket, key, upload, &parts, &options.into())?.into())
    }

    fn abort(&self, bucket: &str, key: &str, upload: &str) -> Result<(), plain::Error> {
        Ok(wit::abort(bucket, key, upload)?)
    }

    fn abort_all(&self, bucket: &str, key: &str) -> Result<(), plain::Error> {
        Ok(wit::abort_all(bucket, key)?)
    }
}

impl From<&plain::PutOptions> for wit::PutOptions {
    fn from(options: &plain::PutOptions) -> Self {
        Self {
            content_type: options.content_type.clone(),
            bucket_owner_full_control: options.bucket_owner_full_control,
            encryption: match &options.encryption {
                plain::Encryption::BucketDefault => wit::Encryption::BucketDefault,
                plain::Encryption::SseS3 => wit::Encryption::SseS3,
                plain::Encryption::SseKms(key) => wit::Encryption::SseKms(key.clone()),
                plain::Encryption::SseCos => wit::Encryption::SseCos,
            },
            precondition: match &options.precondition {
                plain::Precondition::None => wit::Precondition::None,
                plain::Precondition::IfNoneMatch => wit::Precondition::IfNoneMatch,
                plain::Precondition::IfMatch(etag) => wit::Precondition::IfMatch(etag.clone()),
            },
        }
    }
}

impl From<wit::PutOutcome> for plain::PutOutcome {
    fn from(outcome: wit::PutOutcome) -> Self {
        match outcome {
            wit::PutOutcome::Stored(etag) => Self::Stored(etag),
            wit::PutOutcome::PreconditionFailed => Self::PreconditionFailed,
        }
    }
}
