//! The register and conduct on the wire.

use fairground_catalog::journal::Entry;
use fairground_catalog::register::{
    ArrangementGround, EntryStatus, NewArrangement, NewRefusal, NewSuspension, RegisterEntry, SuspensionGround,
};
use fairground_domain::{ExceptionLimits, ExceptionScope, ExceptionTerms, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::Checked;

/// An entry of the public register: what it says depends on its kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RegisterEntry)]
pub(super) struct EntryOut {
    /// `coming`, `in-force` or `ended`.
    #[schema(value_type = String)]
    status: EntryStatus,
    /// Its number, kind, content and ends.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    entry: RegisterEntry,
}

impl EntryOut {
    pub(super) fn of(entry: RegisterEntry, now: Timestamp) -> Self {
        Self { status: entry.status_at(now), entry }
    }
}

/// Entries of the public register, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Register)]
pub(super) struct EntryList {
    /// The entries.
    pub(super) items: Vec<EntryOut>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// An exception: it holds for everybody in its scope.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionIn {
    /// For whom: `plan`, `class`, both, or (empty) everybody. An application cannot be named.
    #[serde(default)]
    #[schema(value_type = Object)]
    scope: ExceptionScope,
    /// What it changes, in percent of the tariff's limits: `rate_percent`, `concurrency_percent`, `quota_percent`.
    #[schema(value_type = Object)]
    limits: ExceptionLimits,
    /// Why: 1 to 2,000 characters, public.
    reason: String,
    /// From when; absent: at once.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Until when: at most 90 days after its beginning.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

impl Checked for ExceptionIn {}

impl ExceptionIn {
    pub(super) fn into_terms(self, now: Timestamp) -> ExceptionTerms {
        ExceptionTerms {
            scope: self.scope,
            limits: self.limits,
            reason: self.reason,
            starts_at: self.starts_at.unwrap_or(now),
            ends_at: self.ends_at,
        }
    }
}

/// A suspension.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SuspensionIn {
    /// The application's number.
    application: i64,
    /// On which ground: `security`, `key-abuse`, `terms-broken`, `unlawful-use`, `legal-order` or `owner-request`.
    #[schema(value_type = String)]
    ground: SuspensionGround,
    /// What happened; it is public, so it names no person.
    reason: String,
    /// When it is looked at again: within 30 days.
    #[schema(value_type = String, format = DateTime)]
    review_at: Timestamp,
    /// When it ends by itself.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

impl Checked for SuspensionIn {}

impl From<SuspensionIn> for NewSuspension {
    fn from(body: SuspensionIn) -> Self {
        let SuspensionIn { application, ground, reason, review_at, ends_at } = body;
        Self { application, ground, reason, review_at, ends_at }
    }
}

/// An exclusive arrangement (Directive (EU) 2019/1024, Article 12).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArrangementIn {
    /// Between whom; at least two.
    parties: Vec<String>,
    /// What is re-used.
    subject: String,
    /// On which ground: `public-interest` or `digitisation`.
    #[schema(value_type = String)]
    ground: ArrangementGround,
    /// Why it is necessary.
    reason: String,
    /// Where its terms can be read.
    #[serde(default)]
    terms_url: Option<String>,
    /// From when: two months from now at the earliest, or in the past for one that is in effect already.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// When its grounds are reviewed: within three years of its beginning (eleven for `digitisation`).
    #[schema(value_type = String, format = DateTime)]
    review_at: Timestamp,
    /// When it ends.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

impl Checked for ArrangementIn {}

impl From<ArrangementIn> for NewArrangement {
    fn from(body: ArrangementIn) -> Self {
        let ArrangementIn { parties, subject, ground, reason, terms_url, starts_at, review_at, ends_at } = body;
        Self { parties, subject, ground, reason, terms_url, starts_at, review_at, ends_at }
    }
}

/// That something was refused to somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusalIn {
    /// The application's number, where it concerns one.
    #[serde(default)]
    application: Option<i64>,
    /// What was asked for.
    subject: String,
    /// Why it was refused.
    reason: String,
}

impl Checked for RefusalIn {}

impl From<RefusalIn> for NewRefusal {
    fn from(body: RefusalIn) -> Self {
        let RefusalIn { application, subject, reason } = body;
        Self { application, subject, reason }
    }
}

/// Why an entry ends before its time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndIn {
    /// Why: 1 to 2,000 characters, public.
    pub(super) reason: String,
}

impl Checked for EndIn {}

/// One act that could tilt the field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ConductOut {
    /// Its number in the journal.
    seq: i64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened, such as `tariff.published`.
    kind: String,
    /// To what: a version, a register entry, an application's number, a dataset.
    subject_id: String,
    /// Who did it.
    actor: String,
    /// The act itself, with its digest where it has a document.
    #[schema(value_type = Object)]
    payload: Value,
    /// The digest over this entry and the one before it in the journal.
    hash: String,
}

impl From<Entry> for ConductOut {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            kind: entry.kind.as_str().to_owned(),
            subject_id: entry.subject_id,
            actor: entry.actor,
            payload: entry.payload,
            hash: entry.hash.to_string(),
        }
    }
}

/// Acts, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ConductList {
    /// The acts.
    pub(super) items: Vec<ConductOut>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// Every number that decides the order of hits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RankingOut {
    /// The numbers by name.
    #[schema(value_type = Object)]
    pub(super) numbers: std::collections::BTreeMap<&'static str, f64>,
    /// When they were last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// How they are used.
    pub(super) explained: &'static str,
}
