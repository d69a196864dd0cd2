//! [`Uploads`]: writing.

mod compare;
mod options;

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use stocktake_capabilities::{
    Error, Part, Precondition, PutOptions, PutOutcome, Uploads, etags, limits,
};

use crate::S3Store;
use crate::answers::service::{NOTHING_BYTES_MAX, nothing};
use crate::answers::uploads::{self as answer, UPLOAD_BYTES_MAX, UPLOADS_BYTES_MAX};
use crate::answers::{head, object};
use crate::failure::Failure;
use crate::names::{check_bucket, check_key, sent};
use crate::objects::bucket_error;
use crate::retries::OnlyRefused;
use crate::whole::Whole;
use compare::Sent;
use options::{Wanted, confirm, failed, remedy, retries};

/// How many pages of unfinished uploads of one key are aborted at once: each has a thousand, and one is usual.
const UNFINISHED_PAGES_MAX: u32 = 10;

impl Uploads for S3Store {
    fn put(
        &self,
        bucket: &str,
        key: &str,
        body: &[u8],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        check_bucket(bucket)?;
        check_key(key)?;
        limits::check_body(body)?;
        let wanted = Wanted::of(options);
        let sent_body = Sent::of(body, self.endpoint.etags());
        let whole = Whole::new(NOTHING_BYTES_MAX, answer::written);
        let request = self
            .client
            .put_object()
            .bucket(bucket)
            .key(sent(key))
            .set_content_type(options.content_type.clone())
            .set_acl(wanted.acl)
            .set_server_side_encryption(wanted.encryption)
            .set_ssekms_key_id(wanted.kms_key)
            .set_if_none_match(wanted.if_none_match)
            .set_if_match(wanted.if_match)
            .content_md5(sent_body.content_md5())
            .body(ByteStream::from(body.to_vec()))
            .customize()
            .interceptor(whole.interceptor())
            .config_override(retries(options));
        let failure = match whole.taken(self.runtime.block_on(request.send())) {
            Ok(written) => {
                confirm("PutObject", &options.encryption, written.encryption.as_deref())?;
                let what = format!("PutObject of `{}`", key.escape_debug());
                return sent_body.confirmed(&what, written).map(PutOutcome::Stored);
            }
            Err(failure) => failure,
        };
        // Once more would be refused if the first one was done, so it is looked for instead.
        if options.precondition != Precondition::None
            && failure.is_undecided()
            && let Some(etag) = self.runtime.block_on(self.tag_of(bucket, key, body))
        {
            return Ok(PutOutcome::Stored(etag));
        }
        failed(&failure, "PutObject", options)
    }

    fn begin(&self, bucket: &str, key: &str, options: &PutOptions) -> Result<String, Error> {
        check_bucket(bucket)?;
        check_key(key)?;
        let wanted = Wanted::of(options);
        let whole = Whole::new(UPLOAD_BYTES_MAX, answer::begun);
        let request = self
            .client
            .create_multipart_upload()
            .bucket(bucket)
            .key(sent(key))
            .set_content_type(options.content_type.clone())
            .set_acl(wanted.acl)
            .set_server_side_encryption(wanted.encryption)
            .set_ssekms_key_id(wanted.kms_key)
            .customize()
            .interceptor(whole.interceptor())
            // An upload whose id was lost stays for ever. Who has to try again aborts it first.
            .config_override(aws_sdk_s3::config::Builder::new().retry_classifier(OnlyRefused));
        let begun = whole.taken(self.runtime.block_on(request.send()));
        let (id, written) =
            begun.map_err(|failure| failure.error_or("CreateMultipartUpload", &remedy(options)))?;
        let confirmed = written.encryption.as_deref();
        if let Err(refused) = confirm("CreateMultipartUpload", &options.encryption, confirmed) {
            drop(self.abort(bucket, key, &id));
            return Err(refused);
        }
        Ok(id)
    }

