//! Reading buckets.

use stocktake_capabilities as plain;

use crate::Host;
use crate::bindings::stocktake::host::objects as wit;

impl plain::Objects for Host {
    fn list_page(
        &self,
        bucket: &str,
        options: &plain::ListOptions,
        cursor: Option<&str>,
    ) -> Result<plain::Page, plain::Error> {
        let options = wit::ListOptions {
            prefix: options.prefix.clone(),
            start_after: options.start_after.clone(),
            until: options.until.clone(),
            versions: options.versions,
            max_entries: options.max_entries,
        };
        let page = wit::list_page(bucket, &options, cursor)?;
        let entries = plain::Entries::from(page.entries);
        if !entries.is_well_formed() {
            return Err(plain::Error::Other(
                "the host answered a page that is ill-formed".to_owned(),
            ));
        }
        Ok(plain::Page { entries, next: page.next, unlisted: page.unlisted })
    }

    fn head_many(
        &self,
        bucket: &str,
        refs: &[plain::ObjectRef],
        kinds: plain::DetailKinds,
    ) -> Result<Vec<Option<plain::ObjectDetail>>, plain::Error> {
        let refs: Vec<_> = refs.iter().map(Into::into).collect();
        let wanted = [
            (kinds.head, wit::DetailKinds::HEAD),
            (kinds.tags, wit::DetailKinds::TAGS),
            (kinds.acl, wit::DetailKinds::ACL),
        ];
        let flags = wanted
            .into_iter()
            .filter_map(|(is_wanted, flag)| is_wanted.then_some(flag))
            .fold(wit::DetailKinds::empty(), |flags, flag| flags | flag);
        let details = wit::head_many(bucket, &refs, flags)?;
        Ok(details.into_iter().map(|detail| detail.map(Into::into)).collect())
    }

    fn read_range(
        &self,
        bucket: &str,
        object: &plain::ObjectRef,
        offset_bytes: u64,
        length_bytes: u32,
    ) -> Result<Vec<u8>, plain::Error> {
        Ok(wit::read_range(bucket, &object.into(), offset_bytes, length_bytes)?)
    }

    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, plain::Error> {
        Ok(wit::bucket_policy(bucket)?)
    }
}

impl From<&plain::ObjectRef> for wit::ObjectRef {
    fn from(object: &plain::ObjectRef) -> Self {
        Self { key: object.key.clone(), version_id: object.version_id.clone() }
    }
}

impl From<wit::Entries> for plain::Entries {
    fn from(entries: wit::Entries) -> Self {
        Self {
            keys: entries.keys.into(),
            sizes_bytes: entries.sizes_bytes,
            last_modified_millis: entries.last_modified_millis,
            etags: entries.etags.into(),
            storage_classes: entries.storage_classes.into(),
            version_ids: entries.version_ids.into(),
            are_latest: entries.are_latest,
            are_delete_markers: entries.are_delete_markers,
            owner_ids: entries.owner_ids.into(),
            checksum_algorithms: entries.checksum_algorithms.into(),
        }
    }
}

impl From<wit::Texts> for plain::Texts {
    fn from(texts: wit::Texts) -> Self {
        Self { joined: texts.joined, ends: texts.ends }
    }
}

impl From<wit::ObjectDetail> for plain::ObjectDetail {
    fn from(detail: wit::ObjectDetail) -> Self {
        let grant = |grant: wit::Grant| plain::Grant {
            canonical_id: grant.canonical_id,
            uri: grant.uri,
            permission: grant.permission,
        };
        Self {
            size_bytes: detail.size_bytes,
            last_modified: detail.last_modified.map(Into::into),
            etag: detail.etag,
            content_type: detail.content_type,
            encryption_status: detail.encryption_status,
            bucket_key_enabled: detail.bucket_key_enabled,
            replication_status: detail.replication_status,
            object_lock_mode: detail.object_lock_mode,
            object_lock_retain_until: detail.object_lock_retain_until.map(Into::into),
            object_lock_legal_hold: detail.object_lock_legal_hold,
            access_tier: detail.access_tier,
            expires_at: detail.expires_at.map(Into::into),
            crc64: detail.crc64,
            user_metadata: detail.user_metadata,
            tags: detail.tags,
            acl: detail.acl.map(|grants| grants.into_iter().map(grant).collect()),
        }
    }
}
