//! How much a call may hold.

use stocktake_core::finding::{Dialect, Finding, Level};
use stocktake_core::policy::{
    ContextEntry, Delivery, Document, Options, Policies, Principal, REQUEST, Replacement, Request,
};
use stocktake_policy::{
    CONTEXT_VALUES_MAX, DOCUMENT_BYTES_MAX, PRINCIPALS_MAX, REQUEST_TEXT_BYTES_MAX,
};

/// The most documents of a call.
///
/// AWS attaches at most 20 policies to a user, and as many to each of its 10 groups.
pub const DOCUMENTS_MAX: usize = 256;

/// The most bytes of all documents of a call: four of the greatest size.
///
/// A hostile one takes eighty times its size when it is parsed and judged, and small platforms give a function 128 MiB.
pub const DOCUMENTS_BYTES_MAX: usize = 4 * DOCUMENT_BYTES_MAX;

/// The most bytes of a question to [`crate::explain`], which holds documents too.
pub const QUESTION_BYTES_MAX: usize = DOCUMENTS_BYTES_MAX;

/// The most names of one principal: more groups than AWS lets a user be in.
pub const NAMES_MAX: usize = 100;

/// The most context keys of a request: AWS has some hundred, and as many tags as one thing may have.
pub const CONTEXT_KEYS_MAX: usize = 1000;

/// The most bytes of any text of a call but a document's own.
pub const TEXT_BYTES_MAX: usize = REQUEST_TEXT_BYTES_MAX;

/// The most comparisons of a call to [`crate::evaluate`]: bytes of all documents times bytes of what is compared with them,
/// the resource or the values of one key. A pattern can be written so that each character of it meets each of the text.
///
/// A policy of 20 KiB, the greatest of Amazon S3, may be asked about values of 13 KiB.
pub const COMPARISONS_MAX: usize = 1 << 28;

/// The most bytes of the bucket that a policy is attached to: no provider has longer names.
pub const BUCKET_BYTES_MAX: usize = 255;

/// What is beyond a bound.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    document: String,
    pointer: String,
    message: String,
}

impl Breach {
    pub(crate) fn finding(self, dialect: Dialect) -> Finding {
        Finding {
            code: "PC001".into(),
            level: Level::Error,
            dialect,
            document: self.document,
            pointer: self.pointer,
            message: self.message,
            value: None,
            allowed: None,
            suggestion: None,
            patch: None,
        }
    }
}

type Bounded = Result<(), Breach>;

