//! Why a request failed, and what the caller of a capability should do about it.

use std::error::Error as StdError;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use stocktake_capabilities::Error;

/// How a request ended, where it did not succeed, after the client's own retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The store answered with an error.
    Answer(Answer),
    /// Nothing came in time.
    Timeout,
    /// There was no connection, or it broke before an answer came.
    Unreachable(String),
    /// An answer began and broke off.
    Cut(String),
    /// An answer came that is none of S3's, or the request could not be made. Never holds a secret.
    Broken(String),
}

/// An error as a store answers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Such as `NoSuchKey`; empty where the answer had no body.
    pub(crate) code: String,
    pub(crate) message: String,
    /// Of the header `retry-after`, in seconds.
    pub(crate) retry_after: Option<u32>,
    /// Where the bucket is, of the header `x-amz-bucket-region`.
    pub(crate) region: Option<String>,
}

impl Failure {
    /// Takes what is needed from an error of the SDK. Answers that are errors are read elsewhere.
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: StdError + 'static,
    {
        match error {
            SdkError::TimeoutError(_) => Self::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Timeout,
            SdkError::DispatchFailure(_) => Self::Unreachable(innermost(error)),
            SdkError::ResponseError(_) => {
                Self::Cut(format!("the answer is cut: {}", innermost(error)))
            }
            _ => Self::Broken(innermost(error)),
        }
    }

    /// The code of the store's answer; empty where there is none.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Answer(answer) => &answer.code,
            Self::Timeout | Self::Unreachable(_) | Self::Cut(_) | Self::Broken(_) => "",
        }
    }

    /// The HTTP status of the store's answer; zero where there is none.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Answer(answer) => answer.status,
            Self::Timeout | Self::Unreachable(_) | Self::Cut(_) | Self::Broken(_) => 0,
        }
    }

    /// Whether the store may have done all the same what it was asked for.
    pub(crate) fn is_undecided(&self) -> bool {
        match self {
            Self::Answer(answer) => {
                answer.status >= 500 && !matches!(answer.error(""), Error::Throttled(_))
            }
            Self::Timeout | Self::Unreachable(_) | Self::Cut(_) | Self::Broken(_) => true,
        }
    }

    /// Whether the store does not know the call, or not in this form. Stores disagree on how they say so.
    pub(crate) fn is_unsupported(&self) -> bool {
        const CODES: [&str; 7] = [
            "NotImplemented",
            "MethodNotAllowed",
            "NotSupported",
            "UnsupportedArgument",
            "UnsupportedOperation",
            "AccessControlListNotSupported",
            "InvalidEncryptionAlgorithmError",
        ];
        matches!(self.status(), 405 | 501) || CODES.contains(&self.code())
    }

    /// What the caller should do. `call` is the S3 operation, for texts.
    pub(crate) fn error(&self, call: &str) -> Error {
        let error = match self {
            Self::Answer(answer) => answer.error(call),
            Self::Timeout => Error::Timeout,
            Self::Unreachable(cause) | Self::Cut(cause) => {
                Error::Unavailable(format!("{call}: {cause}"))
            }
            Self::Broken(cause) => Error::Other(format!("{call}: {cause}")),
        };
        // The error that the caller sees has no room for the store's words.
        tracing::debug!(call, status = self.status(), code = self.code(), %error, "S3 request failed");
        error
    }

    /// The same, where `remedy` helps if the store cannot do what was asked.
    pub(crate) fn error_or(&self, call: &str, remedy: &str) -> Error {
        if self.is_unsupported() {
            let said = self.said();
            return Error::Unsupported(format!("the store refuses {call} ({said}); {remedy}"));
        }
        self.error(call)
    }

    /// The store's own words, in short.
    pub(crate) fn said(&self) -> String {
        match self {
            Self::Answer(answer) if answer.code.is_empty() => format!("status {}", answer.status),
            Self::Answer(answer) => format!("status {}, {}", answer.status, answer.code),
            Self::Timeout => Error::Timeout.to_string(),
            Self::Unreachable(cause) | Self::Cut(cause) | Self::Broken(cause) => cause.clone(),
        }
    }
}

