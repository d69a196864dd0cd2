//! Calls of `wasi:http/incoming-handler`: one request, one fresh instance, one answer.
//!
//! Both bodies are in memory, so that neither a slow sender nor a slow reader holds an instance, and so that a component
//! that crashes amid its answer has answered nothing. Nothing here knows about sockets.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::sync::oneshot;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::p2::bindings::{LinkOptions, http::types};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpHooks, WasiHttpView as _,
};

use super::component::{CallError, Component, Invoked};
use super::export::Export;
use super::invocation::Invocation;
use crate::capabilities::Capabilities;

/// A request with its whole body. Its `host` is a header or part of the address.
pub type HttpRequest = http::Request<Bytes>;

/// An answer with its whole body.
pub type HttpAnswer = http::Response<Bytes>;

/// The most bytes of an answer's body: a page of a thousand configurations of several KiB each fits.
pub const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Makes `wasi:http/types` available to components. `wasi:http/outgoing-handler` is left out: nobody can call out.
pub(super) fn add_to_linker(linker: &mut Linker<Invocation>) -> wasmtime::Result<()> {
    let options = LinkOptions::default();
    types::add_to_linker::<_, WasiHttp>(linker, &(&options).into(), Invocation::http)
}

/// What the host does around requests; denies calling out, should a way to it ever be linked.
pub(super) struct Hooks;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        _: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}

type Sent =
    Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

/// Why a component that came to its end has given no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("it ended without an answer")]
    None,
    #[error("it answered an error instead of a response: {0:?}")]
    Error(ErrorCode),
    #[error("the body of its answer is unfinished or has more than {ANSWER_BYTES_MAX} bytes")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Component {
    /// Calls `wasi:http/incoming-handler.handle`, within `limit` and the engine's deadline.
    ///
    /// # Errors
    /// [`CallError`], also for an answer above [`ANSWER_BYTES_MAX`].
    pub async fn call_http(
        &self,
        capabilities: &Capabilities,
        request: HttpRequest,
        limit: Duration,
    ) -> Result<Invoked<HttpAnswer>, CallError> {
        let Some(indices) = self.exports.http.clone() else {
            return Err(self.lacks(Export::Http));
        };
        let request = request.map(Full::new);
        let (sender, receiver) = oneshot::channel();
        let calling = self.invoke(capabilities, Some(limit), move |store, instance| {
            Box::pin(async move {
                let mut view = store.data_mut().http();
                let request = view.new_incoming_request(Scheme::Http, request)?;
                let answer = view.new_response_outparam(sender)?;
                let guest = indices.load(&mut *store, instance)?;
                guest.call_handle(store, request, answer).await
            })
        });
        // Beside the call, as a component cannot write its body to the end before somebody takes what it wrote; and in the
        // same task, as another one would wake another thread. Ends when the instance is gone.
        let (invoked, answer) = tokio::join!(calling, collect(receiver));
        let invoked = invoked?;
        let answer = answer.map_err(|none| self.broke(none))?;
        Ok(invoked.map(|()| answer))
    }
}

async fn collect(
    receiver: oneshot::Receiver<Result<http::Response<HyperOutgoingBody>, ErrorCode>>,
) -> Result<HttpAnswer, NoAnswer> {
    let answer = receiver.await.map_err(|_| NoAnswer::None)?.map_err(NoAnswer::Error)?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(NoAnswer::Body)?;
    Ok(HttpAnswer::from_parts(head, body.to_bytes()))
}
