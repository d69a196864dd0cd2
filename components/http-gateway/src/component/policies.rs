//! Of all that can be asked about objects, the policies of their buckets.

use stocktake_capabilities::{
    DetailKinds, Error, ListOptions, ObjectDetail, ObjectRef, Objects, Page,
};
use stocktake_guest::Host;

/// [`Host`] without its objects, so that the calls that reach them are no imports of this component.
pub(super) struct Policies;

impl Objects for Policies {
    fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, Error> {
        Host.bucket_policy(bucket)
    }

    fn list_page(&self, _: &str, _: &ListOptions, _: Option<&str>) -> Result<Page, Error> {
        Err(out_of_reach())
    }

    fn head_many(
        &self,
        _: &str,
        _: &[ObjectRef],
        _: DetailKinds,
    ) -> Result<Vec<Option<ObjectDetail>>, Error> {
        Err(out_of_reach())
    }

    fn read_range(&self, _: &str, _: &ObjectRef, _: u64, _: u32) -> Result<Vec<u8>, Error> {
        Err(out_of_reach())
    }
}

fn out_of_reach() -> Error {
    Error::Unsupported("objects are out of the gateway's reach".to_owned())
}
