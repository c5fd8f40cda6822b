//! The tariff on the wire.

use std::collections::BTreeMap;

use fairground_catalog::register::RegisterEntry;
use fairground_catalog::tariff::{Draft, GRACE_DAYS, Standing, announced_after};
use fairground_domain::{
    Announcement, Comparison, LONG_NOTICE_DAYS, LONGEST_DAYS, NOTICE_DAYS, OperationClass, Plan, RULE_DAYS,
    STEEP_FALL_PERCENT, Tariff, Timestamp, UnitRule, Verdict, WITHIN_DAYS, in_force_at,
};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::problem::Fault;

/// Longest version of the terms, in characters.
const MAX_TERMS_CHARS: usize = 40;

/// One public plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlanOut {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) title: String,
    /// One sentence.
    pub(crate) description: String,
    /// Price in euro cents a month.
    pub(crate) price_cents: u32,
    /// Who may be on it: a rule that a machine can evaluate.
    #[schema(value_type = Object)]
    pub(crate) eligibility: Value,
    /// The rate of each class of operation; a class that is absent is not offered.
    pub(crate) rates: BTreeMap<String, RateOut>,
    /// Calls of each class that may be under way at once.
    pub(crate) concurrency: BTreeMap<String, u32>,
    /// The quotas.
    pub(crate) quotas: Vec<QuotaOut>,
}

/// How fast calls may come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RateOut {
    /// Calls per second in the long run.
    pub(crate) per_second: u32,
    /// Calls that may come at once.
    pub(crate) burst: u32,
}

/// How much may be used in a window.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QuotaOut {
    /// The policy's name, as in `RateLimit-Policy`.
    pub(crate) name: String,
    /// Cost units in a window.
    pub(crate) quota: u64,
    /// The window's length in seconds; a day is a UTC day.
    pub(crate) window_secs: u64,
    /// The classes that draw on it.
    pub(crate) classes: Vec<String>,
}

/// How a call's cost grows with its work.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UnitRuleOut {
    /// What is measured: `rows`.
    #[schema(value_type = String)]
    pub(crate) measure: fairground_domain::WorkMeasure,
    /// So much work costs one unit more.
    pub(crate) per_unit: u64,
    /// A call never costs more than this.
    pub(crate) at_most: u32,
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VersionStatus {
    /// It was in force, or was overtaken.
    Past,
    /// It is in force.
    InForce,
    /// It will be in force.
    Announced,
}

/// A version of the tariff.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TariffOut {
    /// Its version, from 1.
    pub(crate) version: u32,
    /// Where it stands.
    pub(crate) status: VersionStatus,
    /// When this version was published.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) published_at: Timestamp,
    /// From when it is enforced.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) valid_from: Timestamp,
    /// Until when, that moment excluded; absent while no other version is announced.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<Timestamp>,
    /// The terms of use that go with it.
    pub(crate) terms_version: String,
    /// What a call of each class costs at least, in units.
    pub(crate) unit_costs: BTreeMap<String, u32>,
    /// How the cost of a heavy call grows with its work.
    pub(crate) unit_rules: BTreeMap<String, UnitRuleOut>,
    /// The plans.
    pub(crate) items: Vec<PlanOut>,
}

impl TryFrom<&Plan> for PlanOut {
    type Error = serde_json::Error;

    fn try_from(plan: &Plan) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: plan.id.to_string(),
            title: plan.title.clone(),
            description: plan.description.clone(),
            price_cents: plan.price_cents,
            eligibility: serde_json::to_value(&plan.eligibility)?,
            rates: by_class(&plan.rates, |rate| RateOut { per_second: rate.per_second, burst: rate.burst }),
            concurrency: plan.rates.keys().map(|class| (name(*class), plan.concurrency_of(*class))).collect(),
            quotas: plan
                .quotas
                .iter()
                .map(|quota| QuotaOut {
                    name: quota.name.clone(),
                    quota: quota.quota,
                    window_secs: quota.window_secs,
                    classes: quota.classes.iter().map(|class| name(*class)).collect(),
                })
                .collect(),
        })
    }
}

fn name(class: OperationClass) -> String {
    class.as_str().to_owned()
}

fn by_class<V, W>(map: &BTreeMap<OperationClass, V>, out: impl Fn(&V) -> W) -> BTreeMap<String, W> {
    map.iter().map(|(class, value)| (name(*class), out(value))).collect()
}

