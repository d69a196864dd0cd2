//! The store as a whole, and the variables that it is made of.

use std::collections::{BTreeMap, BTreeSet};

use stocktake_capabilities::{Error, Identity, Item};

use crate::{identities, records};

/// The most bytes of one variable: each instance reads them all, and Linux passes no longer one to a program.
pub const VARIABLE_BYTES_MAX: usize = 128 << 10;

/// A store that never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store {
    pub(crate) records: BTreeMap<String, Item>,
    pub(crate) buckets: BTreeSet<String>,
    /// By access key id.
    pub(crate) identities: BTreeMap<String, Identity>,
}

/// A variable that no store can be made of. Never shows what it holds, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {why}")]
pub struct Problem {
    /// Its name.
    pub variable: &'static str,
    /// What is wrong, and what to write.
    pub why: String,
}

impl Store {
    /// Reads the variables; `lookup` answers the value of one. One that is missing or blank describes nothing.
    ///
    /// - `STOCKTAKE_RECORDS`: a JSON object of keys of records and their values, all texts.
    /// - `STOCKTAKE_BUCKETS`: names of buckets, divided by blanks or line ends.
    /// - `STOCKTAKE_IDENTITIES`: `ACCESS-KEY:SECRET:PRINCIPAL-ARN`, divided likewise; each is an administrator of its
    ///   ARN's account.
    ///
    /// # Errors
    /// [`Problem`] for a variable of another form, or above [`VARIABLE_BYTES_MAX`].
    ///
    /// # Examples
    /// ```
    /// use host_environment::Store;
    /// use stocktake_capabilities::{Buckets as _, State as _};
    ///
    /// let variables = [
    ///     ("STOCKTAKE_RECORDS", r#"{"policies/logs": "{}"}"#),
    ///     ("STOCKTAKE_BUCKETS", "logs reports"),
    /// ];
    /// let lookup = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.to_owned());
    /// let store = Store::read(lookup)?;
    /// assert_eq!(store.get("policies/logs").unwrap().unwrap().value, b"{}");
    /// assert_eq!(store.head_bucket("logs").unwrap().name, "logs");
    ///
    /// let refused = Store::read(|_| Some("logs reports".to_owned())).unwrap_err();
    /// assert_eq!(refused.variable, "STOCKTAKE_RECORDS");
    /// # Ok::<(), host_environment::Problem>(())
    /// ```
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Problem> {
        let read = |variable| {
            let text = lookup(variable).unwrap_or_default();
            if text.len() <= VARIABLE_BYTES_MAX {
                return Ok(text);
            }
            let found = text.len();
            let why =
                format!("it has {found} bytes, the limit is {VARIABLE_BYTES_MAX}; shorten it");
            Err(Problem { variable, why })
        };
        let problem = |variable| move |why| Problem { variable, why };
        let mut store = Self::default();
        let name = "STOCKTAKE_RECORDS";
        store.records = records::parse(&read(name)?).map_err(problem(name))?;
        let name = "STOCKTAKE_BUCKETS";
        store.buckets = read(name)?.split_whitespace().map(str::to_owned).collect();
        let name = "STOCKTAKE_IDENTITIES";
        store.identities = identities::parse(&read(name)?).map_err(problem(name))?;
        Ok(store)
    }
}

/// The answer to a call that this store can never do.
pub(crate) fn unsupported<T>(what: &str) -> Result<T, Error> {
    let why = format!("{what}; this store is described by environment variables and never changes");
    Err(Error::Unsupported(why))
}
