//! What comes after a key, asked for as seldom as possible.

use stocktake_capabilities::{Error, ListOptions, Objects, Page};

use crate::ranges::first_key;

/// The page with which a listing goes on. A store that reads ahead has it at hand.
pub(crate) struct Following {
    /// What is listed.
    pub(crate) options: ListOptions,
    /// Where it goes on.
    pub(crate) cursor: String,
}

/// Keys behind a place: those that come at once are taken from one page, those farther away are asked for one by one.
pub(crate) struct Beyond<'a, O> {
    objects: &'a O,
    bucket: &'a str,
    options: &'a ListOptions,
    following: Option<Following>,
    page: Page,
}

impl<'a, O: Objects> Beyond<'a, O> {
    /// `options` are what single keys are asked for with.
    pub(crate) fn new(
        objects: &'a O,
        bucket: &'a str,
        options: &'a ListOptions,
        following: Option<Following>,
    ) -> Self {
        Self { objects, bucket, options, following, page: Page::default() }
    }

    /// The first key that is greater than `after`, which is not before the place.
    ///
    /// With versions it may be the one behind it, where the first key's versions are on two pages.
    pub(crate) fn first_after(&mut self, after: &str) -> Result<Option<String>, Error> {
        if let Some(Following { options, cursor }) = self.following.take() {
            self.page = self.objects.list_page(self.bucket, &options, Some(&cursor))?;
        }
        let keys = &self.page.entries.keys;
        match keys.iter().find(|key| *key > after) {
            Some(key) => Ok(Some(key.to_owned())),
            None => first_key(self.objects, self.bucket, self.options, Some(after)),
        }
    }
}
