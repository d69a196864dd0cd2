//! An inventory configuration that has been judged usable, and the one JSON form that it is kept in.
//!
//! Judging a user's document, with findings for everything that is wrong, is the business of `inventory-config`; what
//! it lets through becomes a [`Configuration`]. The JSON form is the one of
//! `aws s3api get-bucket-inventory-configuration`, with members in a fixed order.

mod json;

pub use json::JsonError;

use crate::bucket::BucketName;
use crate::column::{Column, OptionalField, report_columns};

/// The largest configuration document that is read, in bytes.
///
/// Real documents are below 4 KiB; a hostile upload should not cost more than a real one.
pub const DOCUMENT_BYTES_MAX: usize = 256 << 10;

/// The most bytes of an object's key; S3's own limit, and so the limit of every prefix of keys.
pub const KEY_BYTES_MAX: usize = 1024;

/// The most characters of an id.
pub const ID_CHARS_MAX: usize = 64;

/// The id of a configuration: 1 to 64 of `A-Z a-z 0-9 . _ -`, as it becomes part of object keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigurationId(String);

impl ConfigurationId {
    /// Checks an id; none if it has another length or other characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let fits = (1..=ID_CHARS_MAX).contains(&text.len()) && text.chars().all(allowed);
        fits.then(|| Self(text.to_owned()))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which versions a report lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Every version and delete marker.
    All,
    /// What a plain GET would find.
    Current,
}

/// How often a report is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// Every day.
    Daily,
    /// Every Sunday.
    Weekly,
}

/// The format of the data files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// Quoted values, gzip.
    Csv,
    /// Apache ORC, zlib.
    Orc,
    /// Apache Parquet, snappy.
    Parquet,
}

/// How the report is encrypted at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportEncryption {
    /// Keys that the store keeps.
    SseS3,
    /// The key of this id in a key service.
    SseKms(String),
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The bucket.
    pub bucket: BucketName,
    /// Owner of the bucket: 12 digits.
    pub account_id: Option<String>,
    /// The format of the data files.
    pub format: ReportFormat,
    /// What keys begin with; kept as given, with or without a slash at its end.
    pub prefix: Option<String>,
    /// None means what the bucket does by default.
    pub encryption: Option<ReportEncryption>,
}

/// A usable inventory configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Its id, unique in the source bucket.
    pub id: ConfigurationId,
    /// Whether reports are made.
    pub is_enabled: bool,
    /// Which versions are listed.
    pub versions: Versions,
    /// How often.
    pub frequency: Frequency,
    /// Only keys that begin so.
    pub filter_prefix: Option<String>,
    /// Where the report goes.
    pub destination: Destination,
    /// Optional fields, in the order given, each once.
    pub optional_fields: Vec<&'static OptionalField>,
}

impl Configuration {
    /// The columns of its report, in report order.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static Column> {
        report_columns(self.versions == Versions::All, &self.optional_fields)
    }

    /// The JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// Reads the JSON form back.
    ///
    /// # Errors
    /// What [`Configuration::to_json`] cannot have written. Users' documents go through `inventory-config`, which
    /// says everything that is wrong with them.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        json::read(text)
    }
}

/// What the keys of a configuration's reports begin with: `prefix/source/id`, without a slash at its end.
///
/// The prefix counts with or without a slash at its end; without a prefix the keys begin with the source bucket.
/// Source: "Inventory lists" in the Amazon S3 user guide.
///
/// # Examples
/// ```
/// use stocktake_core::configuration::report_base;
///
/// assert_eq!(report_base(Some("inv"), "orbit-raw", "daily"), "inv/orbit-raw/daily");
/// assert_eq!(report_base(Some("inv/"), "orbit-raw", "daily"), "inv/orbit-raw/daily");
/// assert_eq!(report_base(None, "orbit-raw", "daily"), "orbit-raw/daily");
/// ```
#[must_use]
pub fn report_base(prefix: Option<&str>, source: &str, id: &str) -> String {
    let prefix = prefix.unwrap_or_default();
    match prefix.strip_suffix('/').unwrap_or(prefix) {
        "" => format!("{source}/{id}"),
        prefix => format!("{prefix}/{source}/{id}"),
    }
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every case, in the order in which providers list them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that stands for it in a configuration.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The case that this word stands for; case matters.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(Versions { All = "All", Current = "Current" });
words!(Frequency { Daily = "Daily", Weekly = "Weekly" });
words!(ReportFormat { Csv = "CSV", Orc = "ORC", Parquet = "Parquet" });
