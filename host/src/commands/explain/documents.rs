//! The policies of the command line: what each of them is attached to, and whose rules hold.

use stocktake_core::finding::Dialect;
use stocktake_core::provider;

use super::super::CommandError;
use super::super::arguments::ExplainArguments;
use super::super::excerpt::{Source, visible};
use super::super::inputs::{self, read_all};
use crate::engine::policy::{Document, DocumentKind, Policies};

/// A policy of the command line.
pub(in crate::commands) type Input = inputs::Input<Place>;

/// What a document is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Place {
    Bucket,
    Identity,
    Organization,
}

pub(in crate::commands) const PLACES: [(&str, Place); 3] = [
    ("bucket", Place::Bucket),
    ("identity", Place::Identity),
    ("organization", Place::Organization),
];

/// The documents that bear on a request.
pub(super) struct Documents {
    pub(super) policies: Policies,
    pub(super) dialect: Dialect,
    sources: Vec<Source>,
}

type Read = inputs::Read<Place>;

impl Documents {
    /// Reads the files of the command line.
    ///
    /// # Errors
    /// [`CommandError::Usage`] where a file cannot be read, or it is not clear what it is.
    pub(super) fn read(arguments: &ExplainArguments) -> Result<Self, CommandError> {
        let read = read_all(&arguments.files, &PLACES)?;
        read.iter().try_for_each(is_known)?;
        let dialect = match arguments.dialect {
            Some(name) => name.into(),
            None => dialect(&arguments.files, &read, arguments.principal.as_deref()),
        };
        let policies = policies(&arguments.files, &read, dialect)?;
        let sources = read.into_iter().map(|read| read.source).collect();
        Ok(Self { policies, dialect, sources })
    }

    /// A document as it was read.
    pub(super) fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }
}

/// Refuses a document of which neither a word nor its content says what it is.
fn is_known(read: &Read) -> Result<(), CommandError> {
    let tree = read.tree();
    let is_policy =
        provider::is_organization_policy(tree) || provider::member(tree, "statement").is_some();
    if read.word.is_some() || is_policy {
        return Ok(());
    }
    let why = "is no policy that is known here";
    let remedy = "write what it is: bucket=FILE, identity=FILE or organization=FILE";
    Err(usage(format!("`{}` {why}; {remedy}", visible(&read.source.name))))
}

fn place(read: &Read, dialect: Dialect) -> Place {
    let names_anybody = provider::principals(read.tree()).next().is_some();
    read.word.unwrap_or(match dialect {
        _ if provider::is_organization_policy(read.tree()) => Place::Organization,
        // Policies of principals are unknown to CoreWeave.
        Dialect::Coreweave => Place::Bucket,
        _ if names_anybody => Place::Bucket,
        _ => Place::Identity,
    })
}

fn usage(message: String) -> CommandError {
    CommandError::Usage(message)
}

/// Whose rules hold where nobody says it: of the first word, document or name that tells.
fn dialect(files: &[Input], read: &[Read], principal: Option<&str>) -> Dialect {
    let organizations = files.iter().filter(|file| file.word == Some(Place::Organization));
    let of_words = organizations.map(|_| Dialect::Coreweave);
    let of_documents = read.iter().map(|read| provider::of_document(read.tree()));
    provider::of_first(of_words.chain(of_documents).chain(principal.map(provider::of_principal)))
}

fn policies(files: &[Input], read: &[Read], dialect: Dialect) -> Result<Policies, CommandError> {
    let mut policies = Policies::default();
    for (word, place) in PLACES {
        if files.contains(&Input { word: Some(place), path: None }) {
            let (list, _) = list(&mut policies, place, dialect, &format!("{word}="))?;
            list.get_or_insert_default();
        }
    }
    for (i, one) in read.iter().enumerate() {
        let (name, place) = (&one.source.name, place(one, dialect));
        let shown = visible(name);
        let (list, kind) = list(&mut policies, place, dialect, &shown)?;
        let list = list.get_or_insert_default();
        if read.iter().take(i).any(|before| before.source.name == *name) {
            return Err(usage(format!("`{shown}` is given twice")));
        }
        if place == Place::Bucket && !list.is_empty() {
            return Err(usage(format!("`{shown}` is a second bucket policy; a bucket has one")));
        }
        list.push(Document { name: name.clone(), kind, text: one.source.text.clone() });
    }
    Ok(policies)
}

/// The documents of a place, and what kind they are of.
fn list<'p>(
    policies: &'p mut Policies,
    place: Place,
    dialect: Dialect,
    shown: &str,
) -> Result<(&'p mut Option<Vec<Document>>, DocumentKind), CommandError> {
    Ok(match (place, dialect) {
        (Place::Bucket, _) => (&mut policies.bucket, DocumentKind::BucketPolicy),
        (Place::Organization, Dialect::Coreweave) => {
            (&mut policies.organization, DocumentKind::OrgPolicy)
        }
        (Place::Identity, Dialect::Cos) => (&mut policies.identity, DocumentKind::CamPolicy),
        (Place::Identity, Dialect::Any | Dialect::Aws) => {
            (&mut policies.identity, DocumentKind::IdentityPolicy)
        }
        (Place::Identity, Dialect::Coreweave) | (Place::Organization, _) => {
            return Err(misplaced(shown, place));
        }
    })
}

fn misplaced(name: &str, place: Place) -> CommandError {
    let (what, remedy) = match place {
        Place::Organization => ("an organization", "coreweave"),
        Place::Identity | Place::Bucket => ("a principal", "aws or cos"),
    };
    usage(format!("`{name}` is a policy of {what}, which only --dialect {remedy} has"))
}
