//! Reports that would list themselves.

use stocktake_core::configuration::{BucketNotation, cos_report_base, report_base};

use super::CF130;
use super::draft::{Draft, Given, Request};
use crate::quote;
use crate::sink::Sink;
use crate::tree::Problem;

/// Looks whether the reports' keys are among those that the report lists.
///
/// Of the filter only the prefix counts: what else it leaves out may be something else than reports.
///
/// Judges nothing where one of the parts is missing or wrong; that has findings of its own.
pub(super) fn judge(sink: &mut Sink, draft: &Draft, request: Request<'_>) {
    let Some((bucket, notation)) = &draft.bucket else { return };
    if bucket != request.bucket {
        return;
    }
    let filter = match &draft.filter_prefix {
        Given::Broken => return,
        Given::Absent => "",
        Given::Is(filter) => filter,
    };
    let prefix = match &draft.prefix {
        Given::Broken => return,
        Given::Absent => None,
        Given::Is(prefix) => Some(prefix.as_str()),
    };
    let (mut base, destination) = if let BucketNotation::Qcs { .. } = notation
        && let Some((_, appid)) = bucket.name_and_appid()
    {
        let base = cos_report_base(prefix, request.bucket, appid, request.id);
        (base, "/Destination/COSBucketDestination")
    } else {
        let base = report_base(prefix, request.bucket.as_str(), request.id);
        (base, "/Destination/S3BucketDestination")
    };
    base.push('/');
    if !base.starts_with(filter) && !filter.starts_with(&base) {
        return;
    }
    let message = format!("reports go to `{}` of the bucket that they list", quote::inline(&base));
    let problem = Problem::new(message)
        .allowed("a `Filter` that leaves out the report prefix, or another destination bucket");
    match prefix {
        Some(prefix) => {
            let problem = problem.value(quote::text(prefix));
            let pointer = format!("{destination}/Prefix");
            sink.insert(draft.destination_mark, CF130, &pointer, problem);
        }
        None => sink.insert(draft.destination_mark, CF130, destination, problem),
    }
}
