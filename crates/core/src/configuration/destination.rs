//! Where reports go.

use super::{ReportEncryption, ReportFormat, report_base};
use crate::bucket::{BucketName, QCS_PREFIX};
use crate::form::Form;

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The bucket, as the store knows it: in Tencent COS with the APPID at its end.
    pub bucket: BucketName,
    /// How the document names the bucket, and so how an answer does.
    pub notation: BucketNotation,
    /// Owner of the bucket, in the words of its provider; 12 digits in Amazon S3.
    pub account_id: Option<String>,
    /// The format of the data files.
    pub format: ReportFormat,
    /// What keys begin with; kept as given, with or without a slash at its end.
    pub prefix: Option<String>,
    /// None means what the bucket does by default.
    pub encryption: Option<ReportEncryption>,
}

/// How a document names the destination bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BucketNotation {
    /// `arn:aws:s3:::name`.
    Arn,
    /// The bare name.
    Name,
    /// `qcs::cos:<region>::<name>-<appid>`, in a `COSBucketDestination`.
    Qcs {
        /// The region; lower-case letters, digits and hyphens.
        region: String,
    },
}

impl Destination {
    /// The bucket as the document names it.
    #[must_use]
    pub fn bucket_text(&self) -> String {
        match &self.notation {
            BucketNotation::Arn => self.bucket.arn(),
            BucketNotation::Name => self.bucket.as_str().to_owned(),
            BucketNotation::Qcs { region } => format!("{QCS_PREFIX}{region}::{}", self.bucket),
        }
    }

    /// The bucket's name without the APPID, and the APPID; none where the bucket is not one of Tencent COS.
    #[must_use]
    pub fn name_and_appid(&self) -> Option<(&str, &str)> {
        match self.notation {
            BucketNotation::Qcs { .. } => self.bucket.name_and_appid(),
            BucketNotation::Arn | BucketNotation::Name => None,
        }
    }

    /// What the keys of reports on this source begin with in this form, without a slash at its end.
    #[must_use]
    pub fn report_base(&self, form: Form, source: &BucketName, id: &str) -> String {
        let prefix = self.prefix.as_deref();
        match self.name_and_appid() {
            Some((_, appid)) if form == Form::Cos => cos_report_base(prefix, source, appid, id),
            _ => report_base(prefix, source.as_str(), id),
        }
    }
}

/// [`report_base`] in the form of Tencent COS: `prefix/appid/source/id`, with the source's name apart from its APPID.
///
/// A source whose name holds no APPID counts as one of the destination's account, which is `appid`.
#[must_use]
pub fn cos_report_base(prefix: Option<&str>, source: &BucketName, appid: &str, id: &str) -> String {
    let (name, appid) = source.name_and_appid().unwrap_or((source.as_str(), appid));
    report_base(prefix, &format!("{appid}/{name}"), id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cos(prefix: Option<&str>) -> Destination {
        Destination {
            bucket: BucketName::parse("reports-1259999999").unwrap(),
            notation: BucketNotation::Qcs { region: "ap-tokyo".to_owned() },
            account_id: None,
            format: ReportFormat::Csv,
            prefix: prefix.map(str::to_owned),
            encryption: None,
        }
    }

    #[test]
    fn names_the_bucket_as_it_was_named() {
        let mut destination = cos(None);
        assert_eq!(destination.bucket_text(), "qcs::cos:ap-tokyo::reports-1259999999");
        assert_eq!(destination.name_and_appid(), Some(("reports", "1259999999")));
        destination.notation = BucketNotation::Arn;
        assert_eq!(destination.bucket_text(), "arn:aws:s3:::reports-1259999999");
        assert_eq!(destination.name_and_appid(), None);
        destination.notation = BucketNotation::Name;
        assert_eq!(destination.bucket_text(), "reports-1259999999");
    }

    #[test]
    fn keys_of_cos_tell_the_account_of_the_source() {
        let base = |prefix, form, source: &str| {
            cos(prefix).report_base(form, &BucketName::parse(source).unwrap(), "m1")
        };
        assert_eq!(base(Some("inv"), Form::Cos, "orbit-raw-77"), "inv/77/orbit-raw/m1");
        assert_eq!(base(Some("inv/"), Form::Cos, "orbit-raw"), "inv/1259999999/orbit-raw/m1");
        assert_eq!(base(None, Form::Cos, "orbit-raw-77"), "77/orbit-raw/m1");
        assert_eq!(base(None, Form::Aws, "orbit-raw-77"), "orbit-raw-77/m1");
    }
}
