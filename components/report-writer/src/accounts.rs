//! Buckets and accounts as reports name them.

use stocktake_core::bucket::BucketName;
use stocktake_core::configuration::Configuration;
use stocktake_core::finding::Dialect;
use stocktake_core::form::Form;

use crate::rows::Source;

/// Source and destination of a report. Reports in the form of Tencent COS name a bucket without the APPID that its name
/// ends with, and the APPID beside it; in other forms there is no such thing.
///
/// A bucket whose name holds no APPID counts as one of the other's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accounts<'a> {
    pub(crate) source_bucket: &'a str,
    pub(crate) source_appid: &'a str,
    pub(crate) destination_bucket: &'a str,
    pub(crate) destination_appid: &'a str,
}

impl<'a> Accounts<'a> {
    pub(crate) fn new(source: &'a str, configuration: &'a Configuration) -> Self {
        let destination = &configuration.destination;
        let (source_bucket, destination_bucket) = (source, destination.bucket.as_str());
        if configuration.form != Form::Cos {
            let (source_appid, destination_appid) = ("", "");
            return Self { source_bucket, source_appid, destination_bucket, destination_appid };
        }
        let from = split(source);
        let to = destination.name_and_appid();
        let (destination_bucket, destination_appid) =
            to.unwrap_or((destination_bucket, from.map_or("", |(_, appid)| appid)));
        let (source_bucket, source_appid) = from.unwrap_or((source_bucket, destination_appid));
        Self { source_bucket, source_appid, destination_bucket, destination_appid }
    }

    pub(crate) fn source(&self) -> Source<'a> {
        Source { bucket: self.source_bucket, appid: self.source_appid }
    }
}

/// The name without the APPID, and the APPID.
fn split(bucket: &str) -> Option<(&str, &str)> {
    let name = BucketName::parse_in(bucket, Dialect::Any).ok()?;
    let (name, _) = name.name_and_appid()?;
    let (name, rest) = bucket.split_at_checked(name.len())?;
    Some((name, rest.strip_prefix('-')?))
}
