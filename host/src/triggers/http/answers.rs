//! What the host itself answers: errors in the form of the S3 API, where no component has answered.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};

use crate::engine::HttpAnswer;

/// Why a request was not answered by a component. The client's part; details go to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The address and headers are larger than allowed.
    HeadTooLarge,
    /// There is not exactly one host to speak to.
    Host,
    /// The body is larger than allowed.
    BodyTooLarge,
    /// The body ended early or broke the protocol.
    BodyBroken,
    /// The body did not come in time.
    BodyTooSlow,
    /// There is no room now.
    Busy,
    /// The component took too long.
    Deadline,
    /// The component, or this host, broke down.
    Broken,
}

impl Refusal {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::HeadTooLarge => (
                StatusCode::BAD_REQUEST,
                "RequestHeaderSectionTooLarge",
                "Your request header section exceeds the maximum allowed size.",
            ),
            Self::Host => (
                StatusCode::BAD_REQUEST,
                "InvalidRequest",
                "The request must name its host exactly once.",
            ),
            Self::BodyTooLarge => {
                (StatusCode::BAD_REQUEST, "MaxMessageLengthExceeded", "Your request was too large.")
            }
            Self::BodyBroken => (
                StatusCode::BAD_REQUEST,
                "IncompleteBody",
                "The body of the request ended early or was malformed.",
            ),
            Self::BodyTooSlow => (
                StatusCode::BAD_REQUEST,
                "RequestTimeout",
                "The body of the request was not received in time.",
            ),
            Self::Busy => {
                (StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate.")
            }
            Self::Deadline => (
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailable",
                "The request took too long. Please try again.",
            ),
            Self::Broken => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
        }
    }

    /// Whether the rest of the request may still be on its way, so that the connection is of no more use.
    fn closes(self) -> bool {
        match self {
            Self::HeadTooLarge
            | Self::Host
            | Self::BodyTooLarge
            | Self::BodyBroken
            | Self::BodyTooSlow
            | Self::Busy => true,
            Self::Deadline | Self::Broken => false,
        }
    }

    /// The answer. `id` names the request, in the log too.
    pub(super) fn answer(self, method: &Method, id: &str) -> HttpAnswer {
        let (status, code, message) = self.parts();
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
        );
        let body = if *method == Method::HEAD { Bytes::new() } else { Bytes::from(text) };
        let mut answer = HttpAnswer::new(body);
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert("x-amz-request-id", id);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.closes() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

/// A new id of a request: 16 digits, as S3's are.
pub(super) fn request_id() -> String {
    let mut bytes = [0; 8];
    // It only joins an answer to a line of the log, so no randomness is no reason to fail.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    crate::hex(&bytes).to_uppercase()
}
