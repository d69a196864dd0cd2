//! The shape of the JSON form, member by member, in the order in which they are written.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Wire {
    pub(super) destination: WireDestination,
    pub(super) is_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<WireFilter>,
    pub(super) id: String,
    pub(super) included_object_versions: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) optional_fields: Option<WireFields>,
    pub(super) schedule: WireSchedule,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum WireDestination {
    S3BucketDestination(WireBucket),
    #[serde(rename = "COSBucketDestination")]
    CosBucketDestination(WireBucket),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct WireBucket {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_id: Option<String>,
    pub(super) bucket: String,
    pub(super) format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encryption: Option<WireEncryption>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum WireEncryption {
    #[serde(rename = "SSES3")]
    SseS3 {},
    #[serde(rename = "SSEKMS")]
    SseKms {
        #[serde(rename = "KeyId")]
        key_id: String,
    },
    #[serde(rename = "SSECOS")]
    SseCos {},
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(super) struct WireFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) and: Option<WireAnd>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tag: Vec<WireTag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) storage_class: Option<WireWords>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) period: Option<WirePeriod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name_glob: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object_size_greater_than: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object_size_less_than: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) modified_since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) modified_before: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct WireAnd {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prefix: Option<String>,
    pub(super) tag: Vec<WireTag>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct WireTag {
    pub(super) key: String,
    pub(super) value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct WirePeriod {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_time: Option<i64>,
}

/// One word as it is, or several in a list.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum WireWords {
    One(String),
    Several(Vec<String>),
}

/// Optional fields: a list, and in Tencent COS an object that holds one.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum WireFields {
    List(Vec<String>),
    Member {
        #[serde(rename = "Field")]
        field: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct WireSchedule {
    pub(super) frequency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) monthly_date: Option<u8>,
}
