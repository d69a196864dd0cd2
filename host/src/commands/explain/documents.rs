//! The policies of the command line: what each of them is, and whose rules hold.

use std::fs::File;
use std::io::Read as _;

use serde_json::Value;
use stocktake_core::configuration::DOCUMENT_BYTES_MAX;
use stocktake_core::finding::Dialect;

use super::super::CommandError;
use super::super::arguments::ExplainArguments;
use super::super::excerpt::Source;
use crate::engine::policy::{Document, DocumentKind, Policies};

/// The documents that bear on a request.
pub(super) struct Documents {
    pub(super) policies: Policies,
    pub(super) dialect: Dialect,
}

/// What a document is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Bucket,
    Identity,
    Organization,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// With `Statement`, as AWS and buckets of `CoreWeave` have it.
    Aws,
    /// With `statements`: an organization access policy of `CoreWeave`.
    Organization,
    /// With `statement`, as Tencent Cloud has it.
    Cam,
}

const PLACES: [(&str, Place); 3] = [
    ("bucket=", Place::Bucket),
    ("identity=", Place::Identity),
    ("organization=", Place::Organization),
];

/// A file, or that there is none of its kind.
struct Input {
    place: Option<Place>,
    name: String,
    text: Option<String>,
    form: Option<Form>,
    names_principals: bool,
}

impl Documents {
    /// Reads the files of the command line.
    ///
    /// # Errors
    /// [`CommandError::Usage`] where a file cannot be read, or it is not clear what it is.
    pub(super) fn read(arguments: &ExplainArguments) -> Result<Self, CommandError> {
        let inputs: Vec<Input> =
            arguments.files.iter().map(|file| Input::read(file)).collect::<Result<_, _>>()?;
        let principal = arguments.principal.as_deref().unwrap_or_default();
        let given = arguments.dialect.map(Dialect::from);
        let dialect = given.unwrap_or_else(|| dialect(&inputs, principal));
        Ok(Self { policies: policies(inputs, dialect)?, dialect })
    }

    /// A document as it was read; an empty one where there is none of this name.
    pub(super) fn source(&self, name: &str) -> Source {
        let Policies { identity, bucket, organization } = &self.policies;
        let mut all = [identity, bucket, organization].into_iter().flatten().flatten();
        let text = all.find(|document| document.name == name).map(|document| document.text.clone());
        Source::new(name.to_owned(), text.unwrap_or_default())
    }
}

impl Input {
    fn read(argument: &str) -> Result<Self, CommandError> {
        let placed =
            PLACES.iter().find_map(|(word, place)| Some((*place, argument.strip_prefix(word)?)));
        let (place, name) = placed.map_or((None, argument), |(place, name)| (Some(place), name));
        let none =
            Self { place, name: name.to_owned(), text: None, form: None, names_principals: false };
        if place.is_some() && name.is_empty() {
            return Ok(none);
        }
        let text = read_text(name).map_err(|why| usage(format!("`{name}` {why}")))?;
        let tree: Value = serde_json::from_str(&text).unwrap_or_default();
        let form = form(&tree);
        if place.is_none() && form.is_none() {
            let why = "is no policy that is known here";
            let remedy = "write what it is: bucket=FILE, identity=FILE or organization=FILE";
            return Err(usage(format!("`{name}` {why}; {remedy}")));
        }
        let names_principals = names_principals(&tree);
        Ok(Self { text: Some(text), form, names_principals, ..none })
    }

    fn place(&self, dialect: Dialect) -> Place {
        self.place.unwrap_or(match self.form {
            Some(Form::Organization) => Place::Organization,
            // Policies of principals are unknown to CoreWeave.
            _ if self.names_principals || dialect == Dialect::Coreweave => Place::Bucket,
            _ => Place::Identity,
        })
    }
}

fn usage(message: String) -> CommandError {
    CommandError::Usage(message)
}

