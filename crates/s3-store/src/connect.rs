//! The store, and how it is reached.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    Credentials, ProvideCredentials as _, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::BoxError;
use aws_smithy_http_client::tls;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use stocktake_capabilities::Error;
use tokio::runtime::Handle;

use crate::S3Endpoint;
use crate::ahead::Ahead;
use crate::failure::Failure;
use crate::names::check_bucket;
use crate::requests::{Requests, TrueKeys};
use crate::retries::Patience;
use crate::whole::Whole;

/// A connection within a data centre takes a millisecond, around the world and through TLS under a second.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What one whole attempt may take beside the wait for its answer: 8 MiB, the largest body, at 4 Mbit/s.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(20);

/// How often a request is tried. More is left to the task queue, which waits longer than a call can.
const ATTEMPTS: u32 = 3;

/// What requests are signed for where nothing says anything else; most stores other than Amazon's take any region.
const REGION_DEFAULT: &str = "us-east-1";

/// An S3 endpoint.
///
/// - Methods of the capabilities block; call them from threads that may, never from within a task of a runtime.
/// - Needs no lock: share it by reference or in an [`Arc`](std::sync::Arc).
/// - Neither this value nor an error of it ever shows a secret.
pub struct S3Store {
    pub(crate) client: Client,
    pub(crate) runtime: Handle,
    pub(crate) ahead: Ahead,
    pub(crate) endpoint: S3Endpoint,
    requests: Requests,
}

/// Keys of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Keys {
    /// Names the keys; not a secret.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// Comes with keys that are valid for a while.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for S3Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Keys").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Why a store cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No source of credentials has any.
    #[error(
        "there are no keys for {endpoint}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN for temporary ones), or AWS_PROFILE for a profile of ~/.aws/credentials, or AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN"
    )]
    NoCredentials {
        /// The store.
        endpoint: String,
        /// What each source said.
        #[source]
        source: BoxError,
    },
}

/// Why a bucket cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BucketError {
    /// There is none of that name.
    #[error("{endpoint} has no bucket `{bucket}`; create it, or correct its name")]
    Missing {
        /// The store.
        endpoint: String,
        /// The bucket.
        bucket: String,
    },
    /// The keys are wrong, or may not list it.
    #[error(
        "{endpoint} denies access to bucket `{bucket}`; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE, and that they may list the bucket"
    )]
    Denied {
        /// The store.
        endpoint: String,
        /// The bucket.
        bucket: String,
    },
    /// No answer.
    #[error("{endpoint} cannot be reached: {cause}")]
    Unreachable {
        /// The store.
        endpoint: String,
        /// What went wrong.
        cause: String,
    },
    /// Anything else.
    #[error("bucket `{bucket}` of {endpoint}: {error}")]
    Other {
        /// The store.
        endpoint: String,
        /// The bucket.
        bucket: String,
        /// What the store answered.
        error: Error,
    },
}

