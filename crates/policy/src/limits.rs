//! How much of a document and of a request is read.

/// The most bytes of one document; more is not even parsed.
///
/// Every provider's limit is far below (20 KiB for a bucket policy); white space may add to that.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// The most bytes of a member's name. The longest that a provider takes is a condition key with a tag, of some 600.
///
/// What stands below a member is told of by a pointer that has its name.
pub(crate) const NAME_BYTES_MAX: usize = 1024;

/// The most bytes of one text of a request.
///
/// S3 takes 8 KiB of headers, and keys of 1,024 bytes. Comparing takes as many steps as a pattern and a text are long,
/// multiplied; so whoever takes requests from others refuses longer texts.
pub const REQUEST_TEXT_BYTES_MAX: usize = 8 * 1024;

/// The most values of one context key: twenty times as many as an object or a session has tags.
pub const CONTEXT_VALUES_MAX: usize = 1000;
