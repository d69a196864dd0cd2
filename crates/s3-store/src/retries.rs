//! Which requests the client tries again by itself, and when.

use std::time::Duration;

use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{RetryClassifierPriority, RetryReason};

/// The longest wait within a call. A longer one is told to the caller: a task that waits keeps a worker.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Heeds `Retry-After` (RFC 9110, section 10.2.3), of which the SDK knows only a variant of Amazon's own.
#[derive(Debug)]
pub(crate) struct Patience;

impl ClassifyRetry for Patience {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        self.classify_retry_v2(context, &RetryAction::NoActionIndicated)
    }

    fn classify_retry_v2(
        &self,
        context: &InterceptorContext,
        previous: &RetryAction,
    ) -> RetryAction {
        let RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) = previous else {
            return RetryAction::NoActionIndicated;
        };
        let header = context.response().and_then(|answer| answer.headers().get("retry-after"));
        match header.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs) {
            None => RetryAction::NoActionIndicated,
            Some(wait) if wait <= WAIT_MAX => {
                RetryAction::retryable_error_with_explicit_delay(*kind, wait)
            }
            Some(_) => RetryAction::RetryForbidden,
        }
    }

    fn name(&self) -> &'static str {
        "Patience"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Leaves out retries of a request that may have been carried out: only a store that is too busy has not begun.
#[derive(Debug)]
pub(crate) struct OnlyRefused;

impl ClassifyRetry for OnlyRefused {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response().map(|answer| answer.status().as_u16()) {
            Some(429 | 503) => RetryAction::NoActionIndicated,
            _ => RetryAction::RetryForbidden,
        }
    }

    fn name(&self) -> &'static str {
        "OnlyRefused"
    }
}
