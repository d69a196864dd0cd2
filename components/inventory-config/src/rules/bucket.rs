//! How a document names the destination bucket: by ARN, bare, or by the resource name of Tencent COS.

use stocktake_core::bucket::{ARN_PREFIX, BucketName, QCS_PREFIX, split_qcs};
use stocktake_core::configuration::BucketNotation;
use stocktake_core::finding::Dialect;

use super::draft::Api;
use super::walk::{At, text};
use super::{CF110, CF111};
use crate::quote;
use crate::sink::Sink;

/// The most characters of a bucket name.
pub(super) const BUCKET_CHARS_MAX: usize = 63;

pub(super) fn judge(sink: &mut Sink, at: At<'_>, api: Api) -> Option<(BucketName, BucketNotation)> {
    let given = text(sink, at, |text| Ok(text.to_owned()))?;
    match api {
        Api::S3 => s3_bucket(sink, at, &given),
        Api::Cos => cos_bucket(sink, at, &given),
    }
}

fn s3_bucket(sink: &mut Sink, at: At<'_>, given: &str) -> Option<(BucketName, BucketNotation)> {
    if let Some(name) = given.strip_prefix(ARN_PREFIX) {
        return Some((bucket_name(sink, at, name, BucketName::arn)?, BucketNotation::Arn));
    }
    let is_bare = !given.contains(':');
    if is_bare && at.dialect != Dialect::Aws {
        let bare = |name: &BucketName| name.as_str().to_owned();
        return Some((bucket_name(sink, at, given, bare)?, BucketNotation::Name));
    }
    let meant = name_in(given).map(|name| quote::whole(&name.arn()));
    sink.report(CF110, at.pointer, at.problem(arn_problem(given)).replace(meant));
    // A bare name may be wrong as well.
    if is_bare {
        bucket_name(sink, at, given, BucketName::arn);
    }
    None
}

fn cos_bucket(sink: &mut Sink, at: At<'_>, given: &str) -> Option<(BucketName, BucketNotation)> {
    let Some((region, name)) = split_qcs(given) else {
        // The region is not to be guessed.
        let problem = at.problem("`Bucket` is not the resource name of a bucket in Tencent COS");
        sink.report(CF110, at.pointer, problem);
        return None;
    };
    match BucketName::parse_in(name, Dialect::Cos) {
        Ok(name) => Some((name, BucketNotation::Qcs { region: region.to_owned() })),
        Err(error) => {
            sink.report(CF111, at.pointer, at.problem(error.to_string()));
            None
        }
    }
}

/// Judges the name; `notation` writes the one that was meant.
fn bucket_name(
    sink: &mut Sink,
    at: At<'_>,
    name: &str,
    notation: impl Fn(&BucketName) -> String,
) -> Option<BucketName> {
    match BucketName::parse_in(name, at.dialect) {
        Ok(name) => Some(name),
        Err(error) => {
            // What follows a slash belongs into `Prefix`.
            let first = name.split('/').next().unwrap_or_default().to_ascii_lowercase();
            let meant = BucketName::parse_in(&first, at.dialect).ok();
            let meant = meant.map(|name| quote::whole(&notation(&name)));
            let problem = at.problem(error.to_string()).replace(meant);
            sink.report(CF111, at.pointer, problem);
            None
        }
    }
}

/// What keeps a text from being the ARN of a bucket.
fn arn_problem(text: &str) -> String {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", "s3", region, account, _] if !region.is_empty() || !account.is_empty() => {
            let what = match (region.is_empty(), account.is_empty()) {
                (false, false) => "a region and an account",
                (false, true) => "a region",
                (true, _) => "an account",
            };
            format!("the ARN holds {what}, which the ARN of a bucket leaves empty")
        }
        ["arn", partition, "s3", ..] if *partition != "aws" => {
            format!("the ARN is of the partition `{}`, not `aws`", quote::inline(partition))
        }
        _ => "`Bucket` is not the ARN of a bucket".to_owned(),
    }
}

/// The bucket that a text seems to name: bare, as a URL, or in an ARN of another form.
fn name_in(text: &str) -> Option<BucketName> {
    let text = text.to_ascii_lowercase();
    let name = match text.split(':').collect::<Vec<_>>().as_slice() {
        [bare] => bare,
        ["s3", place] => place.strip_prefix("//")?.split('/').next()?,
        ["arn", _, "s3", .., name] => name,
        _ => return None,
    };
    BucketName::parse(name).ok()
}

pub(super) fn s3_names(dialect: Dialect) -> String {
    let (alone, characters) = match dialect {
        Dialect::Aws => ("", "a-z 0-9 . -"),
        Dialect::Coreweave => (", or the name alone", "a-z 0-9 -"),
        Dialect::Any | Dialect::Cos => (", or the name alone", "a-z 0-9 . -"),
    };
    format!(
        "`{ARN_PREFIX}` and a bucket name{alone}: 3 to {BUCKET_CHARS_MAX} of `{characters}`, first and last a letter or digit"
    )
}

pub(super) fn cos_names(_: Dialect) -> String {
    format!(
        "`{QCS_PREFIX}<region>::<name>-<appid>`, with a name of `a-z 0-9 -` that has no hyphen at either end, 3 to {BUCKET_CHARS_MAX} characters with the APPID"
    )
}
