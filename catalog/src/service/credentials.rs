//! How the portal proves itself to an agency's system.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::CatalogError;
use crate::secret::Secret;

/// Longest part of a credential, in bytes.
const MOST_BYTES: usize = 4_096;

/// The kind of a credential, which is no secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialsKind {
    /// The system asks for none.
    #[default]
    None,
    /// A field of its own.
    Header,
    /// A user's name and password.
    Basic,
    /// A query parameter.
    Query,
    /// A bearer token.
    Bearer,
}

impl CredentialsKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::None, Self::Header, Self::Basic, Self::Query, Self::Bearer];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Header => "header",
            Self::Basic => "basic",
            Self::Query => "query",
            Self::Bearer => "bearer",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A credential in the clear: from whoever gives it to the seal, and from the seal to the gateway's memory. `Debug` tells its
/// kind alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ServiceCredentials {
    /// None.
    #[default]
    None,
    /// A field.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A user's name and password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A query parameter.
    Query {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A bearer token.
    Bearer {
        /// The token.
        token: String,
    },
}

impl fmt::Debug for ServiceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceCredentials({}, …)", self.kind().as_str())
    }
}

impl ServiceCredentials {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> CredentialsKind {
        match self {
            Self::None => CredentialsKind::None,
            Self::Header { .. } => CredentialsKind::Header,
            Self::Basic { .. } => CredentialsKind::Basic,
            Self::Query { .. } => CredentialsKind::Query,
            Self::Bearer { .. } => CredentialsKind::Bearer,
        }
    }

    /// Refuses what is empty, too long or breaks a line.
    pub(super) fn check(&self) -> Result<(), CatalogError> {
        let parts: &[&str] = match self {
            Self::None => &[],
            Self::Header { name, value } | Self::Query { name, value } => &[name, value],
            Self::Basic { user, password } => &[user, password],
            Self::Bearer { token } => &[token],
        };
        let sound =
            |part: &&str| !part.trim().is_empty() && part.len() <= MOST_BYTES && !part.chars().any(char::is_control);
        if parts.iter().all(sound) {
            return Ok(());
        }
        Err(CatalogError::Invalid {
            field: "credentials",
            problem: format!("every part must be given, on one line, in at most {MOST_BYTES} bytes"),
        })
    }

    /// Seals it for one service; `None` when there is nothing to seal.
    pub(super) fn seal(&self, secret: &Secret, service: &str) -> Result<Option<Vec<u8>>, CatalogError> {
        if *self == Self::None {
            return Ok(None);
        }
        let plain = serde_json::to_vec(self).map_err(|error| CatalogError::corrupt("credentials", error))?;
        secret.seal(&purpose(service), &plain).map(Some)
    }

    /// Opens what [`Self::seal`] made for the same service.
    pub(super) fn unseal(secret: &Secret, service: &str, sealed: Option<&[u8]>) -> Result<Self, CatalogError> {
        let Some(sealed) = sealed else { return Ok(Self::None) };
        let plain = secret.unseal(&purpose(service), sealed)?;
        // The parser's words could repeat a piece of the secret.
        serde_json::from_slice(&plain).map_err(|_| CatalogError::corrupt("credentials", "they cannot be read"))
    }
}

fn purpose(service: &str) -> String {
    format!("service-credentials {service}")
}
