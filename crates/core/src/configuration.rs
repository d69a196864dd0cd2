//! An inventory configuration that has been judged usable, and the one JSON form that it is kept in.
//!
//! Judging a user's document, with findings for everything that is wrong, is the business of `inventory-config`; what
//! it lets through becomes a [`Configuration`]. The JSON form is the one of
//! `aws s3api get-bucket-inventory-configuration`, with members in a fixed order; what only other providers have stands
//! in it under the names of their XML.

mod destination;
mod filter;
mod json;
mod xml;

pub use destination::{BucketNotation, Destination, cos_report_base};
pub use filter::{Candidate, Filter};
pub use json::JsonError;

use std::borrow::Cow;

use crate::bucket::BucketName;
use crate::column::{Column, OptionalField};
use crate::form::Form;

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
    /// On one day of every month; Tencent COS alone has it.
    Monthly,
}

/// The format of the data files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// Quoted values with commas, gzip.
    Csv,
    /// Quoted values with tabs, gzip.
    Tsv,
    /// An object a line, gzip.
    Json,
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
    /// Keys that Tencent COS keeps.
    SseCos,
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
    /// The day of the month, 1 to 31; present exactly with [`Frequency::Monthly`]. A month without it has its last day
    /// instead.
    pub monthly_date: Option<u8>,
    /// Which objects are listed.
    pub filter: Filter,
    /// Where the report goes.
    pub destination: Destination,
    /// Optional fields, in the order given, each once.
    pub optional_fields: Vec<&'static OptionalField>,
    /// Whose form the report has.
    pub form: Form,
}

impl Configuration {
    /// The columns of its report, in report order, with the names of its form.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static Column> {
        self.form.report_columns(self.versions == Versions::All, &self.optional_fields)
    }

    /// What the keys of its reports on this bucket begin with, without a slash at its end.
    #[must_use]
    pub fn report_base(&self, source: &BucketName) -> String {
        self.destination.report_base(self.form, source, self.id.as_str())
    }

    /// The JSON form as it is kept: the document, and `Form` where that is not the one of Amazon S3.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self, Some(self.form))
    }

    /// The JSON form as a user may see it and put it: what a GET answers.
    #[must_use]
    pub fn to_document(&self) -> String {
        json::write(self, None)
    }

    /// Reads back what [`Configuration::to_json`] wrote.
    ///
    /// # Errors
    /// What it cannot have written. Users' documents go through `inventory-config`, which
    /// says everything that is wrong with them.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        json::read(text)
    }
}

/// The document in what [`Configuration::to_json`] wrote, which is what [`Configuration::to_document`] writes.
///
/// # Examples
/// ```
/// use stocktake_core::configuration::document_of;
///
/// assert_eq!(document_of(r#"{"Id":"a","Form":"cos"}"#), r#"{"Id":"a"}"#);
/// assert_eq!(document_of(r#"{"Id":"a"}"#), r#"{"Id":"a"}"#);
/// ```
#[must_use]
pub fn document_of(kept: &str) -> Cow<'_, str> {
    json::document_of(kept)
}

/// The XML form of what [`Configuration::to_document`] wrote, with this namespace where there is one.
///
/// # Errors
/// The text is no such document.
///
/// # Examples
/// ```
/// use stocktake_core::configuration::document_xml;
///
/// let document = r#"{"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::orbit-reports","Format":"CSV"}},
///     "IsEnabled":true,"Id":"a","IncludedObjectVersions":"All","Schedule":{"Frequency":"Daily"}}"#;
/// let xml = document_xml(document, None).unwrap();
/// assert!(xml.starts_with("<InventoryConfiguration><Destination><S3BucketDestination><Bucket>arn:aws:s3:::orbit"));
/// assert!(document_xml("{}", None).is_err());
/// ```
pub fn document_xml(document: &str, namespace: Option<&str>) -> Result<String, JsonError> {
    xml::write(document, namespace)
}

/// Appends text to XML so that a reader gives it back, in elements and attributes. What XML cannot carry becomes U+FFFD.
pub fn escape_xml_into(out: &mut String, text: &str) {
    xml::escape_into(out, text);
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
words!(Frequency { Daily = "Daily", Weekly = "Weekly", Monthly = "Monthly" });
words!(ReportFormat { Csv = "CSV", Tsv = "TSV", Json = "JSON", Orc = "ORC", Parquet = "Parquet" });
