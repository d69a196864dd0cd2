//! Binds the logic to the world `inventory-config`. Decides nothing.
#![expect(unsafe_code, reason = "the export macro of wit-bindgen")]

use stocktake_core::finding;
use stocktake_guest::Host;

mod runs;

mod bindings {
    #![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; documented in wit/")]
    wit_bindgen::generate!({
        path: [
            "../../wit/deps/io", "../../wit/deps/clocks", "../../wit/deps/random",
            "../../wit/deps/filesystem", "../../wit/deps/sockets", "../../wit/deps/cli",
            "../../wit/deps/http", "../../wit/host", "../../wit/functions", "../../wit/worlds.wit",
        ],
        world: "stocktake:components/inventory-config",
        with: {
            "stocktake:host/types@0.1.0": stocktake_guest::bindings::stocktake::host::types,
            "stocktake:host/state@0.1.0": stocktake_guest::bindings::stocktake::host::state,
            "stocktake:host/queue@0.1.0": stocktake_guest::bindings::stocktake::host::queue,
        },
        generate_all,
    });
}

use bindings::exports::stocktake::functions::inventory_config::{
    ConfigurationPage, DeleteOutcome, Error, Guest, Judgement, PutOutcome, Seen, Syntax,
};
use bindings::stocktake::functions::types::{Dialect, Finding, Level};

struct Component;

bindings::export!(Component with_types_in bindings);

impl Guest for Component {
    fn validate(document: Vec<u8>, syntax: Syntax, dialect: Dialect) -> Judgement {
        let judged = crate::check(&document, syntax.into(), dialect.into());
        Judgement {
            findings: findings(judged.findings),
            configuration: judged.configuration.map(|usable| usable.to_json()),
        }
    }

    fn put(
        bucket: String,
        id: String,
        document: Vec<u8>,
        syntax: Syntax,
        dialect: Dialect,
        seen: Vec<Seen>,
    ) -> Result<PutOutcome, Error> {
        let (syntax, dialect, seen) = (syntax.into(), dialect.into(), records(seen));
        let outcome = crate::put(&Host, &bucket, &id, &document, syntax, dialect, &seen)?;
        Ok(match outcome {
            crate::PutOutcome::Stored(found) => PutOutcome::Stored(findings(found)),
            crate::PutOutcome::Refused(found) => PutOutcome::Refused(findings(found)),
            crate::PutOutcome::TooMany => PutOutcome::TooMany,
            crate::PutOutcome::Overtaken => PutOutcome::Overtaken,
        })
    }

    fn get(bucket: String, id: String) -> Result<Option<String>, Error> {
        Ok(crate::get(&Host, &bucket, &id)?)
    }

    fn list(bucket: String, cursor: Option<String>) -> Result<ConfigurationPage, Error> {
        let page = crate::list(&Host, &bucket, cursor.as_deref())?;
        Ok(ConfigurationPage { configurations: page.configurations, next: page.next })
    }

    fn delete(bucket: String, id: String, seen: Vec<Seen>) -> Result<DeleteOutcome, Error> {
        Ok(crate::delete(&Host, &bucket, &id, &records(seen))?.into())
    }
}

fn records(seen: Vec<Seen>) -> Vec<crate::Seen> {
    seen.into_iter().map(|Seen { key, revision }| crate::Seen { key, revision }).collect()
}

fn findings(found: Vec<finding::Finding>) -> Vec<Finding> {
    found.into_iter().map(Into::into).collect()
}

/// Enums whose cases have the same names on both sides.
macro_rules! same {
    ($from:path => $to:path { $($case:ident),+ }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                type Source = $from;
                match from {
                    $(Source::$case => Self::$case,)+
                }
            }
        }
    };
}

same!(Syntax => crate::Syntax { Json, Xml });
same!(Dialect => finding::Dialect { Any, Aws, Coreweave, Cos });
same!(finding::Dialect => Dialect { Any, Aws, Coreweave, Cos });
same!(crate::DeleteOutcome => DeleteOutcome { Deleted, NoSuchConfiguration, Overtaken });
same!(finding::Level => Level { Error, Warning, Security, Info });

impl From<finding::Finding> for Finding {
    fn from(found: finding::Finding) -> Self {
        Self {
            code: found.code.into_owned(),
            level: found.level.into(),
            dialect: found.dialect.into(),
            document: found.document,
            pointer: found.pointer,
            message: found.message,
            value: found.value,
            allowed: found.allowed,
            suggestion: found.suggestion,
            patch: found.patch,
        }
    }
}
