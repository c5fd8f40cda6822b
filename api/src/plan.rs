//! The tariff: every plan, its limits and its rule, as public data.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::tariff;
use fairground_domain::{OperationClass, Plan, Tariff, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_plans);
}

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

/// The tariff in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TariffOut {
    /// Its version, from 1.
    pub(crate) version: u32,
    /// When this version was published.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) published_at: Timestamp,
    /// From when it is enforced.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) valid_from: Timestamp,
    /// The terms of use that go with it.
    pub(crate) terms_version: String,
    /// What a call of each class costs, in units.
    pub(crate) unit_costs: BTreeMap<String, u32>,
    /// The plans.
    pub(crate) items: Vec<PlanOut>,
}

impl TryFrom<Plan> for PlanOut {
    type Error = serde_json::Error;

    fn try_from(plan: Plan) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: plan.id.to_string(),
            title: plan.title,
            description: plan.description,
            price_cents: plan.price_cents,
            eligibility: serde_json::to_value(&plan.eligibility)?,
            rates: by_class(plan.rates, |rate| RateOut { per_second: rate.per_second, burst: rate.burst }),
            quotas: plan
                .quotas
                .into_iter()
                .map(|quota| QuotaOut {
                    name: quota.name,
                    quota: quota.quota,
                    window_secs: quota.window_secs,
                    classes: quota.classes.into_iter().map(|class| class.as_str().to_owned()).collect(),
                })
                .collect(),
        })
    }
}

impl TryFrom<Tariff> for TariffOut {
    type Error = serde_json::Error;

    fn try_from(tariff: Tariff) -> Result<Self, serde_json::Error> {
        Ok(Self {
            version: tariff.version,
            published_at: tariff.published_at,
            valid_from: tariff.valid_from,
            terms_version: tariff.terms_version,
            unit_costs: by_class(tariff.unit_costs, |cost| cost),
            items: tariff.plans.into_iter().map(PlanOut::try_from).collect::<Result<_, _>>()?,
        })
    }
}

fn by_class<V, W>(map: BTreeMap<OperationClass, V>, out: impl Fn(V) -> W) -> BTreeMap<String, W> {
    map.into_iter().map(|(class, value)| (class.as_str().to_owned(), out(value))).collect()
}

/// Every plan of the tariff in force: its limits, its price, and who may be on it. There are no others.
#[utoipa::path(tag = "plans", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = TariffOut), Problem))]
#[get("/plans")]
async fn list_plans(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let tariff = state.read(tariff::get_current).await?;
    let published_at = tariff.published_at;
    let out = TariffOut::try_from(tariff).map_err(Problem::internal)?;
    let rendered = Rendered::json(&out, Freshness::Revalidated)?.last_modified(published_at);
    Ok(rendered.link("/.well-known/tariff.json", "alternate").answer(&req))
}
