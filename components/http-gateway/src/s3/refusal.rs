//! What S3 says about a configuration that is not usable.

use stocktake_core::configuration::ConfigurationId;
use stocktake_core::finding::{Finding, Level};

use super::{About, Code, Error};

/// The classes that findings fall into, in the order in which S3 looks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Shape,
    Window,
    IdMismatch,
    Id,
    Destination,
}

/// The answer to a document that is not usable. The first class that has a finding gives the code, and the findings go
/// along.
///
/// `findings` are those that the document has for the request, `alone` those that it has without one, and `id` is the id
/// that the request names, where it names one.
pub(crate) fn refused(findings: Vec<Finding>, alone: &[Finding], id: Option<&str>) -> Error {
    let errors = findings.iter().filter(|finding| finding.level == Level::Error);
    let first = errors.filter_map(|finding| class(finding, alone, id)).min();
    let code = match first {
        Some(Class::Shape) => Code::MalformedXML,
        Some(Class::Window) => Code::InvalidArgument,
        Some(Class::IdMismatch) => Code::IdMismatch,
        Some(Class::Destination) if id.is_some() => Code::InvalidS3DestinationBucket,
        // Nothing is wrong before the id, of which there is none, or which none can have.
        Some(Class::Id | Class::Destination) | None => Code::InvalidConfigurationId,
    };
    code.about(About::Findings(findings))
}

/// The class of a finding; none for what only a request without an id has.
fn class(finding: &Finding, alone: &[Finding], id: Option<&str>) -> Option<Class> {
    Some(match (finding.code.as_ref(), finding.pointer.as_str()) {
        ("CF110" | "CF111", _) => Class::Destination,
        ("CF140", _) => Class::Window,
        (_, "/Id") if !alone.contains(finding) => {
            // It is there for the request alone: the ids differ.
            id?;
            Class::IdMismatch
        }
        (_, "/Id") => match given_id(finding) {
            // A text that is no id, or one that is too long to be quoted whole.
            Given::NoId(text) if id.is_none() || text.as_deref() == id => Class::Id,
            Given::NoId(_) => Class::IdMismatch,
            Given::Other => Class::Shape,
        },
        _ => Class::Shape,
    })
}

/// What a document gives as its id where that is wrong.
enum Given {
    /// A text that cannot be an id; none where the finding does not quote it whole.
    NoId(Option<String>),
    /// No text, or an id where it must not be.
    Other,
}

fn given_id(finding: &Finding) -> Given {
    let Some(value) = &finding.value else { return Given::Other };
    match serde_json::from_str::<String>(value) {
        Ok(text) if ConfigurationId::parse(&text).is_some() => Given::Other,
        Ok(text) => Given::NoId(Some(text)),
        Err(_) if value.starts_with('"') => Given::NoId(None),
        Err(_) => Given::Other,
    }
}