/// When a version ends, and where it stands at a moment.
fn place(versions: &[Tariff], tariff: &Tariff, now: Timestamp) -> (Option<Timestamp>, VersionStatus) {
    let valid_to = announced_after(versions, tariff).map(|next| next.valid_from);
    let current = in_force_at(versions, now).is_some_and(|current| current.version == tariff.version);
    let status = match (current, tariff.valid_from > now) {
        (true, _) => VersionStatus::InForce,
        (false, true) => VersionStatus::Announced,
        (false, false) => VersionStatus::Past,
    };
    (valid_to, status)
}

impl TariffOut {
    /// A version among all versions, at a moment.
    pub(crate) fn of(versions: &[Tariff], tariff: &Tariff, now: Timestamp) -> Result<Self, serde_json::Error> {
        let (valid_to, status) = place(versions, tariff, now);
        Ok(Self {
            version: tariff.version,
            status,
            published_at: tariff.published_at,
            valid_from: tariff.valid_from,
            valid_to,
            terms_version: tariff.terms_version.clone(),
            unit_costs: by_class(&tariff.unit_costs, |cost| *cost),
            unit_rules: by_class(&tariff.unit_rules, |rule| UnitRuleOut {
                measure: rule.measure,
                per_unit: rule.per_unit,
                at_most: rule.at_most,
            }),
            items: tariff.plans.iter().map(PlanOut::try_from).collect::<Result<_, _>>()?,
        })
    }
}

/// A version in the history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct VersionOut {
    /// Its number.
    pub(crate) version: u32,
    /// Where it stands.
    pub(crate) status: VersionStatus,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) published_at: Timestamp,
    /// From when it is enforced.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) valid_from: Timestamp,
    /// Until when, that moment excluded.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<Timestamp>,
    /// The terms of use that go with it.
    pub(crate) terms_version: String,
    /// Where it can be read in full.
    pub(crate) href: String,
}

/// Every version that was published, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TariffVersionList)]
pub(crate) struct VersionList {
    /// The versions.
    pub(crate) items: Vec<VersionOut>,
}

impl VersionList {
    /// `versions` may come in any order.
    pub(crate) fn of(versions: &[Tariff], now: Timestamp) -> Self {
        let mut items: Vec<VersionOut> = versions
            .iter()
            .map(|tariff| {
                let (valid_to, status) = place(versions, tariff, now);
                VersionOut {
                    version: tariff.version,
                    status,
                    published_at: tariff.published_at,
                    valid_from: tariff.valid_from,
                    valid_to,
                    terms_version: tariff.terms_version.clone(),
                    href: version_href(tariff.version),
                }
            })
            .collect();
        items.sort_unstable_by_key(|item| std::cmp::Reverse(item.version));
        Self { items }
    }
}

fn version_href(version: u32) -> String {
    format!("/api/v1/plans?version={version}")
}

/// What an operator announces: a tariff as `/.well-known/tariff.json` gives it. What the portal itself decides or adds may
/// stand in it and is left aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TariffIn {
    /// From when it is to be enforced; absent: at once.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_from: Option<Timestamp>,
    /// The version of the terms of use.
    terms_version: String,
    /// What a call of each class costs, in units.
    #[schema(value_type = Object)]
    unit_costs: BTreeMap<OperationClass, u32>,
    /// How costs grow with work.
    #[serde(default)]
    #[schema(value_type = Object)]
    unit_rules: BTreeMap<OperationClass, UnitRule>,
    /// The plans.
    #[schema(value_type = Vec<Object>)]
    plans: Vec<Plan>,
    #[serde(default, rename = "version")]
    #[schema(ignore)]
    _version: IgnoredAny,
    #[serde(default, rename = "published_at")]
    #[schema(ignore)]
    _published_at: IgnoredAny,
    #[serde(default, rename = "valid_to")]
    #[schema(ignore)]
    _valid_to: IgnoredAny,
    #[serde(default, rename = "enforced")]
    #[schema(ignore)]
    _enforced: IgnoredAny,
    #[serde(default, rename = "exceptions")]
    #[schema(ignore)]
    _exceptions: IgnoredAny,
    #[serde(default, rename = "rules")]
    #[schema(ignore)]
    _rules: IgnoredAny,
    #[serde(default, rename = "links")]
    #[schema(ignore)]
    _links: IgnoredAny,
}

