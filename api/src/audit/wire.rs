//! The audit on the wire.

use std::collections::HashMap;

use fairground_catalog::audit::AuditEntry;
use fairground_domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One entry of the audit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AuditEntryOut {
    /// Its number: that of the journal's entry which proves it.
    number: i64,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it: `account:ID`, `command-line`, `portal`.
    actor: String,
    /// Their name; absent when the account was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_name: Option<String>,
    /// From which role: `editor`, `reviewer`, `manager`, `operator`, `auditor`, `portal` or `oneself`.
    role: &'static str,
    /// The id of the publisher whose work it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// What kind of thing it was done to: `draft`, `dataset`, `publisher` or `hold`.
    subject_kind: &'static str,
    /// That thing's id.
    subject_id: String,
    /// What was done, such as `draft.approved`.
    action: &'static str,
    /// How it was; absent where nothing was.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object)]
    before: Value,
    /// How it is; absent where nothing is.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object)]
    after: Value,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

impl AuditEntryOut {
    /// Entries with the names of those who did them.
    pub(crate) fn all(entries: Vec<AuditEntry>, names: &HashMap<String, String>) -> Vec<Self> {
        entries.into_iter().map(|entry| Self::of(entry, names)).collect()
    }

    fn of(entry: AuditEntry, names: &HashMap<String, String>) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            actor_name: names.get(&entry.actor).filter(|name| !name.is_empty()).cloned(),
            actor: entry.actor,
            role: entry.role.as_str(),
            publisher: entry.publisher.map(|id| id.to_string()),
            subject_kind: entry.subject_kind.as_str(),
            subject_id: entry.subject_id,
            action: entry.action.as_str(),
            before: entry.before,
            after: entry.after,
            comment: entry.comment,
        }
    }
}