impl Answer {
    fn error(&self, call: &str) -> Error {
        let words = || format!("{call}: {} {}", self.code, self.message).trim_end().to_owned();
        match self.code.as_str() {
            "NoSuchBucket" => Error::NoSuchBucket,
            "NoSuchKey" | "NoSuchVersion" | "NoSuchUpload" => Error::NoSuchObject,
            "SlowDown"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "BandwidthLimitExceeded" => Error::Throttled(self.retry_after),
            // A body came too slowly.
            "RequestTimeout" => Error::Timeout,
            // 400, and nobody can read the bucket before the keys are renewed.
            "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => Error::AccessDenied,
            "PermanentRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException" => Error::InvalidArgument(self.elsewhere()),
            // The last two: what came was not what was sent.
            "OperationAborted"
            | "ConditionalRequestConflict"
            | "BadDigest"
            | "XAmzContentSHA256Mismatch" => Error::Unavailable(words()),
            _ => match self.status {
                301 | 307 | 308 => Error::InvalidArgument(self.elsewhere()),
                401 | 403 => Error::AccessDenied,
                404 => Error::NoSuchObject,
                405 | 501 => Error::Unsupported(words()),
                408 => Error::Timeout,
                429 => Error::Throttled(self.retry_after),
                503 if self.retry_after.is_some() => Error::Throttled(self.retry_after),
                500.. => Error::Unavailable(format!("{call}: status {}", self.status)),
                400..500 => Error::InvalidArgument(words()),
                _ => Error::Other(format!("{} (status {})", words(), self.status)),
            },
        }
    }

    fn elsewhere(&self) -> String {
        let region = self.region.as_deref().unwrap_or("NAME");
        format!("the bucket is in another region; write ?region={region} behind the endpoint")
    }
}

/// The causes of an error without the SDK's own wrapping: what a person can act on.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    if texts.is_empty() { error.to_string() } else { texts.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, code: &str, retry_after: Option<u32>) -> Error {
        let answer = Answer { status, code: code.to_owned(), retry_after, ..Answer::default() };
        Failure::Answer(answer).error("GetObject")
    }

    #[test]
    fn answers_become_what_the_caller_should_do() {
        assert_eq!(told(404, "NoSuchBucket", None), Error::NoSuchBucket);
        assert_eq!(told(404, "NoSuchUpload", None), Error::NoSuchObject);
        assert_eq!(told(404, "", None), Error::NoSuchObject);
        assert_eq!(told(403, "SignatureDoesNotMatch", None), Error::AccessDenied);
        assert_eq!(told(400, "ExpiredToken", None), Error::AccessDenied);
        assert_eq!(told(503, "SlowDown", None), Error::Throttled(None));
        assert_eq!(told(503, "ServiceUnavailable", Some(7)), Error::Throttled(Some(7)));
        assert_eq!(told(429, "", Some(2)), Error::Throttled(Some(2)));
        assert_eq!(told(400, "RequestTimeout", None), Error::Timeout);
        let unavailable = Error::Unavailable("GetObject: status 500".to_owned());
        assert_eq!(told(500, "InternalError", None), unavailable);
        assert!(told(409, "ConditionalRequestConflict", None).is_transient());
        assert!(told(400, "BadDigest", None).is_transient());
        assert_eq!(told(400, "X", None), Error::InvalidArgument("GetObject: X".to_owned()));
        assert_eq!(told(501, "", None), Error::Unsupported("GetObject:".to_owned()));
    }

    #[test]
    fn who_got_no_answer_does_not_know_what_was_done() {
        let answer = |status, retry_after| {
            Failure::Answer(Answer { status, retry_after, ..Answer::default() }).is_undecided()
        };
        assert!(answer(500, None) && answer(504, None) && Failure::Timeout.is_undecided());
        assert!(!answer(503, Some(1)) && !answer(412, None) && !answer(404, None));
    }

    #[test]
    fn another_region_is_named() {
        let region = Some("eu-west-1".to_owned());
        let answer = Answer { status: 301, region, ..Answer::default() };
        let Error::InvalidArgument(text) = answer.error("HeadBucket") else { panic!() };
        assert!(text.ends_with("write ?region=eu-west-1 behind the endpoint"), "{text}");
    }

    #[test]
    fn what_a_store_cannot_do_is_told_with_the_call_and_a_remedy() {
        for (status, code) in
            [(501, "NotImplemented"), (400, "AccessControlListNotSupported"), (405, "")]
        {
            let answer = Answer { status, code: code.to_owned(), ..Answer::default() };
            let error = Failure::Answer(answer).error_or("ListObjectVersions", "list `Current`");
            let Error::Unsupported(text) = error else { panic!("{error:?}") };
            assert!(
                text.contains("ListObjectVersions") && text.ends_with("; list `Current`"),
                "{text}"
            );
        }
        let answer = Answer { status: 403, ..Answer::default() };
        assert_eq!(Failure::Answer(answer).error_or("PutObject", "x"), Error::AccessDenied);
    }
}
