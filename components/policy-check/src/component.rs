//! Binds the logic to the world `policy-check`. Decides nothing.
#![expect(unsafe_code, reason = "the export macro of wit-bindgen")]

mod convert;

mod bindings {
    #![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; documented in wit/")]
    wit_bindgen::generate!({
        path: [
            "../../wit/deps/io", "../../wit/deps/clocks", "../../wit/deps/random",
            "../../wit/deps/filesystem", "../../wit/deps/sockets", "../../wit/deps/cli",
            "../../wit/deps/http", "../../wit/host", "../../wit/functions", "../../wit/worlds.wit",
        ],
        world: "stocktake:components/policy-check",
        generate_all,
    });
}

// For its allocator: nothing is imported.
use stocktake_guest as _;

use bindings::exports::stocktake::functions::policy_check as wit;
use bindings::exports::stocktake::functions::types::{Dialect, Finding};
use convert::all;
use stocktake_core::policy::Replacement;

struct Component;

bindings::export!(Component with_types_in bindings);

impl wit::Guest for Component {
    fn lint(document: wit::Document, dialect: Dialect, options: wit::Options) -> Vec<Finding> {
        all(crate::lint(&document.into(), dialect.into(), &options.into()))
    }

    fn principal_named(name: String, dialect: Dialect) -> wit::Principal {
        crate::principal_named(&name, dialect.into()).into()
    }

    fn evaluate(
        request: wit::Request,
        policies: wit::Policies,
        dialect: Dialect,
        options: wit::Options,
    ) -> wit::Verdict {
        let (request, policies) = (request.into(), policies.into());
        crate::evaluate(&request, &policies, dialect.into(), &options.into()).into()
    }

    fn preflight(
        delivery: wit::Delivery,
        dialect: Dialect,
        options: wit::Options,
    ) -> wit::PreflightReport {
        crate::preflight(&delivery.into(), dialect.into(), &options.into()).into()
    }

    fn compare(
        bucket: String,
        role: wit::BucketRole,
        before: Option<wit::Document>,
        after: Option<wit::Document>,
        organization: Option<Vec<wit::Document>>,
        principals: Vec<wit::Principal>,
        dialect: Dialect,
        options: wit::Options,
    ) -> wit::Comparison {
        let replacement = Replacement {
            bucket,
            role: role.into(),
            before: before.map(Into::into),
            after: after.map(Into::into),
            organization: organization.map(all),
            principals: all(principals),
        };
        crate::compare(&replacement, dialect.into(), &options.into()).into()
    }

    fn explain(question: String) -> String {
        crate::explain(&question)
    }
}
