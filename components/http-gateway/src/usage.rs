//! What a bucket is for: the configurations that name it.

use stocktake_capabilities::Error;
use stocktake_core::configuration::Configuration;
use stocktake_core::policy::BucketRole;

use crate::services::Services;

/// The most buckets whose configurations are looked at for one that delivers here: as many as an account of Amazon S3 has
/// without asking for more, ten times over. Beyond, a destination counts as a bucket that is for nothing yet.
const BUCKETS_MAX: usize = 1000;

/// The most configurations that are looked at, which a bucket may have a thousand of. Reading one takes microseconds.
const CONFIGURATIONS_MAX: usize = 10_000;

/// What a bucket is for: source where it has a configuration, else destination where one of another bucket names it;
/// none where nobody does.
///
/// # Errors
/// What the store answers, where the same may succeed later. A store that does not tell its buckets tells no destinations.
pub(crate) fn role(services: &Services<'_>, bucket: &str) -> Result<Option<BucketRole>, Error> {
    if !services.inventory_config.list(bucket, None)?.configurations.is_empty() {
        return Ok(Some(BucketRole::Source));
    }
    match is_destination(services, bucket) {
        Err(error) if error.is_transient() => Err(error),
        found => Ok(found.unwrap_or_default().then_some(BucketRole::Destination)),
    }
}

fn is_destination(services: &Services<'_>, bucket: &str) -> Result<bool, Error> {
    let (mut buckets_left, mut configurations_left) = (BUCKETS_MAX, CONFIGURATIONS_MAX);
    let mut cursor = None;
    loop {
        let page = services.buckets.list_buckets(cursor.as_deref())?;
        for source in page.buckets.iter().filter(|source| source.name != bucket) {
            let mut token = None;
            while buckets_left > 0 && configurations_left > 0 {
                let page = services.inventory_config.list(&source.name, token.as_deref())?;
                if page.configurations.iter().any(|text| delivers_to(text, bucket)) {
                    return Ok(true);
                }
                configurations_left = configurations_left.saturating_sub(page.configurations.len());
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            buckets_left = buckets_left.saturating_sub(1);
        }
        cursor = page.next;
        if cursor.is_none() || buckets_left == 0 || configurations_left == 0 {
            return Ok(false);
        }
    }
}

fn delivers_to(configuration: &str, bucket: &str) -> bool {
    Configuration::from_json(configuration)
        .is_ok_and(|configuration| configuration.destination.bucket.as_str() == bucket)
}
