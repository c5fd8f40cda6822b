//! Addresses of databases, as an operator writes them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

/// A database, and which of its tables are meant: `sqlite:/path/file.db?tables=a,b` or
/// `postgres://user:password@host/database?tables=public.a,b&sslmode=require`.
///
/// Without `tables` every table and view is meant that the user may read. `*` at the end of a name stands for any.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A file of this machine.
    Sqlite(SqliteAddress),
    /// A server.
    Postgres(Box<PostgresAddress>),
}

/// A SQLite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteAddress {
    pub(crate) path: PathBuf,
    pub(crate) only: Only,
}

/// A PostgreSQL server and database.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) shown: String,
    pub(crate) only: Only,
}

/// The tables that are meant; empty for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Only(Vec<String>);

impl Only {
    fn of(list: &str) -> Self {
        Self(list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Whether a table is meant, by its name alone or with its schema.
    pub(crate) fn admits(&self, schema: Option<&str>, name: &str) -> bool {
        let qualified = schema.map(|schema| format!("{schema}.{name}"));
        let is = |pattern: &str, text: &str| match pattern.strip_suffix('*') {
            Some(start) => text.starts_with(start),
            None => pattern == text,
        };
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|pattern| is(pattern, name) || qualified.as_deref().is_some_and(|text| is(pattern, text)))
    }
}

/// A text that is no address of a database. It does not repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address is none of a database: {0}")]
pub struct InvalidAddress(String);

impl Address {
    /// Whether a text is meant as a database's address.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.trim_start().starts_with(scheme))
    }

    /// The SQLite file at a path, with all its tables.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self::Sqlite(SqliteAddress { path: path.to_owned(), only: Only::default() })
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The name of the database, for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(sqlite) => sqlite.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            Self::Postgres(server) => server.config.get_dbname().unwrap_or("database").to_owned(),
        }
    }

    /// The address with an absolute path, as it can be kept: it holds the secrets that it was given with.
    #[must_use]
    pub fn to_kept(&self, given: &str) -> String {
        match self {
            Self::Sqlite(sqlite) => {
                let path = std::path::absolute(&sqlite.path).unwrap_or_else(|_| sqlite.path.clone());
                let only = sqlite.only.0.join(",");
                let query = if only.is_empty() { String::new() } else { format!("?tables={only}") };
                format!("sqlite:{}{query}", path.display())
            }
            Self::Postgres(_) => given.trim().to_owned(),
        }
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            if path.is_empty() {
                return Err(InvalidAddress("it names no file".to_owned()));
            }
            let only = Only::of(&parameter(query, "tables").unwrap_or_default());
            return Ok(Self::Sqlite(SqliteAddress { path: PathBuf::from(path), only }));
        }
        let mut url = Url::parse(text).map_err(|error| InvalidAddress(error.to_string()))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(InvalidAddress("it begins with neither `sqlite:` nor `postgres://`".to_owned()));
        }
        let only = Only::of(&parameter(url.query().unwrap_or_default(), "tables").unwrap_or_default());
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != "tables")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        let config: tokio_postgres::Config =
            url.as_str().parse().map_err(|_| InvalidAddress("the server's parameters cannot be read".to_owned()))?;
        if config.get_hosts().is_empty() {
            return Err(InvalidAddress("it names no host".to_owned()));
        }
        let _ = (url.set_username(""), url.set_password(None));
        url.set_query(None);
        Ok(Self::Postgres(Box::new(PostgresAddress { config, shown: url.into(), only })))
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// As it may be shown and logged.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(sqlite) => write!(f, "sqlite:{}", sqlite.path.display()),
            Self::Postgres(server) => f.write_str(&server.shown),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_show_no_secrets() {
        for (text, shown, name) in [
            (
                "postgres://reader:s3cret@db.agency.test:5433/water?tables=public.*&sslmode=require",
                "postgres://db.agency.test:5433/water",
                "water",
            ),
            ("sqlite:/srv/a.db?tables=x,y", "sqlite:/srv/a.db", "a"),
            ("sqlite:///srv/a.db", "sqlite:/srv/a.db", "a"),
        ] {
            let address: Address = text.parse().expect(text);
            assert_eq!((address.to_string().as_str(), address.name().as_str()), (shown, name));
            assert!(!format!("{address:?}").contains("s3cret"));
        }
        for text in ["sqlite:", "mysql://a:secret@b/c", "postgres://", "postgres://u:secret@h/d?port=x", "words"] {
            let error = text.parse::<Address>().expect_err(text);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn tables_are_meant_by_name_and_pattern() {
        let only = Only::of("public.roads, water_*,x");
        for (schema, name, meant) in [
            (Some("public"), "roads", true),
            (Some("other"), "roads", false),
            (Some("other"), "water_levels", true),
            (None, "x", true),
            (None, "xy", false),
        ] {
            assert_eq!(only.admits(schema, name), meant, "{schema:?} {name}");
        }
        assert!(Only::default().admits(None, "anything"));
    }
}
