//! Reports that would list themselves.

use stocktake_core::configuration::report_base;

use super::CF130;
use super::draft::{Draft, Given, Request};
use crate::quote;
use crate::sink::Sink;
use crate::tree::Problem;

const DESTINATION: &str = "/Destination/S3BucketDestination";

/// Looks whether the reports' keys are among those that the report lists.
///
/// Judges nothing where one of the parts is missing or wrong; that has findings of its own.
pub(super) fn judge(sink: &mut Sink, draft: &Draft, request: Request<'_>) {
    if draft.bucket.as_ref() != Some(request.bucket) {
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
    let mut base = report_base(prefix, request.bucket.as_str(), request.id);
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
            sink.insert(draft.destination_mark, CF130, &format!("{DESTINATION}/Prefix"), problem);
        }
        None => sink.insert(draft.destination_mark, CF130, DESTINATION, problem),
    }
}