impl S3Store {
    /// Opens a store with the credentials that AWS's tools would take: the environment, profiles, web identity,
    /// containers, instances.
    ///
    /// Blocks until there are credentials; sends no request to the store. `runtime` has to be a multi-threaded one
    /// with I/O and time, and outlive the store.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(endpoint: &S3Endpoint, runtime: Handle) -> Result<Self, ConnectError> {
        let shared = runtime.block_on(loader(endpoint).load());
        let missing = |source: BoxError| ConnectError::NoCredentials {
            endpoint: endpoint.to_string(),
            source,
        };
        let credentials =
            shared.credentials_provider().ok_or_else(|| missing("there is no source".into()))?;
        runtime
            .block_on(credentials.provide_credentials())
            .map_err(|error| missing(error.into()))?;
        Ok(Self::new(endpoint, &shared, runtime))
    }

    /// Opens a store with these keys, and asks nobody else for some.
    ///
    /// Sends no request. `runtime` as for [`S3Store::connect`].
    #[must_use]
    pub fn with_keys(endpoint: &S3Endpoint, keys: S3Keys, runtime: Handle) -> Self {
        let S3Keys { access_key_id, secret_access_key, session_token } = keys;
        let credentials =
            Credentials::new(access_key_id, secret_access_key, session_token, None, "S3Keys");
        let loading = loader(endpoint).credentials_provider(credentials).load();
        let shared = runtime.block_on(loading);
        Self::new(endpoint, &shared, runtime)
    }

    fn new(endpoint: &S3Endpoint, shared: &SdkConfig, runtime: Handle) -> Self {
        let requests = Requests::default();
        let config = aws_sdk_s3::config::Builder::from(shared)
            .endpoint_url(endpoint.url())
            .force_path_style(endpoint.is_path_style())
            // Directory buckets are refused by name; their sessions would cost requests and time.
            .disable_s3_express_session_auth(true)
            // Stores that are some years old refuse checksums in trailers. The signature covers bodies anyway.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_classifier(Patience)
            .interceptor(TrueKeys)
            .interceptor(requests.clone())
            .build();
        Self {
            client: Client::from_conf(config),
            runtime,
            ahead: Ahead::default(),
            endpoint: endpoint.clone(),
            requests,
        }
    }

    /// How many requests were sent so far, by the name of their operation, each retry counted anew.
    #[must_use]
    pub fn requests_sent(&self) -> BTreeMap<String, u64> {
        self.requests.by_operation()
    }

    /// Where the store is.
    #[must_use]
    pub fn endpoint(&self) -> &S3Endpoint {
        &self.endpoint
    }

    /// The client itself, for what the capabilities leave out, such as making buckets. Its requests are counted.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Checks that a bucket is there and can be listed, with words for people.
    ///
    /// Costs one request.
    ///
    /// # Errors
    /// [`BucketError`].
    pub fn require_bucket(&self, bucket: &str) -> Result<(), BucketError> {
        let endpoint = self.endpoint.to_string();
        let other = |error| BucketError::Other {
            endpoint: self.endpoint.to_string(),
            bucket: bucket.to_owned(),
            error,
        };
        match check_bucket(bucket) {
            Ok(()) => {}
            Err(Error::NoSuchBucket) => {
                return Err(BucketError::Missing { endpoint, bucket: bucket.to_owned() });
            }
            Err(error) => return Err(other(error)),
        }
        let Err(failure) = self.runtime.block_on(self.ask_bucket(bucket)) else { return Ok(()) };
        let bucket = bucket.to_owned();
        Err(match failure {
            Failure::Timeout => {
                BucketError::Unreachable { endpoint, cause: Error::Timeout.to_string() }
            }
            Failure::Unreachable(cause) => BucketError::Unreachable { endpoint, cause },
            failure => match failure.error("HeadBucket") {
                Error::NoSuchBucket | Error::NoSuchObject => {
                    BucketError::Missing { endpoint, bucket }
                }
                Error::AccessDenied => BucketError::Denied { endpoint, bucket },
                error => other(error),
            },
        })
    }

    /// Asks whether a bucket is there.
    pub(crate) async fn ask_bucket(&self, bucket: &str) -> Result<(), Failure> {
        let whole = Whole::head(|_| Ok(()));
        let request = self.client.head_bucket().bucket(bucket).customize();
        whole.taken(request.interceptor(whole.interceptor()).send().await)
    }
}

impl std::fmt::Debug for S3Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Store").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Everything but the credentials.
fn loader(endpoint: &S3Endpoint) -> ConfigLoader {
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(endpoint.timeout())
        .operation_attempt_timeout(endpoint.timeout() + TRANSFER_TIMEOUT)
        .build();
    let region = endpoint.region().map(|region| Region::new(region.to_owned()));
    // Not the whole default chain: outside of Amazon it waits for a metadata service that nobody runs.
    let region = RegionProviderChain::first_try(region)
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
        .or_else(Region::new(REGION_DEFAULT));
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(https)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .region(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let endpoint = S3Endpoint::parse("s3+http://127.0.0.1:1").unwrap();
        let keys = S3Keys {
            access_key_id: "AKID".to_owned(),
            secret_access_key: "hidden-secret".to_owned(),
            session_token: Some("hidden-token".to_owned()),
        };
        let shown = format!("{keys:?}");
        let store = S3Store::with_keys(&endpoint, keys, runtime.handle().clone());
        let error = store.require_bucket("bucket").unwrap_err();
        assert!(matches!(error, BucketError::Unreachable { .. }), "{error:?}");
        for text in [shown, format!("{store:?}"), format!("{error} {error:?}")] {
            assert!(!text.contains("hidden"), "{text}");
        }
    }
}
