//! A configuration while it is judged.

use stocktake_core::bucket::BucketName;
use stocktake_core::column::OptionalField;
use stocktake_core::configuration::{
    BucketNotation, Configuration, ConfigurationId, Destination, Filter, Frequency,
    ReportEncryption, ReportFormat, Versions,
};
use stocktake_core::form::Form;

/// What a document is put under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) bucket: &'a BucketName,
    pub(crate) id: &'a str,
    pub(crate) occasion: Occasion,
}

/// What a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// To be kept, for reports by its schedule.
    Schedule,
    /// For one report, and never kept: it has neither a schedule nor a switch.
    Once,
}

/// Whose API a document is written for, by the kind of its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// `S3BucketDestination`.
    S3,
    /// `COSBucketDestination`.
    Cos,
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
    pub(super) monthly_date: Option<u8>,
    /// All of it but the prefix.
    pub(super) filter: Filter,
    pub(super) filter_prefix: Given<String>,
    /// The kinds of destination that it has; in a usable document there is one.
    pub(super) apis: Vec<Api>,
    pub(super) bucket: Option<(BucketName, BucketNotation)>,
    pub(super) account_id: Given<String>,
    pub(super) format: Option<ReportFormat>,
    pub(super) prefix: Given<String>,
    pub(super) encryption: Given<ReportEncryption>,
    pub(super) optional_fields: Vec<&'static OptionalField>,
    /// Where findings about the destination as a whole stand.
    pub(super) destination_mark: usize,
}

impl Draft {
    /// Whose API the document is written for, where its destination tells.
    pub(crate) fn api(&self) -> Option<Api> {
        match self.apis.as_slice() {
            [api] => Some(*api),
            _ => None,
        }
    }

    /// The configuration; none if a part of it is missing.
    ///
    /// Only for documents without findings of level `error`: optional parts that are wrong would be left out.
    pub(crate) fn finish(self, form: Form) -> Option<Configuration> {
        let (bucket, notation) = self.bucket?;
        Some(Configuration {
            id: self.id?,
            is_enabled: self.is_enabled?,
            versions: self.versions?,
            frequency: self.frequency?,
            monthly_date: self.monthly_date,
            filter: Filter { prefix: self.filter_prefix.ok(), ..self.filter },
            destination: Destination {
                bucket,
                notation,
                account_id: self.account_id.ok(),
                format: self.format?,
                prefix: self.prefix.ok(),
                encryption: self.encryption.ok(),
            },
            optional_fields: self.optional_fields,
            form,
        })
    }
}