    fn write_part(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        number: u32,
        body: &[u8],
    ) -> Result<Part, Error> {
        check_bucket(bucket)?;
        limits::check_part_number(number)?;
        limits::check_body(body)?;
        if !can_be_upload(key, upload) {
            return Err(Error::NoSuchObject);
        }
        let sent_body = Sent::of(body, self.endpoint.etags());
        let whole = Whole::new(NOTHING_BYTES_MAX, answer::written);
        let request = self
            .client
            .upload_part()
            .bucket(bucket)
            .key(sent(key))
            .upload_id(upload)
            .part_number(number.try_into().unwrap_or(i32::MAX))
            .content_md5(sent_body.content_md5())
            .body(ByteStream::from(body.to_vec()))
            .customize()
            .interceptor(whole.interceptor());
        let written = whole.taken(self.runtime.block_on(request.send()));
        let written = written.map_err(|failure| failure.error("UploadPart"))?;
        let what = format!("UploadPart {number} of `{}`", key.escape_debug());
        Ok(Part { number, etag: sent_body.confirmed(&what, written)? })
    }

    fn complete(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[Part],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        check_bucket(bucket)?;
        limits::check_parts(parts)?;
        if !can_be_upload(key, upload) {
            return Err(Error::NoSuchObject);
        }
        self.runtime.block_on(async {
            if !self.precondition_holds(bucket, key, &options.precondition).await? {
                return Ok(PutOutcome::PreconditionFailed);
            }
            self.join(bucket, key, upload, parts, options).await
        })
    }

    fn abort(&self, bucket: &str, key: &str, upload: &str) -> Result<(), Error> {
        check_bucket(bucket)?;
        if !can_be_upload(key, upload) {
            let asked = self.runtime.block_on(self.ask_bucket(bucket));
            return asked.map_err(|failure| bucket_error(&failure));
        }
        let whole = Whole::new(NOTHING_BYTES_MAX, nothing);
        let request = self
            .client
            .abort_multipart_upload()
            .bucket(bucket)
            .key(sent(key))
            .upload_id(upload)
            .customize()
            .interceptor(whole.interceptor());
        match whole.taken(self.runtime.block_on(request.send())) {
            Ok(()) => Ok(()),
            Err(failure) => match failure.error("AbortMultipartUpload") {
                Error::NoSuchObject => Ok(()),
                error => Err(error),
            },
        }
    }

    fn abort_all(&self, bucket: &str, key: &str) -> Result<(), Error> {
        check_bucket(bucket)?;
        // Those that are aborted are not listed again, so the first page is asked for until it names none.
        for _ in 0..UNFINISHED_PAGES_MAX {
            let whole = Whole::new(UPLOADS_BYTES_MAX, answer::unfinished);
            let request = self.client.list_multipart_uploads().bucket(bucket).prefix(key);
            let request = request.customize().interceptor(whole.interceptor());
            let listed = whole.taken(self.runtime.block_on(request.send()));
            let uploads = listed.map_err(|failure| {
                let remedy = "a lifecycle rule of the bucket can remove unfinished uploads";
                failure.error_or("ListMultipartUploads", remedy)
            })?;
            let ours = uploads.into_iter().filter(|(found, _)| found == key);
            let ids: Vec<String> = ours.map(|(_, id)| id).collect();
            if ids.is_empty() {
                return Ok(());
            }
            ids.iter().try_for_each(|id| self.abort(bucket, key, id))?;
        }
        Err(Error::Unavailable(format!("uploads of `{key}` come faster than they are aborted")))
    }
}

impl S3Store {
    async fn join(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[Part],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        let wanted = Wanted::of(options);
        let part = |part: &Part| {
            let number = part.number.try_into().unwrap_or(i32::MAX);
            CompletedPart::builder().part_number(number).e_tag(&part.etag).build()
        };
        let named = parts.iter().map(part).collect();
        let joined = CompletedMultipartUpload::builder().set_parts(Some(named)).build();
        let whole = Whole::new(UPLOAD_BYTES_MAX, answer::completed);
        let request = self
            .client
            .complete_multipart_upload()
            .bucket(bucket)
            .key(sent(key))
            .upload_id(upload)
            .set_if_none_match(wanted.if_none_match)
            .set_if_match(wanted.if_match)
            .multipart_upload(joined)
            .customize()
            .interceptor(whole.interceptor())
            .config_override(retries(options));
        let failure = match whole.taken(request.send().await) {
            Ok(mut written) => {
                // Ceph's gateway of release 16.2 leaves it out, and says it when it is asked.
                if written.etag.is_none() {
                    let there = self.head(bucket, key).await;
                    written.etag = there.map_err(|failure| failure.error("HeadObject"))?;
                }
                let what = format!("CompleteMultipartUpload of `{}`", key.escape_debug());
                return compare::joined(&what, parts, written, self.endpoint.etags())
                    .map(PutOutcome::Stored);
            }
            Err(failure) => failure,
        };
        let is_gone = failure.status() == 404
            || (failure.status() >= 500 && !self.upload_exists(bucket, key, upload).await);
        if (is_gone || failure.is_undecided())
            && let Some(etag) = self.joined(bucket, key, parts).await
        {
            return Ok(PutOutcome::Stored(etag));
        }
        if is_gone && failure.status() >= 500 {
            return Err(Error::NoSuchObject);
        }
        failed(&failure, "CompleteMultipartUpload", options)
    }

