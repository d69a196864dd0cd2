//! [`Uploads`]: writing.

mod options;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use stocktake_capabilities::{
    Error, Part, Precondition, PutOptions, PutOutcome, Uploads, etags, limits,
};

use crate::S3Store;
use crate::failure::Failure;
use crate::listing::unquoted;
use crate::names::{check_bucket, check_key, sent};
use crate::objects::bucket_error;
use crate::retries::OnlyRefused;
use options::{Wanted, confirm, failed, remedy, retries, stored};

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
            .body(ByteStream::from(body.to_vec()))
            .customize()
            .config_override(retries(options));
        let failure = match self.runtime.block_on(request.send()) {
            Ok(answer) => {
                confirm("PutObject", &options.encryption, answer.server_side_encryption.as_ref())?;
                return Ok(stored(answer.e_tag.as_deref()));
            }
            Err(error) => Failure::of(&error),
        };
        // Once more would be refused if the first one was done, so it is looked for instead.
        if options.precondition != Precondition::None
            && failure.is_undecided()
            && let Some(etag) = self.runtime.block_on(self.tag_of(bucket, key, body))
        {
            return Ok(stored(Some(&etag)));
        }
        failed(&failure, "PutObject", options)
    }

    fn begin(&self, bucket: &str, key: &str, options: &PutOptions) -> Result<String, Error> {
        check_bucket(bucket)?;
        check_key(key)?;
        let wanted = Wanted::of(options);
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
            // An upload whose id was lost stays for ever. Who has to try again aborts it first.
            .config_override(aws_sdk_s3::config::Builder::new().retry_classifier(OnlyRefused));
        let begun = self.runtime.block_on(request.send()).map_err(|error| {
            Failure::of(&error).error_or("CreateMultipartUpload", &remedy(options))
        })?;
        let confirmed = begun.server_side_encryption.as_ref();
        let id = begun.upload_id;
        let id = id.ok_or_else(|| Error::Other("CreateMultipartUpload: no id".to_owned()))?;
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
        let request = self
            .client
            .upload_part()
            .bucket(bucket)
            .key(sent(key))
            .upload_id(upload)
            .part_number(number.try_into().unwrap_or(i32::MAX))
            .body(ByteStream::from(body.to_vec()));
        let written = self.runtime.block_on(request.send());
        let written = written.map_err(|error| Failure::of(&error).error("UploadPart"))?;
        Ok(Part { number, etag: unquoted(written.e_tag.as_deref().unwrap_or_default()) })
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
        let request =
            self.client.abort_multipart_upload().bucket(bucket).key(sent(key)).upload_id(upload);
        match self.runtime.block_on(request.send()) {
            Ok(_) => Ok(()),
            Err(error) => match Failure::of(&error).error("AbortMultipartUpload") {
                Error::NoSuchObject => Ok(()),
                error => Err(error),
            },
        }
    }

    fn abort_all(&self, bucket: &str, key: &str) -> Result<(), Error> {
        check_bucket(bucket)?;
        // Those that are aborted are not listed again, so the first page is asked for until it names none.
        for _ in 0..UNFINISHED_PAGES_MAX {
            let request = self.client.list_multipart_uploads().bucket(bucket).prefix(key);
            let listed = self.runtime.block_on(request.send()).map_err(|error| {
                let remedy = "a lifecycle rule of the bucket can remove unfinished uploads";
                Failure::of(&error).error_or("ListMultipartUploads", remedy)
            })?;
            let uploads = listed.uploads.unwrap_or_default();
            let ours = uploads.into_iter().filter(|upload| upload.key.as_deref() == Some(key));
            let ids: Vec<String> = ours.filter_map(|upload| upload.upload_id).collect();
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
            .config_override(retries(options));
        match request.send().await {
            Ok(answer) => Ok(match stored(answer.e_tag.as_deref()) {
                // Ceph's gateway of release 16.2 leaves it out. It forms it as Amazon does.
                PutOutcome::Stored(etag) if etag.is_empty() => {
                    let etags = parts.iter().map(|part| part.etag.as_str());
                    PutOutcome::Stored(etags::of_parts(etags).unwrap_or_default())
                }
                told => told,
            }),
            Err(error) => {
                let failure = Failure::of(&error);
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
        }
    }

    /// The entity tag of an object, if these parts were joined into it: by an attempt whose answer was lost.
    async fn joined(&self, bucket: &str, key: &str, parts: &[Part]) -> Option<String> {
        let wanted = etags::of_parts(parts.iter().map(|part| part.etag.as_str()))?;
        let there = self.client.head_object().bucket(bucket).key(sent(key)).send().await.ok()?;
        (unquoted(&there.e_tag?) == wanted).then_some(wanted)
    }

    /// The entity tag of an object, if its content is this. Somebody else's object of the same content is as good.
    async fn tag_of(&self, bucket: &str, key: &str, content: &[u8]) -> Option<String> {
        let request = self.client.get_object().bucket(bucket).key(sent(key));
        let mut there = request.send().await.ok()?;
        let mut left = content;
        while let Some(piece) = there.body.next().await {
            left = left.strip_prefix(piece.ok()?.as_ref())?;
        }
        left.is_empty().then_some(there.e_tag?)
    }

    /// Whether there is such an upload, as far as the store says. Ceph's gateway of release 16.2 answers 500
    /// where others say that they know of no such upload, and the caller would try for ever.
    async fn upload_exists(&self, bucket: &str, key: &str, upload: &str) -> bool {
        let request =
            self.client.list_parts().bucket(bucket).key(sent(key)).upload_id(upload).max_parts(1);
        let Err(error) = request.send().await else { return true };
        Failure::of(&error).status() != 404
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
        let there = match self.client.head_object().bucket(bucket).key(sent(key)).send().await {
            Ok(answer) => Some(answer.e_tag.as_deref().map(unquoted).unwrap_or_default()),
            Err(error) => match Failure::of(&error) {
                failure if failure.status() == 404 => None,
                failure => return Err(failure.error("HeadObject")),
            },
        };
        Ok(match precondition {
            Precondition::None => true,
            Precondition::IfNoneMatch => there.is_none(),
            Precondition::IfMatch(etag) => there.as_ref() == Some(etag),
        })
    }
}

/// Whether a store could know this upload. An address without key or id would mean another call.
fn can_be_upload(key: &str, upload: &str) -> bool {
    !key.is_empty() && !upload.is_empty()
}
