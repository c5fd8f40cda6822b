//! The field's words as types.
//!
//! What every other crate shares: identities, slugs, text in several languages, moments, the dataset in the terms of DCAT 3
//! and the tariff. Nothing here knows SQL, HTTP or a foreign format. Codecs (`fairground-standards`) turn bytes into a
//! [`DatasetDraft`]; the store keeps it as a document; the wire shows it.

mod coordinates;
mod dataset;
mod finding;
mod finding_rule;
pub mod form;
mod frequency;
mod hash;
mod id;
mod latency;
pub mod mapping;
pub mod quality;
mod slug;
pub mod suggest;
mod table;
mod tariff;
mod text;
mod time;
mod workflow;

pub use coordinates::Coordinates;
pub use dataset::{
    Agent, Attribution, Checksum, Concept, ContactPoint, DataService, DatasetDraft, Distribution, Keyword, Licence,
    Location, PeriodOfTime, QualifiedRelation, Relation, ResourceKind,
};
pub use finding::{Finding, Severity};
pub use finding_rule::{FINDING_RULES, FindingRule, find_finding_rule};
pub use frequency::Frequency;
pub use hash::{ContentHash, InvalidHash};
pub use id::{
    AccountId, ApiKeyId, ApplicationId, CitizenId, ContactId, DataRequestId, DatasetId, DeliveryId, DistributionId,
    DraftId, FollowId, GrantId, HoldId, InvitationId, JobId, LetterId, NoticeId, OrganisationId, PublisherId,
    PublishingTokenId, QuestionId, ServiceId, SessionId, SourceId, TableId, UnknownId,
};
pub use latency::{LATENCY_BUCKETS, LatencyHistogram, NotAHistogram, bucket_upper_micros};
pub use mapping::{
    DEEPEST_CONDITION, EXCLUDED_BY_RULE, LONGEST_PATTERN_CHARS, LONGEST_RULES_BYTES, LONGEST_TEXT_CHARS, MOST_CODES,
    MOST_PATTERNS, MOST_RULES, RULES_BREAK_RECORD, RULES_VERSION, RuleFault, Rules, is_excluded,
};
pub use slug::{InvalidSlug, Slug};
pub use table::{
    COLUMNS_MAX, Column, ColumnStatistics, ColumnType, Histogram, QuarantineSummary, SchemaChange, Snapshot,
    SourceNotes, TopValue,
};
pub use tariff::{
    Announcement, AnnouncementRefused, Aspect, Change, Comparison, Effect, Eligibility, ExceptionLimits,
    ExceptionRefused, ExceptionScope, ExceptionTerms, Figures, InvalidPlanId, InvalidTariff, LONG_NOTICE_DAYS,
    LONGEST_DAYS, LONGEST_REASON_CHARS, NOTICE_DAYS, OperationClass, Plan, PlanId, QuotaPolicy, QuotaUnit, RULE_DAYS,
    RateLimit, STEEP_FALL_PERCENT, Tariff, TariffException, UnitRule, Verdict, WITHIN_DAYS, WorkMeasure, compare,
    daily_quota, in_force_at, is_no_worse_plan, judge_announcement, judge_exception, plan_by_rule, units_needed,
    with_exceptions,
};
pub use text::{LanguageTag, LocalizedText, fold};
pub use time::Timestamp;
pub use workflow::{
    ActingRole, FieldComment, LONGEST_OBJECTION_DAYS, LocalRelease, LocalTimeRule, Objection, PublisherRole, Reading,
    Release, ReleaseFault, ReturnNote, ReviewPolicy, ReviewRule, Rights, Stage, StageName, Who, WrongStage,
};
