//! Looking whether services are well: politely, one look at a service at a time in the whole cluster, a few services at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fairground_catalog::service::{self, CheckClaim, CheckOutcome, CheckResult};
use fairground_catalog::{CatalogError, Db, Secret};
use fairground_gateway::{
    BreakerRules, CacheMode, Call, CallBody, CallerSide, CleanPath, Forwarder, GatewayError, Limits, PathRules,
    Upstream,
};
use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, Method, header};

use super::fronts::Fronts;
use super::upstream_settings;
use crate::metrics::{SERVICE_CIRCUIT, SERVICE_HEALTHY, SERVICE_SECONDS};

/// How often it is asked whether a look is due.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Looks at one time, in this process.
const MOST_AT_ONCE: usize = 8;
/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are taken.
const ANSWER_BYTES: u64 = 1024 * 1024;

/// Looks at services, from a thread of its own.
#[derive(Debug)]
pub struct HealthWatch {
    db: Db,
    secret: Secret,
    fronts: Arc<Fronts>,
    holder: String,
}

impl HealthWatch {
    /// A watch; `holder` tells it from those of other processes.
    #[must_use]
    pub fn new(db: Db, secret: Secret, fronts: Arc<Fronts>) -> Self {
        Self { db, secret, fronts, holder: format!("health-{}", uuid::Uuid::now_v7()) }
    }

    /// Looks at every service that is due, and publishes what is known of all; gives how many it looked at.
    ///
    /// # Errors
    /// `Storage` when the database fails, `Setting` when the system gives no runtime.
    pub fn run(&self) -> Result<usize, CatalogError> {
        let mut looked_at = 0;
        if self.db.read(service::is_check_due)? {
            looked_at = self.look()?;
        }
        self.publish()?;
        Ok(looked_at)
    }

    fn look(&self) -> Result<usize, CatalogError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
            CatalogError::Setting { name: "gateway", problem: format!("the system gives no runtime: {error}") }
        })?;
        let mut looked_at = 0;
        loop {
            let mut claims = Vec::new();
            while claims.len() < MOST_AT_ONCE {
                let claim = self.db.write(|tx| service::claim_check(tx, &self.secret, &self.holder))?;
                let Some(claim) = claim else { break };
                claims.push(claim);
            }
            if claims.is_empty() {
                return Ok(looked_at);
            }
            looked_at += claims.len();
            let forwarder = self.fronts.gateway().forwarder();
            let results = runtime.block_on(join_all(claims.iter().map(|claim| look_at(&forwarder, claim))));
            for (claim, result) in claims.iter().zip(results) {
                if let Some(problem) = &result.problem {
                    tracing::warn!(service = %claim.service.slug, problem, "A service is not well");
                }
                self.db.write(|tx| service::record_check(tx, claim, &result))?;
            }
        }
    }

    /// For `/metrics`: one line for each service.
    fn publish(&self) -> Result<(), CatalogError> {
        for (slug, health) in self.db.read(service::list_health)? {
            let healthy = match health.outcome {
                Some(CheckOutcome::Healthy) => 1.0,
                Some(CheckOutcome::Failing) => 0.0,
                None => continue,
            };
            metrics::gauge!(SERVICE_HEALTHY, "service" => slug.clone()).set(healthy);
            if let Some(micros) = health.latency_micros {
                let seconds = Duration::from_micros(micros).as_secs_f64();
                metrics::gauge!(SERVICE_SECONDS, "service" => slug).set(seconds);
            }
        }
        for (slug, state, _) in self.fronts.standing() {
            let closed = if state == fairground_gateway::BreakerState::Closed { 1.0 } else { 0.0 };
            metrics::gauge!(SERVICE_CIRCUIT, "service" => slug).set(closed);
        }
        Ok(())
    }
}

async fn look_at(forwarder: &Forwarder, claim: &CheckClaim) -> CheckResult {
    let started = Instant::now();
    let failed = |problem: String| CheckResult { http_status: None, latency_micros: None, problem: Some(problem) };
    let (upstream, call) = match prepare(claim) {
        Ok(prepared) => prepared,
        Err(problem) => return failed(problem),
    };
    let answer = match forwarder.forward(&Arc::new(upstream), call).await {
        Ok(answer) => answer,
        Err(error) => return failed(told(&error)),
    };
    let status = answer.status.as_u16();
    let wanted = claim.check.status;
    CheckResult {
        http_status: Some(status),
        latency_micros: u64::try_from(started.elapsed().as_micros()).ok(),
        problem: (status != wanted).then(|| format!("it answered {status} instead of {wanted}")),
    }
}

fn prepare(claim: &CheckClaim) -> Result<(Upstream, Call), String> {
    let draft = &claim.service.draft;
    let mut settings = upstream_settings(draft, &claim.credentials).map_err(|error| error.to_string())?;
    settings.cache = CacheMode::Off;
    // A look is made however the calls fare.
    settings.breaker = BreakerRules { least_calls: u32::MAX, ..BreakerRules::default() };
    settings.limits = Limits {
        answer_bytes: ANSWER_BYTES,
        first_byte: PATIENCE,
        idle: PATIENCE,
        whole: PATIENCE,
        tries: 1,
        ..settings.limits
    };
    let upstream =
        Upstream::new(claim.service.slug.as_str(), &draft.upstream, settings).map_err(|error| error.to_string())?;
    let (path, query) = match claim.check.path.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (claim.check.path.as_str(), None),
    };
    let mut fields = HeaderMap::new();
    fields.insert(header::USER_AGENT, HeaderValue::from_static("fairground-health"));
    let call = Call {
        method: Method::GET,
        path: CleanPath::parse(path, PathRules { matrix_parameters: true }).map_err(|error| error.to_string())?,
        query,
        fields,
        body: CallBody::Empty,
        side: CallerSide { front: "/".into() },
    };
    Ok((upstream, call))
}

/// The whole chain of what went wrong, for staff.
fn told(error: &GatewayError) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(link) = cause {
        told.push_str(": ");
        told.push_str(&link.to_string());
        cause = link.source();
    }
    told
}
