//! `stocktake:host/uploads`.

use std::sync::Arc;

use stocktake_capabilities::{
    Encryption, PUT_BYTES_MAX, Part, Precondition, PutOptions, PutOutcome,
};

use super::bindings::stocktake::host::types::Error;
use super::bindings::stocktake::host::uploads as wit;
use super::{PARTS_MAX, UPLOAD_ID_BYTES_MAX, limit, store_call};
use crate::engine::Invocation;

impl wit::Host for Invocation {
    async fn put(
        &mut self,
        bucket: String,
        key: String,
        body: Vec<u8>,
        options: wit::PutOptions,
    ) -> wasmtime::Result<Result<wit::PutOutcome, Error>> {
        if let Err(refused) = limit("the body", body.len(), PUT_BYTES_MAX) {
            return Ok(Err(refused));
        }
        let counters = Arc::clone(&self.capabilities.counters);
        store_call(
            self,
            "uploads",
            |it| it.uploads.as_ref(),
            move |uploads| {
                let outcome = uploads.put(&bucket, &key, &body, &self::options(options))?;
                if matches!(outcome, PutOutcome::Stored(_)) {
                    counters.uploaded(body.len());
                    counters.wrote();
                }
                Ok(self::outcome(outcome))
            },
        )
        .await
    }

    async fn begin(
        &mut self,
        bucket: String,
        key: String,
        options: wit::PutOptions,
    ) -> wasmtime::Result<Result<String, Error>> {
        store_call(
            self,
            "uploads",
            |it| it.uploads.as_ref(),
            move |uploads| uploads.begin(&bucket, &key, &self::options(options)),
        )
        .await
    }

    async fn write_part(
        &mut self,
        bucket: String,
        key: String,
        upload: String,
        number: u32,
        body: Vec<u8>,
    ) -> wasmtime::Result<Result<wit::Part, Error>> {
        let sizes = limit("the part", body.len(), PUT_BYTES_MAX)
            .and_then(|()| limit("the upload id", upload.len(), UPLOAD_ID_BYTES_MAX));
        if let Err(refused) = sizes {
            return Ok(Err(refused));
        }
        let counters = Arc::clone(&self.capabilities.counters);
        store_call(
            self,
            "uploads",
            |it| it.uploads.as_ref(),
            move |uploads| {
                let part = uploads.write_part(&bucket, &key, &upload, number, &body)?;
                counters.uploaded(body.len());
                Ok(wit::Part { number: part.number, etag: part.etag })
            },
        )
        .await
    }

    async fn complete(
        &mut self,
        bucket: String,
        key: String,
        upload: String,
        parts: Vec<wit::Part>,
        options: wit::PutOptions,
    ) -> wasmtime::Result<Result<wit::PutOutcome, Error>> {
        let sizes = limit("the list of parts", parts.len(), PARTS_MAX)
            .and_then(|()| limit("the upload id", upload.len(), UPLOAD_ID_BYTES_MAX));
        if let Err(refused) = sizes {
            return Ok(Err(refused));
        }
        let counters = Arc::clone(&self.capabilities.counters);
        store_call(
            self,
            "uploads",
            |it| it.uploads.as_ref(),
            move |uploads| {
                let parts: Vec<Part> = parts
                    .into_iter()
                    .map(|part| Part { number: part.number, etag: part.etag })
                    .collect();
                let outcome =
                    uploads.complete(&bucket, &key, &upload, &parts, &self::options(options))?;
                if matches!(outcome, PutOutcome::Stored(_)) {
                    counters.wrote();
                }
                Ok(self::outcome(outcome))
            },
        )
        .await
    }

    async fn abort(
        &mut self,
        bucket: String,
        key: String,
        upload: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        if let Err(refused) = limit("the upload id", upload.len(), UPLOAD_ID_BYTES_MAX) {
            return Ok(Err(refused));
        }
        store_call(
            self,
            "uploads",
            |it| it.uploads.as_ref(),
            move |uploads| uploads.abort(&bucket, &key, &upload),
        )
        .await
    }

    async fn abort_all(
        &mut self,
        bucket: String,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        store_call(
            self,
            "uploads",
            |it| it.uploads.as_ref(),
            move |uploads| uploads.abort_all(&bucket, &key),
        )
        .await
    }
}

fn options(options: wit::PutOptions) -> PutOptions {
    PutOptions {
        content_type: options.content_type,
        bucket_owner_full_control: options.bucket_owner_full_control,
        encryption: match options.encryption {
            wit::Encryption::BucketDefault => Encryption::BucketDefault,
            wit::Encryption::SseS3 => Encryption::SseS3,
            wit::Encryption::SseKms(key) => Encryption::SseKms(key),
            wit::Encryption::SseCos => Encryption::SseCos,
        },
        precondition: match options.precondition {
            wit::Precondition::None => Precondition::None,
            wit::Precondition::IfNoneMatch => Precondition::IfNoneMatch,
            wit::Precondition::IfMatch(etag) => Precondition::IfMatch(etag),
        },
    }
}

fn outcome(outcome: PutOutcome) -> wit::PutOutcome {
    match outcome {
        PutOutcome::Stored(etag) => wit::PutOutcome::Stored(etag),
        PutOutcome::PreconditionFailed => wit::PutOutcome::PreconditionFailed,
    }
}
