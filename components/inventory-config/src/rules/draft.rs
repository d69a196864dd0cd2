//! A configuration while it is judged.

use stocktake_core::bucket::BucketName;
use stocktake_core::column::OptionalField;
use stocktake_core::configuration::{
    Configuration, ConfigurationId, Destination, Frequency, ReportEncryption, ReportFormat,
    Versions,
};

/// What a document is put under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) bucket: &'a BucketName,
    pub(crate) id: &'a str,
}

/// An optional part of a document.
#[derive(Debug, Default)]
pub(crate) enum Given<T> {
    /// The document leaves it out.
    #[default]
    Absent,
    /// It is there, and something is wrong with it.
    Broken,
    /// It is there.
    Is(T),
}

impl<T> Given<T> {
    /// What a judgement of it came to.
    pub(super) fn judged(result: Option<T>) -> Self {
        result.map_or(Self::Broken, Self::Is)
    }

    fn ok(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Broken => None,
        }
    }
}

/// What has been found so far. Parts that are missing or wrong are none, and have their findings.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(super) id: Option<ConfigurationId>,
    pub(super) is_enabled: Option<bool>,
    pub(super) versions: Option<Versions>,
    pub(super) frequency: Option<Frequency>,
    pub(super) filter_prefix: Given<String>,
    pub(super) bucket: Option<BucketName>,
    pub(super) account_id: Given<String>,
    pub(super) format: Option<ReportFormat>,
    pub(super) prefix: Given<String>,
    pub(super) encryption: Given<ReportEncryption>,
    pub(super) optional_fields: Vec<&'static OptionalField>,
    /// Where findings about the destination as a whole stand.
    pub(super) destination_mark: usize,
}

impl Draft {
    /// The configuration; none if a part of it is missing.
    ///
    /// Only for documents without findings of level `error`: optional parts that are wrong would be left out.
    pub(crate) fn finish(self) -> Option<Configuration> {
        Some(Configuration {
            id: self.id?,
            is_enabled: self.is_enabled?,
            versions: self.versions?,
            frequency: self.frequency?,
            filter_prefix: self.filter_prefix.ok(),
            destination: Destination {
                bucket: self.bucket?,
                account_id: self.account_id.ok(),
                format: self.format?,
                prefix: self.prefix.ok(),
                encryption: self.encryption.ok(),
            },
            optional_fields: self.optional_fields,
        })
    }
}
