//! Answers taken whole: the SDK sends a request, and its answer is read here and not by the SDK.
//!
//! The SDK's generated readers take the end of input for the end of a document, and what is missing for a default. So
//! they are replaced, call by call: the body is bounded while it comes in, [`answers`](crate::answers) reads it, and
//! the SDK is told no more than whether that went well, which is what its retries go by.

mod bounded;
mod operations;

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, ErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};

use crate::answers::errors::ERROR_BYTES_MAX;
use crate::answers::{Flaw, Response, errors};
use crate::failure::{Answer, Failure};
use operations::Operation;

/// How much of a request's address an error shows; tokens of listings can be long.
const ADDRESS_CHARS_MAX: usize = 300;

/// How one kind of answer is read.
type Read<T> = dyn Fn(&Response<'_>) -> Result<T, Flaw> + Send + Sync;

/// Reads the answer to one call of the operation with the output `O`. Clones share what was read.
pub(crate) struct Whole<O, T>(Arc<Reading<O, T>>);

struct Reading<O, T> {
    limit: usize,
    is_head: bool,
    read: Box<Read<T>>,
    attempt: Mutex<Attempt<T>>,
    operation: PhantomData<fn() -> O>,
}

/// The attempt that is under way.
struct Attempt<T> {
    /// Method and address.
    request: String,
    /// None before there is an answer.
    outcome: Option<Result<T, Failure>>,
}

impl<O: Operation, T: Send + 'static> Whole<O, T> {
    /// For an answer of at most `limit` bytes.
    pub(crate) fn new(
        limit: usize,
        read: impl Fn(&Response<'_>) -> Result<T, Flaw> + Send + Sync + 'static,
    ) -> Self {
        Self::of(limit, false, read)
    }

    /// For a HEAD, whose answer has no body.
    pub(crate) fn head(
        read: impl Fn(&Response<'_>) -> Result<T, Flaw> + Send + Sync + 'static,
    ) -> Self {
        Self::of(0, true, read)
    }

    fn of(
        limit: usize,
        is_head: bool,
        read: impl Fn(&Response<'_>) -> Result<T, Flaw> + Send + Sync + 'static,
    ) -> Self {
        let attempt = Mutex::new(Attempt { request: String::new(), outcome: None });
        let (read, operation) = (Box::new(read), PhantomData);
        Self(Arc::new(Reading { limit, is_head, read, attempt, operation }))
    }

    /// What the call's customisation takes.
    pub(crate) fn interceptor(&self) -> impl Intercept + 'static {
        Self(Arc::clone(&self.0))
    }

    /// What was read, once the call has ended.
    pub(crate) fn taken<E>(&self, sent: Result<O, SdkError<E, HttpResponse>>) -> Result<T, Failure>
    where
        E: std::error::Error + 'static,
    {
        let outcome = self.0.attempt().outcome.take();
        match (sent, outcome) {
            (_, Some(Err(failure))) => Err(failure),
            (Ok(_), Some(Ok(value))) => Ok(value),
            (Ok(_), None) => Err(Failure::Broken("the answer was not read".to_owned())),
            (Err(error), _) => Err(Failure::of(&error)),
        }
    }
}

impl<O: Operation, T: Send + 'static> Reading<O, T> {
    fn attempt(&self) -> MutexGuard<'_, Attempt<T>> {
        self.attempt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most bytes of an answer with this status.
    fn limit(&self, is_success: bool) -> usize {
        if is_success { self.limit } else { ERROR_BYTES_MAX }
    }

    fn read(&self, response: &HttpResponse) -> Result<T, Flaw> {
        let is_success = response.status().is_success();
        let response = Response {
            status: response.status().as_u16(),
            headers: response.headers().iter_bytes().collect(),
            bytes: response.body().bytes().unwrap_or_default(),
            limit: self.limit(is_success),
            is_head: self.is_head,
        };
        if is_success {
            return (self.read)(&response);
        }
        Err(errors::answer(&response).map_or_else(|flaw| flaw, Flaw::Refused))
    }
}

/// Replaces the SDK's reader, and bounds what it reads.
impl<O: Operation, T: Send + 'static> Intercept for Whole<O, T> {
    fn name(&self) -> &'static str {
        "Whole"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let reader = SharedResponseDeserializer::new(Self(Arc::clone(&self.0)));
        config.interceptor_state().store_put(reader);
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let address: String = request.uri().chars().take(ADDRESS_CHARS_MAX).collect();
        let mut attempt = self.0.attempt();
        attempt.request = format!("{} {address}", request.method());
        // What an earlier attempt brought says nothing of this one.
        attempt.outcome = None;
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        bounded::bound(response, self.0.limit(response.status().is_success()));
        Ok(())
    }
}

impl<O: Operation, T: Send + 'static> DeserializeResponse for Whole<O, T> {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let outcome = self.0.read(response);
        let mut attempt = self.0.attempt();
        let told = |what: &str| format!("{what}; the request was {}", attempt.request);
        let (outcome, ended) = match outcome {
            Ok(value) => {
                let output = O::nothing().map(Output::erase).map_err(OrchestratorError::other);
                (Ok(value), output)
            }
            Err(Flaw::Refused(answer)) => {
                let error = Error::erase(O::refused(metadata(&answer)));
                (Err(Failure::Answer(answer)), Err(OrchestratorError::operation(error)))
            }
            // Tried again, as a connection that broke is.
            Err(Flaw::Cut(what)) => {
                let ended = OrchestratorError::response(what.as_str().into());
                (Err(Failure::Cut(told(&what))), Err(ended))
            }
            Err(Flaw::Wrong(what)) => {
                let ended = OrchestratorError::other(what.as_str());
                (Err(Failure::Broken(told(&what))), Err(ended))
            }
        };
        attempt.outcome = Some(outcome);
        ended
    }
}

impl<O, T> fmt::Debug for Whole<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Whole").field("limit", &self.0.limit).finish_non_exhaustive()
    }
}

/// What the SDK's retries go by, beside the status.
fn metadata(answer: &Answer) -> ErrorMetadata {
    let code = Some(answer.code.clone()).filter(|code| !code.is_empty());
    let mut metadata = ErrorMetadata::builder().message(&answer.message);
    if let Some(code) = code {
        metadata = metadata.code(code);
    }
    metadata.build()
}
