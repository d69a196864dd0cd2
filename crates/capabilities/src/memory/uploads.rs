//! Writing.

use std::collections::BTreeMap;

use super::{Bucket, MemoryStore, Shared, Upload, Version};
use crate::{
    Encryption, Entry, Error, Instant, ObjectDetail, ObjectRef, Part, Precondition, PutOptions,
    PutOutcome, Uploads, etags, limits,
};

impl Uploads for MemoryStore {
    fn put(
        &self,
        bucket: &str,
        key: &str,
        body: &[u8],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        let mut shared = self.lock();
        let bucket = shared.bucket_mut(bucket)?;
        check_write(key, options)?;
        limits::check_body(body)?;
        let written = Written { content: body.to_vec(), etag: etags::of_content(body) };
        Ok(bucket.write(key, written, options, self.now))
    }

    fn begin(&self, bucket: &str, key: &str, options: &PutOptions) -> Result<String, Error> {
        let mut shared = self.lock();
        shared.bucket(bucket)?;
        check_write(key, options)?;
        shared.uploads_begun += 1;
        let id = format!("upload-{}", shared.uploads_begun);
        let upload =
            Upload { bucket: bucket.to_owned(), key: key.to_owned(), parts: BTreeMap::new() };
        shared.uploads.insert(id.clone(), upload);
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
        let mut shared = self.lock();
        shared.bucket(bucket)?;
        limits::check_part_number(number)?;
        limits::check_body(body)?;
        shared.upload_mut(bucket, key, upload)?.parts.insert(number, body.to_vec());
        Ok(Part { number, etag: etags::of_content(body) })
    }

    fn complete(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        parts: &[Part],
        options: &PutOptions,
    ) -> Result<PutOutcome, Error> {
        let mut shared = self.lock();
        shared.bucket(bucket)?;
        check_write(key, options)?;
        let stored = &shared.upload_mut(bucket, key, upload)?.parts;
        limits::check_parts(parts)?;
        let written = join(stored, parts)?;
        let outcome = shared.bucket_mut(bucket)?.write(key, written, options, self.now);
        if matches!(outcome, PutOutcome::Stored(_)) {
            shared.uploads.remove(upload);
        }
        Ok(outcome)
    }

    fn abort(&self, bucket: &str, key: &str, upload: &str) -> Result<(), Error> {
        let mut shared = self.lock();
        shared.bucket(bucket)?;
        if shared.upload_mut(bucket, key, upload).is_ok() {
            shared.uploads.remove(upload);
        }
        Ok(())
    }

    fn abort_all(&self, bucket: &str, key: &str) -> Result<(), Error> {
        let mut shared = self.lock();
        shared.bucket(bucket)?;
        shared.uploads.retain(|_, upload| upload.bucket != bucket || upload.key != key);
        Ok(())
    }
}

struct Written {
    content: Vec<u8>,
    etag: String,
}

impl Shared {
    fn upload_mut(&mut self, bucket: &str, key: &str, id: &str) -> Result<&mut Upload, Error> {
        let upload = self.uploads.get_mut(id);
        upload.filter(|it| it.bucket == bucket && it.key == key).ok_or(Error::NoSuchObject)
    }
}

impl Bucket {
    fn write(
        &mut self,
        key: &str,
        written: Written,
        options: &PutOptions,
        now: Instant,
    ) -> PutOutcome {
        let latest = self.find(&ObjectRef { key: key.to_owned(), version_id: None });
        let holds = match &options.precondition {
            Precondition::None => true,
            Precondition::IfNoneMatch => latest.is_none(),
            Precondition::IfMatch(etag) => {
                latest.is_some_and(|latest| latest.entry.etag.as_ref() == Some(etag))
            }
        };
        if !holds {
            return PutOutcome::PreconditionFailed;
        }
        let entry = Entry {
            key: key.to_owned(),
            size_bytes: written.content.len() as u64,
            last_modified: Some(now),
            etag: Some(written.etag.clone()),
            is_latest: true,
            ..Entry::default()
        };
        let detail =
            ObjectDetail { content_type: options.content_type.clone(), ..ObjectDetail::default() };
        let versions = self.objects.entry(key.to_owned()).or_default();
        versions.retain(|version| version.entry.version_id.is_some());
        for version in versions.iter_mut() {
            version.entry.is_latest = false;
        }
        versions.insert(0, Version { entry, content: written.content, detail });
        PutOutcome::Stored(written.etag)
    }
}

fn check_write(key: &str, options: &PutOptions) -> Result<(), Error> {
    if key.is_empty() {
        return Err(Error::InvalidArgument("an empty key; name the object".to_owned()));
    }
    match &options.encryption {
        Encryption::BucketDefault => Ok(()),
        Encryption::SseS3 | Encryption::SseKms(_) | Encryption::SseCos => {
            Err(Error::Unsupported("encryption at rest".to_owned()))
        }
    }
}

fn join(stored: &BTreeMap<u32, Vec<u8>>, parts: &[Part]) -> Result<Written, Error> {
    let mut content = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let number = part.number;
        let body = stored.get(&number).filter(|body| etags::of_content(body) == part.etag);
        let body = body.ok_or_else(|| {
            Error::InvalidArgument(format!("part {number} was not written with that entity tag"))
        })?;
        if index + 1 < parts.len() {
            limits::check_joined_part(number, body.len() as u64)?;
        }
        content.extend_from_slice(body);
    }
    let etag = etags::of_parts(parts.iter().map(|part| part.etag.as_str()));
    let etag = etag.ok_or_else(|| Error::Other("an entity tag is no MD5".to_owned()))?;
    Ok(Written { content, etag })
}
