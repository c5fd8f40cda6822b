//! What the hot path needs of the catalogue: the same sources, without the store.
#![allow(dead_code, missing_docs, reason = "a part of a crate")]

pub mod application {
    mod key;
    mod scope;
    pub use key::*;
    pub use scope::*;
}
pub mod secret;
pub mod service;
pub use error::CatalogError;
pub use secret::Secret;

pub mod usage {
    use fairground_domain::ApplicationId;
    pub const PORTAL_APPLICATION: ApplicationId = ApplicationId::from_uuid(uuid::Uuid::from_u128(0xfa1a6));
}

pub mod table {
    pub const VERSIONS_KEPT: u32 = 5;
}

pub mod error {
    use std::path::PathBuf;

    /// The refusals that keys, secrets and services have.
    #[derive(Debug, thiserror::Error)]
    pub enum CatalogError {
        #[error("{field}: {problem}")]
        Invalid { field: &'static str, problem: String },
        #[error("{name}: {problem}")]
        Setting { name: &'static str, problem: String },
        #[error("{what}: {problem}")]
        Corrupt { what: &'static str, problem: String },
        #[error("{}", path.display())]
        File { path: PathBuf, source: std::io::Error },
    }

    impl CatalogError {
        pub(crate) fn corrupt(what: &'static str, problem: impl std::fmt::Display) -> Self {
            Self::Corrupt { what, problem: problem.to_string() }
        }
    }
}