impl Checked for TariffIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/terms_version", &self.terms_version, MAX_TERMS_CHARS);
        faults
    }
}

impl From<TariffIn> for Draft {
    fn from(body: TariffIn) -> Self {
        Self {
            valid_from: body.valid_from,
            terms_version: body.terms_version,
            unit_costs: body.unit_costs,
            unit_rules: body.unit_rules,
            plans: body.plans,
        }
    }
}

/// One field that differs between two versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TariffChangeOut)]
pub(crate) struct ChangeOut {
    /// The plan; absent when it concerns every plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    /// The class; absent when it concerns every class.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// What differs, such as `rate` or `quota-in-effect`.
    aspect: &'static str,
    /// As it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// As it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// `better`, `same` or `worse`, for anybody. What cannot be proved not to be worse counts as worse.
    effect: &'static str,
    /// Whether a quota falls by more than 20 %.
    steep: bool,
}

/// Everything that differs between two versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TariffComparison)]
pub(crate) struct ComparisonOut {
    /// The version that was.
    from: u32,
    /// The version that comes.
    to: u32,
    /// The days of notice that the change needs: 0, 60 or 90.
    notice_days: u16,
    /// The differences.
    changes: Vec<ChangeOut>,
}

impl From<Comparison> for ComparisonOut {
    fn from(comparison: Comparison) -> Self {
        Self {
            from: comparison.from,
            to: comparison.to,
            notice_days: comparison.notice_days(),
            changes: comparison
                .changes
                .into_iter()
                .map(|change| ChangeOut {
                    plan: change.plan.map(|plan| plan.to_string()),
                    class: change.class.map(name),
                    aspect: change.aspect.as_str(),
                    before: change.before,
                    after: change.after,
                    effect: change.effect.as_str(),
                    steep: change.steep,
                })
                .collect(),
        }
    }
}

/// What a version means for those whom it concerns.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TariffAnnouncement)]
pub(crate) struct AnnouncementOut {
    /// The version.
    pub(crate) version: u32,
    /// From when it would be enforced.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) valid_from: Timestamp,
    /// The days of notice that it needs, held against everything in force until it begins.
    pub(crate) notice_days: u16,
    /// The first moment that it may be valid from, if it is published now.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) earliest: Timestamp,
    /// Whether its notice is long enough.
    pub(crate) in_time: bool,
    /// Held against the version in force right before it.
    pub(crate) comparison: ComparisonOut,
}

impl AnnouncementOut {
    pub(crate) fn of(tariff: &Tariff, announcement: Announcement) -> Self {
        Self {
            version: tariff.version,
            valid_from: tariff.valid_from,
            notice_days: announcement.notice_days,
            earliest: announcement.earliest,
            in_time: tariff.valid_from >= announcement.earliest,
            comparison: announcement.comparison.into(),
        }
    }
}

/// The rules that the portal itself obeys.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RulesOut {
    notice_days: u16,
    long_notice_days: u16,
    steep_fall_percent: u32,
    exception_longest_days: u16,
    exception_within_days: u16,
    plan_grace_days: i64,
    rule_days: u8,
    default_concurrency: u32,
    explained: &'static str,
}

impl RulesOut {
    const ALL: Self = Self {
        notice_days: NOTICE_DAYS,
        long_notice_days: LONG_NOTICE_DAYS,
        steep_fall_percent: STEEP_FALL_PERCENT,
        exception_longest_days: LONGEST_DAYS,
        exception_within_days: WITHIN_DAYS,
        plan_grace_days: GRACE_DAYS,
        rule_days: RULE_DAYS,
        default_concurrency: Plan::DEFAULT_CONCURRENCY,
        explained: "A version that is less favourable to anybody is public notice_days before it takes effect, \
            long_notice_days where a quota in effect falls by more than steep_fall_percent. Exceptions hold for a whole \
            plan or class, last at most exception_longest_days, and cover at most so many of any exception_within_days \
            days where their scopes meet. Plans follow from their rules, evaluated daily over the last rule_days whole \
            UTC days; a share is of the lowest quota in force within long_notice_days, and smaller by as much as calls \
            have become cheaper since. An application that does not meet its plan's rule moves plan_grace_days after \
            it was told.",
    };
}

/// Where else to look.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TariffLinks {
    #[serde(rename = "self")]
    own: String,
    plans: String,
    history: &'static str,
    register: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<NextVersion>,
}

