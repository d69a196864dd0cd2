//! The actions that policies name.

mod added;
mod table;

use stocktake_core::finding::Dialect;

use crate::fold;

pub use table::S3;

/// What an action is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A bucket.
    Bucket,
    /// An object.
    Object,
    /// Nothing in particular.
    Account,
    /// An access point, a job, or something else that is neither bucket nor object.
    Other,
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It tells what there is.
    List,
    /// It tells what is in it.
    Read,
    /// It changes something.
    Write,
    /// It changes tags alone.
    Tagging,
    /// It changes who may do what.
    PermissionsManagement,
}

/// One action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name as it is documented; of S3 what follows `s3:`.
    pub name: &'static str,
    /// What it is on.
    pub level: Level,
    /// What it does.
    pub access: Access,
}

/// The action of a name such as `s3:GetObject`, as a dialect knows it. Case matters in cos alone.
///
/// # Examples
/// ```
/// use stocktake_core::finding::Dialect;
/// use stocktake_policy::actions::{Level, find};
///
/// let found = find("s3:listbucket", Dialect::Aws).map(|row| (row.name, row.level));
/// assert_eq!(found, Some(("ListBucket", Level::Bucket)));
/// assert_eq!(find("s3:ListObjects", Dialect::Aws), None);
/// ```
#[must_use]
pub fn find(action: &str, dialect: Dialect) -> Option<&'static Row> {
    let action = bare(dialect, action);
    let added = match dialect {
        Dialect::Cos => return added::COS.iter().find(|row| row.name == action),
        Dialect::Coreweave => added::COREWEAVE,
        Dialect::Any | Dialect::Aws => &[],
    };
    let (service, name) = action.split_once(':')?;
    if service.eq_ignore_ascii_case("s3")
        && let Ok(place) = S3.binary_search_by(|row| fold::order(row.name, name))
    {
        return S3.get(place);
    }
    added.iter().find(|row| row.name.eq_ignore_ascii_case(action))
}

/// Every action of a dialect: its service, its name without it, and its row.
pub(crate) fn all(
    dialect: Dialect,
) -> impl Iterator<Item = (&'static str, &'static str, &'static Row)> {
    let (s3, added): (&'static [Row], &'static [Row]) = match dialect {
        Dialect::Cos => (&[], added::COS),
        Dialect::Coreweave => (S3, added::COREWEAVE),
        Dialect::Any | Dialect::Aws => (S3, &[]),
    };
    let added = added.iter().filter_map(|row| {
        let (service, name) = row.name.split_once(':')?;
        Some((service, name, row))
    });
    s3.iter().map(|row| ("s3", row.name, row)).chain(added)
}

/// An action without what may stand before its service.
pub(crate) fn bare(dialect: Dialect, text: &str) -> &str {
    match dialect {
        Dialect::Cos => text.strip_prefix("name/").unwrap_or(text),
        Dialect::Any | Dialect::Aws | Dialect::Coreweave => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(level: Level) -> usize {
        S3.iter().filter(|row| row.level == level).count()
    }

    #[test]
    fn the_table_is_that_of_the_source() {
        assert!(S3.is_sorted_by(|one, other| fold::order(one.name, other.name).is_lt()));
        assert_eq!(S3.len(), 180);
        let levels = [Level::Bucket, Level::Object, Level::Account, Level::Other];
        assert_eq!(levels.map(count), [62, 44, 15, 59]);
    }

    #[test]
    fn finds_every_row_in_any_case() {
        for row in S3 {
            let name = format!("S3:{}", row.name.to_uppercase());
            assert_eq!(find(&name, Dialect::Aws), Some(row), "{name}");
            assert_eq!(find(&name, Dialect::Coreweave), Some(row), "{name}");
        }
        for (name, dialect, level) in [
            ("s3:ListInventoryConfigurations", Dialect::Coreweave, Some(Level::Bucket)),
            ("cwobject:createaccesskey", Dialect::Coreweave, Some(Level::Account)),
            ("cwobject:Other", Dialect::Coreweave, None),
            ("s3:ListInventoryConfigurations", Dialect::Aws, None),
            ("name/cos:GetBucket", Dialect::Cos, Some(Level::Bucket)),
            ("cos:PutObject", Dialect::Cos, Some(Level::Object)),
            ("cos:putobject", Dialect::Cos, None),
            ("s3:", Dialect::Aws, None),
            ("", Dialect::Aws, None),
        ] {
            assert_eq!(find(name, dialect).map(|row| row.level), level, "{name}");
        }
    }
}
