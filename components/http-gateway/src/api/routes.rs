//! Which call of the JSON API a request is.

use crate::s3::{Code, Error};

/// A call of the JSON API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Health,
    Description,
    Validate,
    Configuration,
    Runs,
    Start,
    Run,
    Cancel,
    Lint,
    Evaluate,
    Preflight,
    Compare,
}

/// One call: its method, and its path behind `/v1/`.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    call: Call,
}

const fn route(method: &'static str, path: &'static str, call: Call) -> Route {
    Route { method, path, call }
}

/// Every call. Of two paths that fit, the first counts.
pub(crate) const ROUTES: &[Route] = &[
    route("GET", "stocktake/health", Call::Health),
    route("GET", "stocktake/openapi.json", Call::Description),
    route("POST", "stocktake/inventory/validate", Call::Validate),
    route("GET", "stocktake/inventory/{bucket}/{id}", Call::Configuration),
    route("GET", "stocktake/inventory/{bucket}/{id}/runs", Call::Runs),
    route("POST", "stocktake/inventory/{bucket}/{id}/runs", Call::Start),
    route("GET", "stocktake/inventory/{bucket}/{id}/runs/{run}", Call::Run),
    route("DELETE", "stocktake/inventory/{bucket}/{id}/runs/{run}", Call::Cancel),
    route("POST", "stocktake/policy/lint", Call::Lint),
    route("POST", "stocktake/policy/evaluate", Call::Evaluate),
    route("POST", "stocktake/policy/preflight", Call::Preflight),
    route("POST", "stocktake/policy/compare", Call::Compare),
];

/// What stands in the variable parts of a path; empty where it has no such part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) id: &'a str,
    pub(crate) run: &'a str,
}

/// The call of a method and a path. HEAD finds what GET finds.
///
/// # Errors
/// There is no such path, or it has no such method.
pub(crate) fn find<'a>(
    method: &str,
    segments: &'a [String],
) -> Result<(Call, Parameters<'a>), Error> {
    let fitting: Vec<(&Route, Parameters<'a>)> = ROUTES
        .iter()
        .filter_map(|route| Some((route, parameters(route.path, segments)?)))
        .collect();
    let wanted = if method == "HEAD" { "GET" } else { method };
    if let Some((route, parameters)) = fitting.iter().find(|(route, _)| route.method == wanted) {
        return Ok((route.call, *parameters));
    }
    let methods: Vec<&str> = fitting.iter().map(|(route, _)| route.method).collect();
    Err(match methods.as_slice() {
        [] => Code::NotFound.into(),
        ["GET"] => Error::not_allowed("GET, HEAD"),
        ["POST"] => Error::not_allowed("POST"),
        ["GET", "DELETE"] => Error::not_allowed("DELETE, GET, HEAD"),
        _ => Error::not_allowed("GET, HEAD, POST"),
    })
}

fn parameters<'a>(path: &str, segments: &'a [String]) -> Option<Parameters<'a>> {
    let mut found = Parameters::default();
    let mut given = segments.iter();
    for part in path.split('/') {
        let segment = given.next()?;
        let place = match part {
            "{bucket}" => &mut found.bucket,
            "{id}" => &mut found.id,
            "{run}" => &mut found.run,
            fixed if fixed == segment => continue,
            _ => return None,
        };
        *place = segment;
    }
    given.next().is_none().then_some(found)
}
