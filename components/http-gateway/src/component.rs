//! Binds the logic to the world `http-gateway`. Decides nothing.
#![expect(unsafe_code, reason = "the export macro of wit-bindgen")]

mod functions;
mod policies;
mod policy_check;
mod wire;

use stocktake_capabilities::Instant;
use stocktake_guest::Host;
use wasi::cli::environment::get_environment;
use wasi::clocks::wall_clock;
use wasi::http::types::{IncomingRequest, ResponseOutparam};
use wasi::random::random::get_random_bytes;

use crate::{Moment, Request, Response, Services, Settings};
use functions::Functions;
use policies::Policies;

mod bindings {
    #![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; documented in wit/")]
    wit_bindgen::generate!({
        path: [
            "../../wit/deps/io", "../../wit/deps/clocks", "../../wit/deps/random",
            "../../wit/deps/filesystem", "../../wit/deps/sockets", "../../wit/deps/cli",
            "../../wit/deps/http", "../../wit/host", "../../wit/functions", "../../wit/worlds.wit",
        ],
        world: "stocktake:components/http-gateway",
        with: {
            "stocktake:host/types@0.1.0": stocktake_guest::bindings::stocktake::host::types,
            "stocktake:host/objects@0.1.0": stocktake_guest::bindings::stocktake::host::objects,
            "stocktake:host/buckets@0.1.0": stocktake_guest::bindings::stocktake::host::buckets,
            "stocktake:host/bucket-creation@0.1.0": stocktake_guest::bindings::stocktake::host::bucket_creation,
            "stocktake:host/state@0.1.0": stocktake_guest::bindings::stocktake::host::state,
            "stocktake:host/queue@0.1.0": stocktake_guest::bindings::stocktake::host::queue,
            "stocktake:host/identities@0.1.0": stocktake_guest::bindings::stocktake::host::identities,
            "wasi:cli/environment@0.2.0": wasi::cli::environment,
            "wasi:cli/stderr@0.2.0": wasi::cli::stderr,
            "wasi:clocks/monotonic-clock@0.2.0": wasi::clocks::monotonic_clock,
            "wasi:clocks/wall-clock@0.2.0": wasi::clocks::wall_clock,
            "wasi:http/types@0.2.0": wasi::http::types,
            "wasi:io/error@0.2.0": wasi::io::error,
            "wasi:io/poll@0.2.0": wasi::io::poll,
            "wasi:io/streams@0.2.0": wasi::io::streams,
            "wasi:random/random@0.2.0": wasi::random::random,
        },
        generate_all,
    });
}

struct Component;

bindings::export!(Component with_types_in bindings);

const SERVICES: Services<'static> = Services {
    objects: &Policies,
    buckets: &Host,
    bucket_creation: &Host,
    state: &Host,
    queue: &Host,
    identities: &Host,
    inventory_config: &Functions,
    inventory_runs: &Functions,
    policy_check: &Functions,
};

impl bindings::exports::wasi::http::incoming_handler::Guest for Component {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        let moment = moment();
        let response = respond(&request, &moment);
        if let Some(detail) = &response.detail {
            wire::log(&format!("{} {}: {detail}", moment.request_id, response.status));
        }
        wire::answer(outparam, &response);
    }
}

fn respond(request: &IncomingRequest, moment: &Moment) -> Response {
    let variables = get_environment();
    let variable = |name: &str| variables.iter().find(|(known, _)| known == name);
    let settings = Settings::read(|name| variable(name).map(|(_, value)| value.clone()));
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => {
            return Response {
                status: 500,
                detail: Some(error.to_string()),
                ..Response::default()
            };
        }
    };
    let head = wire::head(request).with_client(&settings);
    match crate::body_limit(&head, &settings, moment) {
        Ok(limit) => {
            // One byte more shows that there is more.
            let body = wire::body(request, limit.saturating_add(1));
            crate::respond(&Request { head, body }, &SERVICES, &settings, moment)
        }
        Err(refused) => refused,
    }
}

fn moment() -> Moment {
    let now = wall_clock::now();
    let seconds = now.seconds.try_into().unwrap_or(i64::MAX);
    Moment {
        now: Instant { seconds, nanoseconds: now.nanoseconds },
        request_id: hex(&get_random_bytes(8)).to_uppercase(),
        run_id: hex(&get_random_bytes(16)),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
