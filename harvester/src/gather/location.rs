//! Where a source lies.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use fairground_database::Address;
use url::Url;

use crate::fetch::{FetchError, parse_url, shown};

/// A web address, a file or folder of this machine, or a database. Files and databases are for whoever runs the program; a source
/// that somebody registers over the API must be a web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `http` or `https`.
    Web(Url),
    /// A path, or a `file:` address.
    File(PathBuf),
    /// `sqlite:` or `postgres://`.
    Database(Address),
}

impl Location {
    /// True for an address that may be registered over the API.
    #[must_use]
    pub const fn is_web(&self) -> bool {
        matches!(self, Self::Web(_))
    }

    /// The name that hints at a format: the path of an address, or the path itself.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Web(url) => url.path().to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Database(address) => address.name(),
        }
    }
}

impl FromStr for Location {
    type Err = FetchError;

    fn from_str(text: &str) -> Result<Self, FetchError> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("file:") {
            // `file:name` is no address of the URL standard's kind, but it is what people write for a file beside them.
            let absolute = rest.starts_with('/').then(|| Url::parse(text).ok()).flatten();
            let path = absolute.and_then(|url| url.to_file_path().ok());
            return Ok(Self::File(path.unwrap_or_else(|| PathBuf::from(rest))));
        }
        if Address::is_meant(text) {
            // The text may hold a password, so no message repeats it.
            let fault = |error: fairground_database::InvalidAddress| FetchError::InvalidUrl {
                url: text.split(':').next().unwrap_or_default().to_owned(),
                reason: error.to_string(),
            };
            return text.parse().map(Self::Database).map_err(fault);
        }
        if let Some(bucket) = text.strip_prefix("s3://") {
            return parse_url(&listing_of(bucket)).map(Self::Web);
        }
        if text.contains("://") { parse_url(text).map(Self::Web) } else { Ok(Self::File(PathBuf::from(text))) }
    }
}

/// The address that lists what everybody may read of `bucket/prefix`, without a signature.
fn listing_of(bucket: &str) -> String {
    let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
    let prefix: String = url::form_urlencoded::byte_serialize(prefix.as_bytes()).collect();
    format!("https://{bucket}.s3.amazonaws.com/?list-type=2&prefix={prefix}")
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(url) => f.write_str(&shown(url)),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Database(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_are_told_apart() {
        for (text, shown, web) in [
            ("https://user:secret@example.org/data.json", "https://example.org/data.json", true),
            ("data/catalog.rdf", "data/catalog.rdf", false),
            ("file:///srv/catalog%20a.rdf", "/srv/catalog a.rdf", false),
            ("file:catalog.rdf", "catalog.rdf", false),
            (
                "s3://open-data/air quality/",
                "https://open-data.s3.amazonaws.com/?list-type=2&prefix=air+quality%2F",
                true,
            ),
            ("postgres://reader:secret@db.test/water", "postgres://db.test/water", false),
            ("sqlite:/srv/a.db?tables=x", "sqlite:/srv/a.db", false),
        ] {
            let location: Location = text.parse().expect(text);
            assert_eq!((location.to_string().as_str(), location.is_web()), (shown, web));
        }
        assert!(matches!("ftp://example.org/x".parse::<Location>(), Err(FetchError::UnsupportedScheme { .. })));
    }
}
