//! How well the portal serves, from the calls that it answered, and the proof that its numbers are true.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::usage::{self, HarvestFreshness, Reconciliation, ServiceLevel, UsageTotals};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::Timestamp;

use crate::layout::{Frame, Place, Visit, answer_page};
use crate::usage::Latency;
use crate::words::Share;

/// Comparisons on the page.
const RECONCILIATIONS: i64 = 30;

/// How well one class was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassLine {
    /// The operation class.
    pub class: String,
    /// The portal's own use.
    pub is_own_use: bool,
    /// Answered calls.
    pub requests: u64,
    /// The share that was no failure; none when there was no call.
    pub availability: Share,
    /// How long answers took.
    pub latency: Option<Latency>,
}

/// How often the limits of a plan refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalLine {
    /// The plan.
    pub plan: String,
    /// The portal's own use.
    pub is_own_use: bool,
    /// Calls.
    pub requests: u64,
    /// Refused ones.
    pub denied: u64,
    /// The share of refused ones.
    pub share: Share,
}

/// How well one span was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its name in the page's addresses.
    pub name: &'static str,
    /// Its name in messages.
    pub title: &'static str,
    /// The share of answers that were no failure.
    pub availability: Share,
    /// Answered calls.
    pub requests: u64,
    /// By class.
    pub classes: Vec<ClassLine>,
    /// Refusals by plan.
    pub refusals: Vec<RefusalLine>,
}

/// How the ways of counting met for a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofLine {
    /// The day.
    pub day: Timestamp,
    /// When it was compared.
    pub checked_at: Timestamp,
    /// Counted over and equal, of all segments.
    pub proved: (u64, u64),
    /// Requests by recount.
    pub recounted: u64,
    /// Requests added to the sums.
    pub ledger: u64,
    /// Requests in the sums.
    pub summed: Option<u64>,
    /// Requests that owners are told.
    pub told: Option<u64>,
    /// By how many they differ.
    pub difference: u64,
}

/// The page.
#[derive(Debug, Clone)]
pub struct ServiceLevelPage {
    /// By span.
    pub windows: Vec<Window>,
    /// How fresh the catalogue is.
    pub harvests: HarvestFreshness,
    /// The last comparisons, newest day first.
    pub proofs: Vec<ProofLine>,
    /// By how many requests all compared days differ.
    pub difference: u64,
    /// Segments that cannot be read.
    pub quarantined: Vec<String>,
}

impl ServiceLevelPage {
    /// Sources that are harvested on a schedule.
    #[must_use]
    pub fn scheduled(&self) -> u64 {
        u64::try_from(self.harvests.scheduled).unwrap_or(0)
    }

    /// Those of them whose last good harvest is recent.
    #[must_use]
    pub fn fresh(&self) -> u64 {
        u64::try_from(self.harvests.fresh).unwrap_or(0)
    }
}

/// The template of [`ServiceLevelPage`].
#[derive(Debug, Template)]
#[template(path = "service_level/page.html")]
pub struct ServiceLevelPageView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ServiceLevelPage,
}

/// Shows how well the portal serves.
pub(crate) async fn show_service_level(visit: Visit) -> HttpResponse {
    let loaded = visit.read(load).await;
    visit.finish(Place::Transparency, loaded, |frame, page| {
        answer_page(StatusCode::OK, &ServiceLevelPageView { frame, page })
    })
}

fn load(tx: &mut Tx<'_>) -> Result<ServiceLevelPage, CatalogError> {
    let (levels, harvests) = usage::service_level(tx)?;
    let proofs = usage::list_reconciliations(tx, RECONCILIATIONS)?;
    let quarantined = usage::list_quarantined(tx, RECONCILIATIONS)?;
    Ok(ServiceLevelPage {
        windows: levels.into_iter().map(window).collect(),
        harvests,
        proofs: proofs.into_iter().filter(|known| known.node.is_empty()).map(proof).collect(),
        difference: whole(usage::total_difference(tx)?),
        quarantined: quarantined.into_iter().map(|known| format!("{}: {}", known.file, known.reason)).collect(),
    })
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn availability(totals: &UsageTotals) -> Share {
    Share(totals.availability_ppm())
}

fn window(level: ServiceLevel) -> Window {
    let title = match level.name {
        "24h" => "day",
        "7d" => "week",
        _ => "quarter",
    };
    Window {
        name: level.name,
        title,
        availability: availability(&level.total),
        requests: whole(level.total.requests),
        classes: level
            .classes
            .into_iter()
            .map(|line| ClassLine {
                is_own_use: line.is_own_use,
                requests: whole(line.totals.requests),
                availability: availability(&line.totals),
                latency: Latency::of(&line.totals),
                class: line.class,
            })
            .collect(),
        refusals: level
            .refusals
            .into_iter()
            .map(|line| RefusalLine {
                is_own_use: line.is_own_use,
                requests: whole(line.requests),
                denied: whole(line.denied),
                share: Share(line.denied.saturating_mul(1_000_000).checked_div(line.requests)),
                plan: line.plan,
            })
            .collect(),
    }
}

fn proof(known: Reconciliation) -> ProofLine {
    ProofLine {
        day: Timestamp::from_micros(0).plus_secs(known.day),
        checked_at: known.checked_at,
        proved: (whole(known.proved_segments), whole(known.segments)),
        recounted: whole(known.recounted_requests),
        ledger: whole(known.ledger_requests),
        summed: known.summed_requests.map(whole),
        told: known.told_requests.map(whole),
        difference: whole(known.difference),
    }
}
