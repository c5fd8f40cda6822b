//! What a check of a record found.

use serde::{Deserialize, Serialize};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The record is kept, something about it is worth mending.
    Warning,
    /// The record is refused.
    Error,
}

/// One thing that a check of a record found: what, where and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// The rule's id, stable, kebab-case, such as `title-missing`.
    pub rule: String,
    /// Where in the source's own record: a JSON pointer (RFC 6901) for JSON, a prefixed property for RDF (`dct:title`).
    pub path: String,
    /// A sentence for the agency: what is wrong and what to do.
    pub message: String,
}

impl Finding {
    /// A reason to refuse the record.
    pub fn error(rule: &str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, rule: rule.to_owned(), path: path.into(), message: message.into() }
    }

    /// Something worth mending in a record that is kept.
    pub fn warning(rule: &str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, rule: rule.to_owned(), path: path.into(), message: message.into() }
    }
}
