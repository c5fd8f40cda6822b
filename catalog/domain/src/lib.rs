//! The field's words as types.
//!
//! What every other crate shares: identities, slugs, text in several languages, moments, the dataset in the terms of DCAT 3
//! and the tariff. Nothing here knows SQL, HTTP or a foreign format. Codecs (`fairground-standards`) turn bytes into a
//! [`DatasetDraft`]; the store keeps it as a document; the wire shows it.

mod dataset;
mod finding;
mod hash;
mod id;
mod slug;
mod table;
mod tariff;
mod text;
mod time;

pub use dataset::{
    Agent, Checksum, Concept, ContactPoint, DataService, DatasetDraft, Distribution, Keyword, Licence, Location,
    PeriodOfTime, Relation, ResourceKind,
};
pub use finding::{Finding, Severity};
pub use hash::{ContentHash, InvalidHash};
pub use id::{
    AccountId, ApiKeyId, ApplicationId, DatasetId, DistributionId, JobId, PublisherId, SourceId, TableId, UnknownId,
};
pub use slug::{InvalidSlug, Slug};
pub use table::{
    COLUMNS_MAX, Column, ColumnStatistics, ColumnType, Histogram, QuarantineSummary, SchemaChange, Snapshot,
    SourceNotes, TopValue,
};
pub use tariff::{
    Eligibility, InvalidPlanId, InvalidTariff, OperationClass, Plan, PlanId, QuotaPolicy, QuotaUnit, RateLimit, Tariff,
    UnitRule, WorkMeasure,
};
pub use text::{LanguageTag, LocalizedText, fold};
pub use time::Timestamp;