fn read_text(name: &str) -> Result<String, String> {
    let max = DOCUMENT_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin().lock().take(max).read_to_end(&mut bytes)
    } else {
        File::open(name).and_then(|file| file.take(max).read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(format!("has more than {DOCUMENT_BYTES_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}

/// Whose rules hold where nobody says it.
fn dialect(inputs: &[Input], principal: &str) -> Dialect {
    let has = |form: Form| inputs.iter().any(|input| input.form == Some(form));
    let names = |text: &str| {
        inputs
            .iter()
            .any(|input| input.text.as_ref().is_some_and(|document| document.contains(text)))
    };
    let is_organization = inputs.iter().any(|input| input.place == Some(Place::Organization));
    let is_coreweave = |text: &str| {
        text.starts_with("coreweave/")
            || text.starts_with("arn:aws:iam::static:")
            || (text.starts_with("arn:aws:iam::") && text.contains(":coreweave/"))
    };
    if has(Form::Cam) || principal.starts_with("qcs:") {
        Dialect::Cos
    } else if has(Form::Organization)
        || is_organization
        || is_coreweave(principal)
        || names("\"CW\"")
    {
        Dialect::Coreweave
    } else {
        Dialect::Aws
    }
}

fn form(tree: &Value) -> Option<Form> {
    let is_organization = |tree: &Value| tree.get("statements").is_some();
    if is_organization(tree) || tree.get("policy").is_some_and(is_organization) {
        Some(Form::Organization)
    } else if tree.get("statement").is_some() || tree.get("version").is_some() {
        Some(Form::Cam)
    } else if tree.get("Statement").is_some() {
        Some(Form::Aws)
    } else {
        None
    }
}

/// Whether a document says whom it is about, be it once for all statements.
fn names_principals(tree: &Value) -> bool {
    let names = |node: &Value| {
        let members = node.as_object().into_iter().flatten();
        members.into_iter().any(|(name, _)| {
            name.eq_ignore_ascii_case("principal") || name.eq_ignore_ascii_case("notprincipal")
        })
    };
    let statements = ["Statement", "statement"].into_iter().filter_map(|name| tree.get(name));
    let mut statements = statements.flat_map(|node| match node {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    });
    names(tree) || statements.any(names)
}

fn policies(inputs: Vec<Input>, dialect: Dialect) -> Result<Policies, CommandError> {
    let mut policies = Policies::default();
    let mut names: Vec<String> = Vec::new();
    for input in inputs {
        let place = input.place(dialect);
        let (list, kind) = match (place, dialect) {
            (Place::Bucket, _) => (&mut policies.bucket, DocumentKind::BucketPolicy),
            (Place::Organization, Dialect::Coreweave) => {
                (&mut policies.organization, DocumentKind::OrgPolicy)
            }
            (Place::Identity, Dialect::Cos) => (&mut policies.identity, DocumentKind::CamPolicy),
            (Place::Identity, Dialect::Any | Dialect::Aws) => {
                (&mut policies.identity, DocumentKind::IdentityPolicy)
            }
            (Place::Identity, Dialect::Coreweave) | (Place::Organization, _) => {
                return Err(misplaced(&input.name, place));
            }
        };
        let list = list.get_or_insert_default();
        let Some(text) = input.text else { continue };
        if names.contains(&input.name) {
            return Err(usage(format!("`{}` is given twice", input.name)));
        }
        if place == Place::Bucket && !list.is_empty() {
            let name = input.name;
            return Err(usage(format!("`{name}` is a second bucket policy; a bucket has one")));
        }
        names.push(input.name.clone());
        list.push(Document { name: input.name, kind, text });
    }
    Ok(policies)
}

fn misplaced(name: &str, place: Place) -> CommandError {
    let (what, remedy) = match place {
        Place::Organization => ("an organization", "coreweave"),
        Place::Identity | Place::Bucket => ("a principal", "aws or cos"),
    };
    usage(format!("`{name}` is a policy of {what}, which only --dialect {remedy} has"))
}
