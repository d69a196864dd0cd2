//! What a write asks for, and what its answer means.

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::types::{ObjectCannedAcl, ServerSideEncryption};
use stocktake_capabilities::{Encryption, Error, Precondition, PutOptions, PutOutcome};

use crate::failure::Failure;

/// The etag that `if-none-match` takes for any object.
const ANY: &str = "*";

/// Options as the SDK takes them.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) acl: Option<ObjectCannedAcl>,
    pub(super) encryption: Option<ServerSideEncryption>,
    pub(super) kms_key: Option<String>,
    pub(super) if_none_match: Option<String>,
    pub(super) if_match: Option<String>,
}

impl Wanted {
    pub(super) fn of(options: &PutOptions) -> Self {
        let (encryption, kms_key) = match &options.encryption {
            Encryption::BucketDefault => (None, None),
            // Tencent's store takes Amazon's word for keys of its own.
            Encryption::SseS3 | Encryption::SseCos => (Some(ServerSideEncryption::Aes256), None),
            Encryption::SseKms(key) => (Some(ServerSideEncryption::AwsKms), Some(key.clone())),
        };
        let (if_none_match, if_match) = match &options.precondition {
            Precondition::None => (None, None),
            Precondition::IfNoneMatch => (Some(ANY.to_owned()), None),
            // Without quotes, which Amazon takes as well, and which Ceph's gateway would compare too.
            Precondition::IfMatch(etag) => (None, Some(etag.clone())),
        };
        let acl =
            options.bucket_owner_full_control.then_some(ObjectCannedAcl::BucketOwnerFullControl);
        Self { acl, encryption, kms_key, if_none_match, if_match }
    }
}

/// Retries of a conditional write would find what the first attempt wrote, and call that a lost race.
pub(super) fn retries(options: &PutOptions) -> aws_sdk_s3::config::Builder {
    let builder = aws_sdk_s3::config::Builder::new();
    match options.precondition {
        Precondition::None => builder,
        Precondition::IfNoneMatch | Precondition::IfMatch(_) => {
            builder.retry_config(RetryConfig::disabled())
        }
    }
}

/// Refuses a store that ignores what it was asked, as Ceph's gateway without a key service does: the writer relies
/// on the encryption, and nobody would notice.
pub(super) fn confirm(call: &str, asked: &Encryption, answered: Option<&str>) -> Result<(), Error> {
    match asked {
        // Tencent's store confirms in a header of its own.
        Encryption::BucketDefault | Encryption::SseCos => Ok(()),
        Encryption::SseS3 | Encryption::SseKms(_) if answered.is_some() => Ok(()),
        Encryption::SseS3 | Encryption::SseKms(_) => Err(Error::Unsupported(format!(
            "the store ignores the encryption that {call} asks for; leave that out, or write to another store"
        ))),
    }
}

/// What a write that failed means.
pub(super) fn failed(
    failure: &Failure,
    call: &str,
    options: &PutOptions,
) -> Result<PutOutcome, Error> {
    let is_missing = failure.status() == 404 && failure.code() == "NoSuchKey";
    // Where there is no object, there is none with this entity tag.
    if failure.status() == 412
        || (is_missing && matches!(options.precondition, Precondition::IfMatch(_)))
    {
        return Ok(PutOutcome::PreconditionFailed);
    }
    Err(failure.error_or(call, &remedy(options)))
}

/// What to leave out where a store refuses a write.
pub(super) fn remedy(options: &PutOptions) -> String {
    let mut asked = Vec::new();
    if options.bucket_owner_full_control {
        asked.push("the ACL bucket-owner-full-control");
    }
    if options.encryption != Encryption::BucketDefault {
        asked.push("encryption");
    }
    if options.precondition != Precondition::None {
        asked.push("a precondition");
    }
    if asked.is_empty() {
        return "write to another store".to_owned();
    }
    format!("it was asked with {}; leave that out, or write to another store", asked.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Answer;

    fn answer(status: u16, code: &str) -> Failure {
        Failure::Answer(Answer { status, code: code.to_owned(), ..Answer::default() })
    }

    #[test]
    fn a_lost_race_is_no_error() {
        let options = |precondition| PutOptions { precondition, ..PutOptions::default() };
        let lost = Ok(PutOutcome::PreconditionFailed);
        let any = options(Precondition::IfNoneMatch);
        let one = options(Precondition::IfMatch("x".to_owned()));
        assert_eq!(failed(&answer(412, "PreconditionFailed"), "PutObject", &any), lost);
        assert_eq!(failed(&answer(404, "NoSuchKey"), "PutObject", &one), lost);
        assert_eq!(
            failed(&answer(404, "NoSuchBucket"), "PutObject", &one),
            Err(Error::NoSuchBucket)
        );
        // Nothing is decided yet: somebody else's write is under way.
        let undecided = failed(&answer(409, "ConditionalRequestConflict"), "PutObject", &any);
        assert!(undecided.unwrap_err().is_transient());
    }

    #[test]
    fn a_refused_write_names_what_it_asked_for() {
        let options = PutOptions {
            bucket_owner_full_control: true,
            encryption: Encryption::SseS3,
            ..PutOptions::default()
        };
        let refused = failed(&answer(501, "NotImplemented"), "PutObject", &options).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "not supported by this store: the store refuses PutObject (status 501, NotImplemented); \
             it was asked with the ACL bucket-owner-full-control and encryption; leave that out, or \
             write to another store"
        );
    }

    #[test]
    fn options_become_amazons_words() {
        let encrypted =
            |encryption| Wanted::of(&PutOptions { encryption, ..PutOptions::default() });
        assert_eq!(encrypted(Encryption::BucketDefault).encryption, None);
        assert_eq!(encrypted(Encryption::SseS3).encryption, Some(ServerSideEncryption::Aes256));
        assert_eq!(encrypted(Encryption::SseCos).encryption, Some(ServerSideEncryption::Aes256));
        let kms = encrypted(Encryption::SseKms("key".to_owned()));
        assert_eq!(kms.encryption, Some(ServerSideEncryption::AwsKms));
        assert_eq!(kms.kms_key.as_deref(), Some("key"));
        let tagged = PutOptions {
            precondition: Precondition::IfMatch("tag".to_owned()),
            ..PutOptions::default()
        };
        assert_eq!(Wanted::of(&tagged).if_match.as_deref(), Some("tag"));
    }
}