/// A version that is announced.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NextVersion {
    version: u32,
    valid_from: Timestamp,
    href: String,
}

/// `/.well-known/tariff.json`: the version in force as it was published, what belongs to it, and what is enforced.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TariffDocument {
    #[serde(flatten)]
    tariff: Tariff,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<Timestamp>,
    /// The plans with every exception in force applied: what is enforced now.
    enforced: Vec<Plan>,
    /// The exceptions in force.
    exceptions: Vec<RegisterEntry>,
    rules: RulesOut,
    links: TariffLinks,
}

impl TariffDocument {
    pub(crate) fn of(
        versions: &[Tariff],
        current: Tariff,
        enforced: Tariff,
        exceptions: Vec<RegisterEntry>,
        public_url: &str,
    ) -> Self {
        let next = announced_after(versions, &current);
        let previous =
            versions.iter().filter(|other| other.valid_from < current.valid_from).max_by_key(|other| other.valid_from);
        let links = TariffLinks {
            own: format!("{public_url}/.well-known/tariff.json"),
            plans: version_href(current.version),
            history: "/api/v1/tariffs",
            register: "/api/v1/register",
            previous: previous.map(|other| version_href(other.version)),
            next: next.map(|other| NextVersion {
                version: other.version,
                valid_from: other.valid_from,
                href: version_href(other.version),
            }),
        };
        let valid_to = next.map(|other| other.valid_from);
        Self { tariff: current, valid_to, enforced: enforced.plans, exceptions, rules: RulesOut::ALL, links }
    }
}

/// How a plan's rule was decided for an application.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlanVerdictOut {
    /// The plan.
    plan: String,
    /// Its rule.
    #[schema(value_type = Object)]
    eligibility: Value,
    /// Whether the application meets it.
    holds: bool,
    /// Units that a day must reach to count.
    #[serde(skip_serializing_if = "Option::is_none")]
    units_needed: Option<u64>,
    /// Days that must count.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_needed: Option<u8>,
    /// Days that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_reached: Option<u8>,
}

impl PlanVerdictOut {
    fn of(plan: &Plan, verdict: &Verdict) -> Result<Self, serde_json::Error> {
        Ok(Self {
            plan: plan.id.to_string(),
            eligibility: serde_json::to_value(&plan.eligibility)?,
            holds: verdict.holds,
            units_needed: verdict.units_needed,
            days_needed: verdict.days_needed,
            days_reached: verdict.days_reached,
        })
    }
}

/// What was used on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DayUseOut {
    /// The UTC day.
    day: String,
    /// Units used on it.
    units: u64,
}

/// A move that is announced.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlanNoticeOut {
    /// Where the application goes.
    next_plan: String,
    /// When it was told.
    #[schema(value_type = String, format = DateTime)]
    announced_at: Timestamp,
    /// When it moves, unless it meets the rule of its plan again.
    #[schema(value_type = String, format = DateTime)]
    takes_effect_at: Timestamp,
}

/// How an application stands to every plan, by its own figures.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Eligibility)]
pub(crate) struct StandingOut {
    /// Its plan.
    plan: String,
    /// Where the rules put it.
    belongs: String,
    /// The version of the tariff whose rules were evaluated.
    tariff_version: u32,
    /// The first day that was looked at.
    from: String,
    /// The last day that was looked at.
    to: String,
    /// Every plan for keys.
    plans: Vec<PlanVerdictOut>,
    /// Use by day, where there was any.
    days: Vec<DayUseOut>,
    /// A move that is announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<PlanNoticeOut>,
}

impl StandingOut {
    pub(crate) fn of(plan: &str, standing: &Standing) -> Result<Self, serde_json::Error> {
        Ok(Self {
            plan: plan.to_owned(),
            belongs: standing.belongs.to_string(),
            tariff_version: standing.version,
            from: standing.from.day(),
            to: standing.to.plus_secs(-1).day(),
            plans: standing
                .plans
                .iter()
                .map(|(plan, verdict)| PlanVerdictOut::of(plan, verdict))
                .collect::<Result<_, _>>()?,
            days: standing.days.iter().map(|(day, units)| DayUseOut { day: day.day(), units: *units }).collect(),
            notice: standing.notice.as_ref().map(|notice| PlanNoticeOut {
                next_plan: notice.next_plan.to_string(),
                announced_at: notice.announced_at,
                takes_effect_at: notice.takes_effect_at,
            }),
        })
    }
}
