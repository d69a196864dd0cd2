//! The shape of the JSON form, member by member, in the order in which they are written.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::configuration) struct Wire {
    pub(in crate::configuration) destination: WireDestination,
    pub(in crate::configuration) is_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) filter: Option<WireFilter>,
    pub(in crate::configuration) id: String,
    pub(in crate::configuration) included_object_versions: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) optional_fields: Option<WireFields>,
    pub(in crate::configuration) schedule: WireSchedule,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) form: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::configuration) enum WireDestination {
    S3BucketDestination(WireBucket),
    #[serde(rename = "COSBucketDestination")]
    CosBucketDestination(WireBucket),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::configuration) struct WireBucket {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) account_id: Option<String>,
    pub(in crate::configuration) bucket: String,
    pub(in crate::configuration) format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) encryption: Option<WireEncryption>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::configuration) enum WireEncryption {
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
pub(in crate::configuration) struct WireFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) and: Option<WireAnd>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::configuration) tag: Vec<WireTag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) storage_class: Option<WireWords>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) period: Option<WirePeriod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) name_glob: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) object_size_greater_than: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) object_size_less_than: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) modified_since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) modified_before: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::configuration) struct WireAnd {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) prefix: Option<String>,
    pub(in crate::configuration) tag: Vec<WireTag>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::configuration) struct WireTag {
    pub(in crate::configuration) key: String,
    pub(in crate::configuration) value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::configuration) struct WirePeriod {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) end_time: Option<i64>,
}

/// One word as it is, or several in a list.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(in crate::configuration) enum WireWords {
    One(String),
    Several(Vec<String>),
}

/// Optional fields: a list, and in Tencent COS an object that holds one.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(in crate::configuration) enum WireFields {
    List(Vec<String>),
    Member {
        #[serde(rename = "Field")]
        field: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::configuration) struct WireSchedule {
    pub(in crate::configuration) frequency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::configuration) monthly_date: Option<u8>,
}