    /// The entity tag of an object, if these parts were joined into it: by an attempt whose answer was lost.
    async fn joined(&self, bucket: &str, key: &str, parts: &[Part]) -> Option<String> {
        let wanted = etags::of_parts(parts.iter().map(|part| part.etag.as_str()))?;
        let there = self.head(bucket, key).await.ok()??;
        (there == wanted).then_some(wanted)
    }

    /// The entity tag of an object, where the store has one.
    async fn head(&self, bucket: &str, key: &str) -> Result<Option<String>, Failure> {
        let whole = Whole::head(head::detail);
        let request = self.client.head_object().bucket(bucket).key(sent(key));
        let request = request.customize().interceptor(whole.interceptor());
        whole.taken(request.send().await).map(|detail| detail.etag)
    }

    /// The entity tag of an object, if its content is this. Somebody else's object of the same content is as good.
    async fn tag_of(&self, bucket: &str, key: &str, content: &[u8]) -> Option<String> {
        let wanted: Arc<[u8]> = content.into();
        let whole = Whole::new(content.len(), move |answer| object::is_content(answer, &wanted));
        let request = self.client.get_object().bucket(bucket).key(sent(key));
        let request = request.customize().interceptor(whole.interceptor());
        whole.taken(request.send().await).ok()?
    }

    /// Whether there is such an upload, as far as the store says. Ceph's gateway of release 16.2 answers 500
    /// where others say that they know of no such upload, and the caller would try for ever.
    async fn upload_exists(&self, bucket: &str, key: &str, upload: &str) -> bool {
        let whole = Whole::new(UPLOAD_BYTES_MAX, answer::parts);
        let request =
            self.client.list_parts().bucket(bucket).key(sent(key)).upload_id(upload).max_parts(1);
        let request = request.customize().interceptor(whole.interceptor());
        let Err(failure) = whole.taken(request.send().await) else { return true };
        failure.status() != 404
    }

    /// Judges a precondition by a HEAD.
    ///
    /// Stores that honour it in `CompleteMultipartUpload` judge again there, without a gap. Ceph of
    /// release 16.2 ignores it there, and this is all that it can do.
    async fn precondition_holds(
        &self,
        bucket: &str,
        key: &str,
        precondition: &Precondition,
    ) -> Result<bool, Error> {
        if *precondition == Precondition::None {
            return Ok(true);
        }
        let there = match self.head(bucket, key).await {
            Ok(etag) => Some(etag),
            Err(failure) if failure.status() == 404 => None,
            Err(failure) => return Err(failure.error("HeadObject")),
        };
        match (precondition, there) {
            (Precondition::None, _) | (Precondition::IfNoneMatch, None) => Ok(true),
            (Precondition::IfNoneMatch, Some(_)) | (Precondition::IfMatch(_), None) => Ok(false),
            (Precondition::IfMatch(wanted), Some(Some(etag))) => Ok(etag == *wanted),
            (Precondition::IfMatch(_), Some(None)) => Err(Error::Other(format!(
                "HeadObject of `{}`: the store tells no entity tag that could be compared",
                key.escape_debug()
            ))),
        }
    }
}

/// Whether a store could know this upload. An address without key or id would mean another call.
fn can_be_upload(key: &str, upload: &str) -> bool {
    !key.is_empty() && !upload.is_empty()
}