/// An answer in the form of `explain` to a question that is too long.
pub(crate) fn question(question: &str) -> Result<(), String> {
    let found = question.len();
    if found <= QUESTION_BYTES_MAX {
        return Ok(());
    }
    let message = format!("the question has {found} bytes, at most {QUESTION_BYTES_MAX} are read");
    Err(format!(r#"{{"error":{{"message":"{message}","pointer":""}}}}"#))
}

pub(crate) fn lint(document: &Document, options: &Options) -> Bounded {
    documents([document].into_iter())?;
    self::options(options)
}

pub(crate) fn evaluate(request: &Request, policies: &Policies, options: &Options) -> Bounded {
    let groups = [&policies.identity, &policies.bucket, &policies.organization];
    documents(groups.into_iter().flatten().flatten())?;
    principals("/principal", std::slice::from_ref(&request.principal))?;
    text("/action", &request.action)?;
    text("/resource", &request.resource)?;
    optional("/resource-account", request.resource_account.as_deref())?;
    most("/context", request.context.len(), CONTEXT_KEYS_MAX, "keys")?;
    for (i, entry) in request.context.iter().enumerate() {
        text(&format!("/context/{i}/key"), &entry.key)?;
        let place = format!("/context/{i}/values");
        most(&place, entry.values.len(), CONTEXT_VALUES_MAX, "values")?;
        entry.values.iter().try_for_each(|value| text(&place, value))?;
    }
    comparisons(request, policies)?;
    self::options(options)
}

fn comparisons(request: &Request, policies: &Policies) -> Bounded {
    let groups = [&policies.identity, &policies.bucket, &policies.organization];
    let documents: usize =
        groups.into_iter().flatten().flatten().map(|document| document.text.len()).sum();
    let of_key = |entry: &ContextEntry| entry.values.iter().map(String::len).sum();
    let values: usize = request.context.iter().map(of_key).max().unwrap_or_default();
    let found = documents.saturating_mul(values.max(request.resource.len()));
    most("", found, COMPARISONS_MAX, "comparisons of policies with texts")
}

pub(crate) fn preflight(delivery: &Delivery, options: &Options) -> Bounded {
    let groups = [
        &delivery.source_policy,
        &delivery.destination_policy,
        &delivery.organization,
        &delivery.identity,
        &delivery.role,
        &delivery.key,
    ];
    documents(delivery.configurations.iter().chain(groups.into_iter().flatten().flatten()))?;
    text("/source", &delivery.source)?;
    for (pointer, value) in [
        ("/source-account", &delivery.source_account),
        ("/destination-account", &delivery.destination_account),
        ("/source-region", &delivery.source_region),
        ("/destination-region", &delivery.destination_region),
    ] {
        optional(pointer, value.as_deref())?;
    }
    principals("/managers", &delivery.managers)?;
    principals("/readers", &delivery.readers)?;
    self::options(options)
}

pub(crate) fn compare(replacement: &Replacement, options: &Options) -> Bounded {
    let policies = replacement.before.iter().chain(&replacement.after);
    documents(policies.chain(replacement.organization.iter().flatten()))?;
    text("/bucket", &replacement.bucket)?;
    principals("/principals", &replacement.principals)?;
    self::options(options)
}

fn documents<'a>(documents: impl Iterator<Item = &'a Document>) -> Bounded {
    let mut bytes = 0_usize;
    for (before, document) in documents.enumerate() {
        text("/name", &document.name)?;
        bytes = bytes.saturating_add(document.text.len());
        let message = if before >= DOCUMENTS_MAX {
            format!("this is document {}, at most {DOCUMENTS_MAX} are read", before + 1)
        } else if bytes > DOCUMENTS_BYTES_MAX {
            format!(
                "the documents up to this one have {bytes} bytes, at most {DOCUMENTS_BYTES_MAX} are read"
            )
        } else {
            continue;
        };
        return Err(Breach { document: document.name.clone(), pointer: String::new(), message });
    }
    Ok(())
}

fn options(options: &Options) -> Bounded {
    let bucket = options.bucket.as_ref().map_or(0, String::len);
    most("/options/bucket", bucket, BUCKET_BYTES_MAX, "bytes")?;
    optional("/options/tool", options.tool.as_deref())
}

fn principals(pointer: &str, principals: &[Principal]) -> Bounded {
    most(pointer, principals.len(), PRINCIPALS_MAX, "principals")?;
    for principal in principals {
        for names in [&principal.arns, &principal.short_forms] {
            most(pointer, names.len(), NAMES_MAX, "names")?;
            names.iter().try_for_each(|name| text(pointer, name))?;
        }
        optional(pointer, principal.account.as_deref())?;
        optional(pointer, principal.service.as_deref())?;
    }
    Ok(())
}

fn optional(pointer: &str, value: Option<&str>) -> Bounded {
    value.map_or(Ok(()), |value| text(pointer, value))
}

fn text(pointer: &str, text: &str) -> Bounded {
    most(pointer, text.len(), TEXT_BYTES_MAX, "bytes")
}

fn most(pointer: &str, found: usize, max: usize, unit: &str) -> Bounded {
    if found <= max {
        return Ok(());
    }
    let message = format!("{found} {unit}, at most {max} are read");
    Err(Breach { document: REQUEST.to_owned(), pointer: pointer.to_owned(), message })
}

#[cfg(test)]
mod tests;
