//! What members are called.

use stocktake_core::finding::Dialect;
use stocktake_core::policy::DocumentKind;

/// What a member is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Version,
    Id,
    Statement,
    Sid,
    Effect,
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
    Condition,
}

/// One way to write policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// AWS's, and that of `CoreWeave`'s bucket policies.
    Aws,
    /// `CoreWeave`'s organization access policies.
    Organization,
    /// Tencent Cloud's.
    Cam,
}

/// The names and values of one kind of document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grammar {
    form: Form,
    pub(super) kind: DocumentKind,
    pub(super) dialect: Dialect,
}

const AWS_TOP: &[(&str, Name)] =
    &[("Version", Name::Version), ("Id", Name::Id), ("Statement", Name::Statement)];

const AWS_STATEMENT: &[(&str, Name)] = &[
    ("Sid", Name::Sid),
    ("Effect", Name::Effect),
    ("Principal", Name::Principal),
    ("NotPrincipal", Name::NotPrincipal),
    ("Action", Name::Action),
    ("NotAction", Name::NotAction),
    ("Resource", Name::Resource),
    ("NotResource", Name::NotResource),
    ("Condition", Name::Condition),
];

const ORGANIZATION_TOP: &[(&str, Name)] =
    &[("version", Name::Version), ("name", Name::Id), ("statements", Name::Statement)];

const ORGANIZATION_STATEMENT: &[(&str, Name)] = &[
    ("name", Name::Sid),
    ("effect", Name::Effect),
    ("principals", Name::Principal),
    ("actions", Name::Action),
    ("resources", Name::Resource),
];

const CAM_TOP: &[(&str, Name)] = &[
    ("version", Name::Version),
    ("id", Name::Id),
    ("statement", Name::Statement),
    ("principal", Name::Principal),
];

const CAM_STATEMENT: &[(&str, Name)] = &[
    ("sid", Name::Sid),
    ("effect", Name::Effect),
    ("principal", Name::Principal),
    ("action", Name::Action),
    ("resource", Name::Resource),
    ("condition", Name::Condition),
];

impl Grammar {
    pub(super) fn of(kind: DocumentKind, dialect: Dialect) -> Self {
        let form = match (dialect, kind) {
            (Dialect::Coreweave, DocumentKind::OrgPolicy) => Form::Organization,
            (Dialect::Cos, _) => Form::Cam,
            (Dialect::Any | Dialect::Aws | Dialect::Coreweave, _) => Form::Aws,
        };
        Self { form, kind, dialect }
    }

    /// What a member of the document is.
    pub(super) fn top(self, name: &str) -> Option<Name> {
        let table = match self.form {
            Form::Aws => AWS_TOP,
            Form::Organization => ORGANIZATION_TOP,
            Form::Cam => CAM_TOP,
        };
        let is_unfit = name == "Id" && self.kind == DocumentKind::IdentityPolicy;
        self.find(table, name).filter(|_| !is_unfit)
    }

    /// What a member of a statement is.
    pub(super) fn statement(self, name: &str) -> Option<Name> {
        let table = match self.form {
            Form::Aws => AWS_STATEMENT,
            Form::Organization => ORGANIZATION_STATEMENT,
            Form::Cam => CAM_STATEMENT,
        };
        self.find(table, name)
    }

    fn find(self, table: &[(&str, Name)], name: &str) -> Option<Name> {
        let is_same = |known: &str| match self.form {
            // Samples of Tencent Cloud capitalise what its reference writes in lower case.
            Form::Cam => known.eq_ignore_ascii_case(name),
            Form::Aws | Form::Organization => known == name,
        };
        table.iter().find(|(known, _)| is_same(known)).map(|(_, found)| *found)
    }

    /// Whether a name is one of Tencent Cloud's in capitals.
    pub(super) fn is_capitalised(self, name: &str) -> bool {
        self.form == Form::Cam
            && name.bytes().any(|byte| byte.is_ascii_uppercase())
            && (self.top(name).is_some() || self.statement(name).is_some())
    }

    /// How the grammar writes a name, for messages.
    pub(super) fn name(self, name: Name) -> &'static str {
        let tables = match self.form {
            Form::Aws => [AWS_TOP, AWS_STATEMENT],
            Form::Organization => [ORGANIZATION_TOP, ORGANIZATION_STATEMENT],
            Form::Cam => [CAM_TOP, CAM_STATEMENT],
        };
        let mut all = tables.into_iter().flatten();
        all.find(|(_, known)| *known == name).map_or("", |(text, _)| text)
    }

    /// Whether the policy may be the one member of an object.
    pub(super) fn may_be_wrapped(self) -> bool {
        self.form == Form::Organization
    }

    /// Whether a single statement must stand in a list all the same.
    pub(super) fn is_list_expected(self) -> bool {
        self.form == Form::Organization
    }

    /// Whether an effect allows; none if it is no effect.
    pub(super) fn effect(self, text: &str) -> Option<bool> {
        let (allow, deny) = match self.form {
            Form::Aws | Form::Organization => ("Allow", "Deny"),
            Form::Cam => ("allow", "deny"),
        };
        match text {
            text if text == allow => Some(true),
            text if text == deny => Some(false),
            _ => None,
        }
    }

    /// Whether its statements name who they are for.
    pub(super) fn has_principals(self) -> bool {
        !matches!(self.kind, DocumentKind::IdentityPolicy | DocumentKind::CamPolicy)
    }

    /// Whether a statement that names nobody makes the document unusable.
    pub(super) fn requires_principal(self) -> bool {
        self.has_principals() && matches!(self.dialect, Dialect::Any | Dialect::Aws)
    }

    /// Whether statements name resources: one about who may take a role does not.
    pub(super) fn requires_resource(self) -> bool {
        self.kind != DocumentKind::TrustPolicy
    }
}
