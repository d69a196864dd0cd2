//! `stocktake:host/objects`.

use std::sync::Arc;

use stocktake_capabilities::{
    DetailKinds, Entries, Grant, LIST_ENTRIES_MAX, ListOptions, ObjectDetail, ObjectRef, Page,
    Texts,
};

use super::bindings::stocktake::host::objects as wit;
use super::bindings::stocktake::host::types::Error;
use super::convert::instant;
use super::{CONTINUATION_BYTES_MAX, limit, store_call};
use crate::engine::Invocation;

impl wit::Host for Invocation {
    async fn list_page(
        &mut self,
        bucket: String,
        options: wit::ListOptions,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<wit::Page, Error>> {
        let cursor_bytes = cursor.as_ref().map_or(0, String::len);
        if let Err(refused) = limit("the cursor", cursor_bytes, CONTINUATION_BYTES_MAX) {
            return Ok(Err(refused));
        }
        let options = ListOptions {
            prefix: options.prefix,
            start_after: options.start_after,
            until: options.until,
            versions: options.versions,
            max_entries: options.max_entries,
        };
        let counters = Arc::clone(&self.capabilities.counters);
        store_call(
            self,
            "objects",
            |it| it.objects.as_ref(),
            move |objects| {
                let page = objects.list_page(&bucket, &options, cursor.as_deref())?;
                counters.listed(page.entries.len());
                Ok(self::page(page))
            },
        )
        .await
    }

    async fn head_many(
        &mut self,
        bucket: String,
        refs: Vec<wit::ObjectRef>,
        kinds: wit::DetailKinds,
    ) -> wasmtime::Result<Result<Vec<Option<wit::ObjectDetail>>, Error>> {
        if let Err(refused) = limit("the batch", refs.len(), LIST_ENTRIES_MAX as usize) {
            return Ok(Err(refused));
        }
        let kinds = DetailKinds {
            head: kinds.contains(wit::DetailKinds::HEAD),
            tags: kinds.contains(wit::DetailKinds::TAGS),
            acl: kinds.contains(wit::DetailKinds::ACL),
        };
        store_call(
            self,
            "objects",
            |it| it.objects.as_ref(),
            move |objects| {
                let refs: Vec<ObjectRef> = refs.into_iter().map(object_ref).collect();
                let details = objects.head_many(&bucket, &refs, kinds)?;
                Ok(details.into_iter().map(|one| one.map(detail)).collect())
            },
        )
        .await
    }

    async fn read_range(
        &mut self,
        bucket: String,
        object: wit::ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        store_call(
            self,
            "objects",
            |it| it.objects.as_ref(),
            move |objects| {
                objects.read_range(&bucket, &object_ref(object), offset_bytes, length_bytes)
            },
        )
        .await
    }

    async fn bucket_policy(
        &mut self,
        bucket: String,
    ) -> wasmtime::Result<Result<Option<String>, Error>> {
        store_call(
            self,
            "objects",
            |it| it.objects.as_ref(),
            move |objects| objects.bucket_policy(&bucket),
        )
        .await
    }
}

fn object_ref(object: wit::ObjectRef) -> ObjectRef {
    ObjectRef { key: object.key, version_id: object.version_id }
}

/// Moves a page over; no text of it is copied.
fn page(page: Page) -> wit::Page {
    let Entries {
        keys,
        sizes_bytes,
        last_modified_millis,
        etags,
        storage_classes,
        version_ids,
        are_latest,
        are_delete_markers,
        owner_ids,
        checksum_algorithms,
    } = page.entries;
    let entries = wit::Entries {
        keys: texts(keys),
        sizes_bytes,
        last_modified_millis,
        etags: texts(etags),
        storage_classes: texts(storage_classes),
        version_ids: texts(version_ids),
        are_latest,
        are_delete_markers,
        owner_ids: texts(owner_ids),
        checksum_algorithms: texts(checksum_algorithms),
    };
    wit::Page { entries, next: page.next, unlisted: page.unlisted }
}

fn texts(texts: Texts) -> wit::Texts {
    wit::Texts { joined: texts.joined, ends: texts.ends }
}

fn detail(detail: ObjectDetail) -> wit::ObjectDetail {
    wit::ObjectDetail {
        size_bytes: detail.size_bytes,
        last_modified: detail.last_modified.map(instant),
        etag: detail.etag,
        content_type: detail.content_type,
        encryption_status: detail.encryption_status,
        bucket_key_enabled: detail.bucket_key_enabled,
        replication_status: detail.replication_status,
        object_lock_mode: detail.object_lock_mode,
        object_lock_retain_until: detail.object_lock_retain_until.map(instant),
        object_lock_legal_hold: detail.object_lock_legal_hold,
        access_tier: detail.access_tier,
        expires_at: detail.expires_at.map(instant),
        crc64: detail.crc64,
        user_metadata: detail.user_metadata,
        tags: detail.tags,
        acl: detail.acl.map(|grants| grants.into_iter().map(grant).collect()),
    }
}

fn grant(grant: Grant) -> wit::Grant {
    wit::Grant { canonical_id: grant.canonical_id, uri: grant.uri, permission: grant.permission }
}
