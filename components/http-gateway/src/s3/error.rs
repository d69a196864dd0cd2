//! Refusals in the words of S3.

use std::borrow::Cow;

use stocktake_capabilities as capabilities;
use stocktake_core::finding::Finding;

use super::xml::Document;
use crate::findings;
use crate::http::Response;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident $status:literal $message:literal;)*) => {
        /// What went wrong. Status and text are those of "Error responses" in the Amazon S3 API reference, as far as
        /// Amazon S3 has the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($(#[$doc])* $code,)* }

        impl Code {
            /// Status, code and the usual text.
            fn answer(self) -> (u16, &'static str, &'static str) {
                match self { $(Self::$code => ($status, stringify!($code), $message),)* }
            }
        }
    };
}

codes! {
    AccessDenied 403 "Access Denied";
    BadDigest 400 "The Content-MD5 you specified did not match what we received.";
    BucketAlreadyExists 409 "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    BucketAlreadyOwnedByYou 409 "Your previous request to create the named bucket succeeded and you already own it.";
    /// A one-time inventory whose id is in use; Tencent COS alone has them.
    DuplicateInventory 409 "An inventory job with this ID already exists.";
    IdMismatch 400 "Document ID does not match the specified configuration ID.";
    /// `CoreWeave` alone has it.
    IllegalInventoryConfigurationException 400 "The inventory service cannot write to the destination bucket.";
    IllegalLocationConstraintException 400 "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.";
    InternalError 500 "We encountered an internal error. Please try again.";
    InvalidArgument 400 "Invalid Argument";
    InvalidBucketName 400 "The specified bucket is not valid.";
    InvalidConfigurationId 400 "The specified configuration id is invalid.";
    InvalidDigest 400 "The Content-MD5 you specified is not valid.";
    InvalidRequest 400 "Invalid Request";
    InvalidS3DestinationBucket 400 "Invalid bucket ARN.";
    InvalidToken 400 "The provided token is malformed or otherwise not valid.";
    InvalidURI 400 "Couldn't parse the specified URI.";
    MalformedPolicy 400 "This policy contains invalid Json";
    MalformedXML 400 "The XML you provided was not well-formed or did not validate against our published schema";
    MaxMessageLengthExceeded 400 "Your request was too big.";
    MethodNotAllowed 405 "The specified method is not allowed against this resource.";
    NoSuchBucket 404 "The specified bucket does not exist";
    NoSuchBucketPolicy 404 "The bucket policy does not exist";
    NoSuchConfiguration 404 "The specified configuration does not exist.";
    NoSuchInventoryConfiguration 404 "The specified configuration does not exist.";
    /// Of our own API.
    NoSuchRun 404 "The specified run does not exist.";
    /// Of our own API.
    NotFound 404 "There is no such resource.";
    NotImplemented 501 "A header you provided implies functionality that is not implemented";
    /// Of our own: what must be confirmed.
    PolicyLocksOut 409 "The policy locks out.";
    OperationAborted 409 "A conflicting conditional operation is currently in progress against this resource. Try again.";
    PolicyTooLarge 400 "Policy exceeds the maximum allowed document size.";
    /// Of our own API.
    RunEnded 409 "The run had ended before it could be cancelled.";
    /// Of our own API.
    RunInProgress 409 "A run of this configuration is unfinished.";
    ServiceUnavailable 503 "Service is unable to handle request.";
    SlowDown 503 "Please reduce your request rate.";
    TooManyConfigurations 400 "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.";
    /// Of our own API.
    UnusableConfiguration 422 "The configuration is not usable.";
}

/// A refusal, before it is known in which form it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    /// The status code.
    pub(crate) status: u16,
    /// What programs tell it by.
    pub(crate) code: &'static str,
    /// What people read. Free of credentials.
    pub(crate) message: Cow<'static, str>,
    /// What goes along.
    pub(crate) about: About,
    /// For logs.
    pub(crate) detail: Option<String>,
}

/// What goes along with a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Nothing,
    /// After how many seconds to try again.
    After(u32),
    /// What is wrong with the document.
    Findings(Vec<Finding>),
    /// The methods that the resource has, as it lacks the one that was used.
    Methods(&'static str),
    /// The region that is served here, as the request is signed for another.
    Region(String),
    /// The run that is why.
    Run(String),
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        let (status, code, message) = code.answer();
        let message = Cow::Borrowed(message);
        Self { status, code, message, about: About::Nothing, detail: None }
    }
}

impl Code {
    /// The same with another text.
    pub(crate) fn saying(self, message: impl Into<Cow<'static, str>>) -> Error {
        Error { message: message.into(), ..self.into() }
    }

    /// The same with more about it for logs.
    pub(crate) fn because(self, detail: impl Into<String>) -> Error {
        Error { detail: Some(detail.into()), ..self.into() }
    }

    /// The same with something that goes along.
    pub(crate) fn about(self, about: About) -> Error {
        Error { about, ..self.into() }
    }
}

impl From<capabilities::Error> for Error {
    fn from(error: capabilities::Error) -> Self {
        use capabilities::Error as E;
        let code = match &error {
            E::NoSuchBucket => Code::NoSuchBucket,
            E::AccessDenied => Code::AccessDenied,
            E::Throttled(_) => Code::SlowDown,
            E::Timeout | E::Unavailable(_) => Code::ServiceUnavailable,
            E::InvalidArgument(_) => Code::InvalidRequest,
            E::Unsupported(_) => Code::NotImplemented,
            _ => Code::InternalError,
        };
        let about = match error {
            E::Throttled(Some(seconds)) => About::After(seconds),
            _ => About::Nothing,
        };
        Self { about, ..code.because(error.to_string()) }
    }
}

impl Error {
    /// The method is none of those that the resource has.
    pub(crate) fn not_allowed(allow: &'static str) -> Self {
        Code::MethodNotAllowed.about(About::Methods(allow))
    }

    /// The answer in XML.
    pub(crate) fn answer(&self, request_id: &str) -> Response {
        let mut document = Document::new("Error", None);
        document.leaf("Code", self.code);
        document.leaf("Message", &self.message);
        if let About::Region(region) = &self.about {
            document.leaf("Region", region);
        }
        document.leaf("RequestId", request_id);
        self.dress(document.answer(self.status))
    }

    /// Adds what stands in headers.
    pub(crate) fn dress(&self, mut response: Response) -> Response {
        response = match &self.about {
            About::After(seconds) => response.header("retry-after", &seconds.to_string()),
            About::Methods(methods) => response.header("allow", methods),
            About::Findings(found) => response.maybe(findings::HEADER, findings::header(found)),
            About::Nothing | About::Region(_) | About::Run(_) => response,
        };
        response.detail.clone_from(&self.detail);
        response
    }
}
