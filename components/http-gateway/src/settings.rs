//! What an operator sets, by environment variables.

use stocktake_core::finding::Dialect;

/// How the gateway behaves. The default is what holds without any variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `STOCKTAKE_DIALECT`: whose rules apply; `any`, `aws`, `coreweave` or `cos`.
    pub dialect: Dialect,
    /// `STOCKTAKE_REGION`: the region that signatures are for.
    pub region: String,
    /// `STOCKTAKE_DOMAINS`: base domains for virtual-hosted addressing, in lower case, without ports.
    pub domains: Vec<String>,
    /// `STOCKTAKE_ANONYMOUS`: whether requests without credentials are judged by bucket policies (`allow`) or refused
    /// (`deny`).
    pub allows_anonymous: bool,
    /// `STOCKTAKE_NOT_FOUND_CODE`: the S3 code of a configuration that does not exist.
    pub not_found_code: NotFoundCode,
    /// `STOCKTAKE_ACCOUNT`: the account or organization that owns the buckets. Without it every caller counts as one of
    /// the owner's.
    pub account: Option<String>,
    /// `STOCKTAKE_CLIENT_HEADER`: the header in which the host says who the client is. Without it nothing is known about
    /// that: a host that does not know the header hands on what clients write into it.
    pub client_header: Option<String>,
}

/// The S3 code of a configuration that does not exist.
///
/// Amazon's Terraform provider knows the first alone, `CoreWeave`'s the second alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotFoundCode {
    /// `NoSuchConfiguration`.
    #[default]
    Configuration,
    /// `NoSuchInventoryConfiguration`.
    InventoryConfiguration,
}

/// A variable that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {found:?}; use {allowed}")]
pub struct SettingsError {
    /// Its name.
    pub variable: &'static str,
    /// What it holds.
    pub found: String,
    /// What it may hold.
    pub allowed: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: Dialect::Any,
            region: "us-east-1".to_owned(),
            domains: Vec::new(),
            allows_anonymous: false,
            not_found_code: NotFoundCode::default(),
            account: None,
            client_header: None,
        }
    }
}

impl Settings {
    /// Reads the settings; `lookup` answers the value of a variable. One that is empty counts as missing.
    ///
    /// # Errors
    /// A variable holds something else than it may.
    ///
    /// # Examples
    /// ```
    /// use http_gateway::Settings;
    ///
    /// let settings = Settings::read(|name| (name == "STOCKTAKE_REGION").then(|| "eu-1".to_owned()));
    /// assert_eq!(settings.unwrap().region, "eu-1");
    /// let error = Settings::read(|_| Some("nowhere".to_owned())).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "STOCKTAKE_DIALECT is \"nowhere\"; use `any`, `aws`, `coreweave` or `cos`"
    /// );
    /// ```
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        let value = |variable| lookup(variable).filter(|text| !text.trim().is_empty());
        if let Some(text) = value("STOCKTAKE_DIALECT") {
            settings.dialect = one_of(
                "STOCKTAKE_DIALECT",
                &text,
                "`any`, `aws`, `coreweave` or `cos`",
                &[
                    ("any", Dialect::Any),
                    ("aws", Dialect::Aws),
                    ("coreweave", Dialect::Coreweave),
                    ("cos", Dialect::Cos),
                ],
            )?;
        }
        if let Some(text) = value("STOCKTAKE_REGION") {
            text.trim().clone_into(&mut settings.region);
        }
        if let Some(text) = value("STOCKTAKE_DOMAINS") {
            let domains = text.split(',').map(|domain| domain.trim().trim_matches('.'));
            settings.domains =
                domains.filter(|domain| !domain.is_empty()).map(str::to_ascii_lowercase).collect();
        }
        if let Some(text) = value("STOCKTAKE_ANONYMOUS") {
            settings.allows_anonymous = one_of(
                "STOCKTAKE_ANONYMOUS",
                &text,
                "`deny` or `allow`",
                &[("deny", false), ("allow", true)],
            )?;
        }
        if let Some(text) = value("STOCKTAKE_NOT_FOUND_CODE") {
            settings.not_found_code = one_of(
                "STOCKTAKE_NOT_FOUND_CODE",
                &text,
                "`NoSuchConfiguration` or `NoSuchInventoryConfiguration`",
                &[
                    ("NoSuchConfiguration", NotFoundCode::Configuration),
                    ("NoSuchInventoryConfiguration", NotFoundCode::InventoryConfiguration),
                ],
            )?;
        }
        settings.account = value("STOCKTAKE_ACCOUNT").map(|text| text.trim().to_owned());
        settings.client_header =
            value("STOCKTAKE_CLIENT_HEADER").map(|text| text.trim().to_owned());
        Ok(settings)
    }
}

fn one_of<T: Copy>(
    variable: &'static str,
    text: &str,
    allowed: &'static str,
    words: &[(&str, T)],
) -> Result<T, SettingsError> {
    let found = words.iter().find(|(word, _)| *word == text.trim());
    let error = || SettingsError { variable, found: text.chars().take(80).collect(), allowed };
    found.map(|(_, value)| *value).ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let lookup = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        Settings::read(lookup).map_err(|error| error.to_string())
    }

    #[test]
    fn every_variable_is_read() {
        assert_eq!(read(&[]), Ok(Settings::default()));
        assert_eq!(read(&[("STOCKTAKE_REGION", " "), ("OTHER", "x")]), Ok(Settings::default()));
        let settings = Settings {
            dialect: Dialect::Coreweave,
            region: "US-EAST-04A".to_owned(),
            domains: vec!["s3.example.org".to_owned(), "localhost".to_owned()],
            allows_anonymous: true,
            not_found_code: NotFoundCode::InventoryConfiguration,
            account: Some("f3a9c1".to_owned()),
            client_header: Some("x-client".to_owned()),
        };
        let variables = [
            ("STOCKTAKE_DIALECT", "coreweave"),
            ("STOCKTAKE_REGION", "US-EAST-04A"),
            ("STOCKTAKE_DOMAINS", " .S3.Example.Org., localhost,"),
            ("STOCKTAKE_ANONYMOUS", "allow"),
            ("STOCKTAKE_NOT_FOUND_CODE", "NoSuchInventoryConfiguration"),
            ("STOCKTAKE_ACCOUNT", "f3a9c1"),
            ("STOCKTAKE_CLIENT_HEADER", " x-client "),
        ];
        assert_eq!(read(&variables), Ok(settings));
        for (word, dialect) in [("any", Dialect::Any), ("aws", Dialect::Aws), ("cos", Dialect::Cos)]
        {
            assert_eq!(read(&[("STOCKTAKE_DIALECT", word)]).unwrap().dialect, dialect);
        }
    }

    #[test]
    fn a_word_that_is_none_is_refused() {
        for (variable, expected) in [
            ("STOCKTAKE_DIALECT", "`any`, `aws`, `coreweave` or `cos`"),
            ("STOCKTAKE_ANONYMOUS", "`deny` or `allow`"),
            ("STOCKTAKE_NOT_FOUND_CODE", "`NoSuchConfiguration` or `NoSuchInventoryConfiguration`"),
        ] {
            let expected = format!("{variable} is \"Yes\"; use {expected}");
            assert_eq!(read(&[(variable, "Yes")]), Err(expected));
        }
    }
}
